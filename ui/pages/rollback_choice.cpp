#include "ui/pages/rollback_choice.h"

#include "ui/model/countdown.h"
#include "ui/model/plain.h"
#include "ui/model/plan_summary.h"
#include "ui/widgets/plain_label.h"
#include "ui/widgets/theme.h"

#include <QComboBox>
#include <QRadioButton>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <algorithm>

namespace ratdeck {

namespace {

const QString separator = QStringLiteral(" · ");

QStringList changesOf(const PastFacts& past) {
  QStringList changes;
  for (const auto& change : past.changes)
    changes << plain(change, 200);
  return changes;
}

// "Tue 12 Nov 03:14 CET · ratd 2.3.0 → 2.4.0 and 2 more"
QString lineOf(const PastFacts& past, bool isUtc) {
  const auto changes = changesOf(past);
  return dateText(past.started, isUtc) + separator +
         (changes.isEmpty() ? RollbackChoice::tr("no change") : listed(changes, 1));
}

QString wholeOf(const PastFacts& past, bool isUtc) {
  QStringList parts{
      dateText(past.started, isUtc),
      listed(changesOf(past), 12),
      plain(past.result, 200),
      past.actor.empty() ? QString() : RollbackChoice::tr("by %1").arg(plain(past.actor, 200)),
      past.windowOverride.empty()
          ? QString()
          : RollbackChoice::tr("begun outside its window: %1").arg(plain(past.windowOverride, 200)),
      plain(past.rollout, 200)};
  parts.removeAll(QString());
  return parts.join(separator);
}

// A try has changed nothing that could be undone.
std::vector<PastFacts> undoable(const std::vector<PastFacts>& past) {
  std::vector<PastFacts> kept;
  std::copy_if(past.begin(), past.end(), std::back_inserter(kept),
               [](const PastFacts& one) { return !one.isTry; });
  return kept;
}

bool isRunning(const World& world, int revision) {
  return std::any_of(world.instances.begin(), world.instances.end(), [&](const InstanceInfo& copy) {
    return copy.state == InstanceState::Running && copy.revision == revision;
  });
}

// Fills the box anew only where it would say something else; `usual` is chosen where nothing was.
void refill(QComboBox& box, const QStringList& texts, const QVariantList& values, int usual = 0) {
  bool isSame = box.count() == texts.size();
  for (int i = 0; isSame && i < box.count(); ++i)
    isSame = box.itemText(i) == texts[i] && box.itemData(i) == values[i];
  if (isSame)
    return;
  const auto chosen = box.currentData();
  QSignalBlocker quiet(&box);
  box.clear();
  for (int i = 0; i < texts.size(); ++i)
    box.addItem(texts[i], values[i]);
  const int again = chosen.isValid() ? box.findData(chosen) : -1;
  box.setCurrentIndex(again >= 0 ? again : usual);
}

QComboBox* newBox(QWidget* parent, const QString& name) {
  auto* box = new QComboBox(parent);
  box->setAccessibleName(name);
  box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  box->setMinimumContentsLength(12);
  box->setMaxVisibleItems(12);
  return box;
}

PlainLabel* newText(QWidget* parent) {
  auto* text = new PlainLabel(PlainLabel::Fit::Wrap, parent);
  text->setMuted(true);
  text->setContentsMargins(3 * step, 0, 0, step);
  return text;
}

} // namespace

RollbackChoice::RollbackChoice(QWidget* parent) : QWidget(parent) {
  build();
  showStack();
  for (auto* button : {m_last, m_past, m_revision})
    connect(button, &QRadioButton::toggled, this, [this](bool isChecked) {
      if (isChecked)
        showChoice();
    });
  for (auto* box : {m_pastList, m_revisionList})
    connect(box, &QComboBox::currentIndexChanged, this, [this] { showChoice(); });
}

void RollbackChoice::build() {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(halfStep);
  auto* title = new PlainLabel(PlainLabel::Fit::Elide, this);
  title->setPlain(tr("Go back to"));
  title->setBold(true);
  m_last = new QRadioButton(tr("Before the last change"), this);
  m_past = new QRadioButton(tr("Before a past rollout"), this);
  m_revision = new QRadioButton(tr("A revision"), this);
  m_last->setChecked(true);
  m_lastText = newText(this);
  m_pastText = newText(this);
  m_pastList = newBox(this, tr("Past rollout to undo"));
  m_revisionList = newBox(this, tr("Revision to go back to"));
  m_pastList->setObjectName(QStringLiteral("pastRollouts"));
  m_revisionList->setObjectName(QStringLiteral("revisions"));
  m_pastList->setPlaceholderText(tr("no rollout that can be undone is recorded"));
  m_revisionList->setPlaceholderText(tr("no revision is kept"));
  for (QWidget* part : std::initializer_list<QWidget*>{title, m_last, m_lastText, m_past, m_pastList,
                                                       m_pastText, m_revision, m_revisionList})
    column->addWidget(part);
  column->addStretch(1);
}

void RollbackChoice::setStack(const StackFacts& stack) {
  PlanWish before, after;
  fill(before);
  m_stack = stack;
  showStack();
  fill(after);
  if (before != after)
    Q_EMIT changed();
}

void RollbackChoice::setUtc(bool isUtc) {
  m_isUtc = isUtc;
  showStack();
}

void RollbackChoice::showStack() {
  QStringList texts;
  QVariantList values;
  for (const auto& past : undoable(m_stack.past)) {
    texts << lineOf(past, m_isUtc);
    values << QString::fromStdString(past.rollout);
  }
  refill(*m_pastList, texts, values);
  texts.clear();
  values.clear();
  int usual = -1; // the newest that does not run already
  for (auto revision = m_stack.revisions.rbegin(); revision != m_stack.revisions.rend(); ++revision) {
    const bool runs = isRunning(m_stack.world, *revision);
    if (!runs && usual < 0)
      usual = static_cast<int>(texts.size());
    texts << (runs ? tr("revision %1, which runs now").arg(*revision) : tr("revision %1").arg(*revision));
    values << *revision;
  }
  refill(*m_revisionList, texts, values, std::max(0, usual));
  m_lastText->setPlain(m_stack.lastChange ? wholeOf(*m_stack.lastChange, m_isUtc)
                                          : tr("no change is recorded here"));
  const bool hasPast = m_pastList->count() > 0, hasRevisions = m_revisionList->count() > 0;
  if ((m_past->isChecked() && !hasPast) || (m_revision->isChecked() && !hasRevisions))
    m_last->setChecked(true);
  m_past->setEnabled(hasPast);
  m_revision->setEnabled(hasRevisions);
  showChoice();
}

void RollbackChoice::showChoice() {
  m_pastList->setEnabled(m_past->isChecked());
  m_revisionList->setEnabled(m_revision->isChecked());
  const auto past = undoable(m_stack.past);
  const int row = m_pastList->currentIndex();
  const bool isShown = m_past->isChecked() && row >= 0 && row < static_cast<int>(past.size());
  m_pastText->setPlain(isShown ? wholeOf(past[static_cast<size_t>(row)], m_isUtc) : QString());
  m_pastText->setVisible(isShown);
  Q_EMIT changed();
}

void RollbackChoice::fill(PlanWish& wish) const {
  wish.rollout.clear();
  wish.revision.reset();
  if (m_past->isChecked())
    wish.rollout = m_pastList->currentData().toString().toStdString();
  if (m_revision->isChecked() && m_revisionList->currentIndex() >= 0)
    wish.revision = m_revisionList->currentData().toInt();
}

} // namespace ratdeck
