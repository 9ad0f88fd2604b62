#include "ui/pages/plan_view.h"

#include "ui/model/plain.h"
#include "ui/model/plan_rows.h"
#include "ui/model/plan_summary.h"
#include "ui/pages/plan_tree.h"
#include "ui/pages/problem_list.h"
#include "ui/widgets/plain_label.h"
#include "ui/widgets/status_label.h"
#include "ui/widgets/theme.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QSplitter>
#include <QVBoxLayout>

namespace ratdeck {

namespace {

constexpr int shownHash = 12; // characters

bool hasProblems(const PlanFacts& facts) {
  return !facts.plan.problems.empty() || !facts.plan.baseline.empty() || !facts.warnings.empty();
}

} // namespace

PlanView::PlanView(QWidget* parent) : QWidget(parent) {
  build();
  setPlan(nullptr);
}

void PlanView::build() {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(halfStep);
  m_title = new PlainLabel(PlainLabel::Fit::Elide, this);
  m_title->setObjectName(QStringLiteral("planTitle"));
  auto font = m_title->font();
  font.setPointSizeF(font.pointSizeF() * 1.3);
  m_title->setFont(font);
  m_title->setBold(true);
  m_hash = new PlainLabel(PlainLabel::Fit::Elide, this);
  m_hash->setObjectName(QStringLiteral("planHash"));
  m_hash->setMuted(true);
  m_hash->setMonospace();
  m_hash->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  m_users = new StatusLabel(1.0, this);
  m_users->setObjectName(QStringLiteral("planUsers"));
  m_steps = new QCheckBox(tr("Show every step"), this);
  m_steps->setObjectName(QStringLiteral("showSteps"));
  auto* head = new QHBoxLayout;
  head->setSpacing(2 * step);
  head->addWidget(m_title, 1);
  head->addWidget(m_hash);
  auto* below = new QHBoxLayout;
  below->setSpacing(2 * step);
  below->addWidget(m_users, 1);
  below->addWidget(m_steps);
  m_empty = new PlainLabel(PlainLabel::Fit::Wrap, this);
  m_empty->setMuted(true);
  m_empty->setAlignment(Qt::AlignCenter);
  m_empty->setPlain(tr("No plan yet. Plan shows what would change, in which order, with which gates and "
                       "problems. It changes nothing."));
  m_parts = new QSplitter(Qt::Vertical, this);
  m_parts->setChildrenCollapsible(false);
  m_tree = new PlanTree(m_parts);
  m_problems = new ProblemList(m_parts);
  m_parts->setStretchFactor(0, 3);
  m_parts->setStretchFactor(1, 2);
  column->addLayout(head);
  column->addLayout(below);
  column->addWidget(m_parts, 1);
  column->addWidget(m_empty, 1);
  connect(m_steps, &QCheckBox::toggled, m_tree, &PlanTree::setShowsSteps);
}

void PlanView::setPlan(const PlanFacts* facts) {
  for (QWidget* part : std::initializer_list<QWidget*>{m_title, m_hash, m_users, m_parts})
    part->setVisible(facts);
  m_empty->setVisible(!facts);
  m_steps->setVisible(facts && !facts->plan.isEmpty());
  m_problems->setPlan(facts);
  m_problems->setVisible(facts && hasProblems(*facts));
  m_tree->setRows(facts ? planRows(facts->plan) : std::vector<PlanRow>());
  if (!facts)
    return;
  m_title->setPlain(planTitle(facts->plan));
  m_hash->setPlain(tr("plan %1").arg(plain(facts->plan.hash.substr(0, shownHash))));
  m_users->setLine(usersLine(facts->plan));
}

} // namespace ratdeck
