#include "ui/pages/plan_page.h"

#include "ui/model/plain.h"
#include "ui/model/start_offer.h"
#include "ui/pages/page_notice.h"
#include "ui/pages/plan_form.h"
#include "ui/pages/plan_view.h"
#include "ui/pages/start_bar.h"
#include "ui/widgets/plain_label.h"
#include "ui/widgets/status_label.h"
#include "ui/widgets/theme.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPainter>
#include <QPushButton>
#include <QSplitter>
#include <QVBoxLayout>

namespace ratdeck {

namespace {

constexpr int formWidth = 48 * step;

} // namespace

PlanPage::PlanPage(QWidget* parent) : QWidget(parent) {
  build();
  connect(m_back, &QPushButton::clicked, this, &PlanPage::closed);
  connect(m_form, &PlanForm::changed, this, &PlanPage::refresh);
  connect(m_form, &PlanForm::planWanted, this, &PlanPage::ask);
  connect(m_start, &StartBar::carryOutWanted, this, &PlanPage::start);
  connect(m_notice, &PageNotice::cancelWanted, this, &PlanPage::cancel);
  refresh();
}

void PlanPage::build() {
  setObjectName(QStringLiteral("planPage"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(2 * step, step, 2 * step, 2 * step);
  column->setSpacing(step);
  m_back = new QPushButton(tr("Back"), this);
  m_back->setObjectName(QStringLiteral("backButton"));
  m_back->setToolTip(plainToolTip(tr("Back to what runs now (Esc); nothing was changed")));
  m_back->setAutoDefault(false);
  m_title = new PlainLabel(PlainLabel::Fit::Elide, this);
  m_title->setBold(true);
  auto* head = new QHBoxLayout;
  head->setSpacing(2 * step);
  head->addWidget(m_back);
  m_users = new StatusLabel(1.0, this);
  m_users->setObjectName(QStringLiteral("usersMeanwhile"));
  head->addWidget(m_title, 3);
  head->addWidget(m_users, 2);
  auto* parts = new QSplitter(Qt::Horizontal, this);
  parts->setChildrenCollapsible(false);
  parts->setHandleWidth(2 * step);
  m_form = new PlanForm(parts);
  m_form->setMinimumWidth(formWidth);
  parts->addWidget(buildRight());
  parts->setStretchFactor(0, 0);
  parts->setStretchFactor(1, 1);
  parts->setSizes({formWidth, 2 * formWidth});
  column->addLayout(head);
  column->addWidget(parts, 1);
}

QWidget* PlanPage::buildRight() {
  auto* right = new QWidget;
  auto* column = new QVBoxLayout(right);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(step);
  m_notice = new PageNotice(right);
  m_view = new PlanView(right);
  m_start = new StartBar(right);
  column->addWidget(m_notice);
  column->addWidget(m_view, 1);
  column->addWidget(m_start);
  return right;
}

void PlanPage::setTarget(const TargetFacts& target) {
  const bool isAnother = m_choice != target.choice;
  m_choice = target.choice;
  m_band = bandOf(target);
  m_title->setPlain(tr("Plan a change on %1").arg(targetText(target, target.stack.project)));
  m_start->setTarget(target);
  dropPlan();
  if (isAnother)
    m_form->setTarget(target);
  refresh();
}

void PlanPage::setStack(const StackFacts& stack) {
  m_form->setStack(stack);
}

void PlanPage::setReadOnly(bool isReadOnly) {
  m_isReadOnly = isReadOnly;
  refresh();
}

void PlanPage::setUtc(bool isUtc) {
  m_form->setUtc(isUtc);
}

void PlanPage::setUsers(const StatusLine& users) {
  m_users->setLine(users);
}

void PlanPage::begin(PlanKind kind) {
  dropPlan();
  m_failure.reset();
  m_start->reset();
  m_form->setKind(kind);
  m_form->focusForm();
  refresh();
}

void PlanPage::dropPlan() {
  m_view->setPlan(nullptr);
  m_start->setPlan(nullptr);
  m_facts.reset();
  m_busy.clear();
  m_isStarting = m_isCancelling = false;
}

void PlanPage::plan() {
  m_form->plan();
}

void PlanPage::ask(const PlanWish& wish) {
  m_isStarting = false;
  m_start->offerTakeOver(false);
  showBusy(tr("planning…"));
  Q_EMIT planWanted(wish);
}

void PlanPage::start(const StartWish& wish) {
  m_isStarting = true;
  showBusy(tr("starting…"));
  Q_EMIT carryOutWanted(wish);
}

void PlanPage::cancel() {
  if (m_busy.isEmpty() || m_isCancelling)
    return;
  showBusy(tr("cancelling…"));
  m_isCancelling = true;
  refresh();
  Q_EMIT cancelWanted();
}

void PlanPage::showPlan(const PlanFacts& facts) {
  m_busy.clear();
  m_failure.reset();
  m_isStarting = m_isCancelling = false;
  m_start->setPlan(nullptr);
  m_facts = facts;
  m_form->addServicesOf(facts.plan);
  m_view->setPlan(&*m_facts);
  m_start->setPlan(&*m_facts);
  refresh();
}

void PlanPage::showPreparing(const QString& step) {
  m_isStarting = true;
  showBusy(step);
}

void PlanPage::showBusy(const QString& what) {
  if (m_isCancelling) // its last words
    return;
  m_busy = what;
  m_failure.reset();
  refresh();
}

void PlanPage::showFailure(const Error& error) {
  const bool wasStart = m_isStarting;
  if (!wasStart)
    dropPlan();
  m_busy.clear();
  m_isCancelling = false;
  m_failure = error;
  const bool mayBeHeld = error.kind == ErrorKind::Refused || error.kind == ErrorKind::Conflict;
  m_start->offerTakeOver(wasStart && mayBeHeld);
  refresh();
  m_isStarting = false;
}

void PlanPage::refresh() {
  StartCircumstances circumstances;
  circumstances.busy = m_isStarting && !m_busy.isEmpty() ? tr("it begins by itself") : m_busy;
  circumstances.isReadOnly = m_isReadOnly;
  circumstances.isOutOfDate = m_facts && m_facts->wish != m_form->wish();
  if (!m_busy.isEmpty() && m_isStarting)
    m_notice->say({Mood::Running, tr("Making ready"),
                   tr("%1 · then the rollout begins by itself; nothing has been changed yet").arg(m_busy)});
  else if (!m_busy.isEmpty())
    m_notice->say({Mood::Running, tr("Working"), m_busy});
  else if (m_failure && m_failure->kind == ErrorKind::Cancelled)
    m_notice->say({Mood::Idle, tr("Cancelled"), tr("no service was changed")});
  else if (m_failure)
    m_notice->showFailure(m_isStarting ? tr("It was not started") : tr("There is no plan"), *m_failure);
  else if (circumstances.isOutOfDate)
    m_notice->say({Mood::Caution, tr("Out of date"), tr("the form changed: plan again")});
  else
    m_notice->clear();
  m_notice->offerCancel(!m_busy.isEmpty() && !m_isCancelling);
  m_form->setBusy(m_busy);
  m_form->setEnabled(m_busy.isEmpty() || !m_isStarting);
  m_start->setCircumstances(circumstances);
}

void PlanPage::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(QRect(0, 0, width(), halfStep), targetColor(themeOf(palette()), m_band));
}

void PlanPage::keyPressEvent(QKeyEvent* event) {
  if (event->matches(QKeySequence::Cancel))
    m_busy.isEmpty() ? Q_EMIT closed() : cancel();
  else
    QWidget::keyPressEvent(event);
}

} // namespace ratdeck
