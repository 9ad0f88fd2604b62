#include "ui/widgets/target_band.h"

#include "ui/model/plain.h"
#include "ui/widgets/deliberate_button.h"
#include "ui/widgets/plain_label.h"
#include "ui/widgets/theme.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QPushButton>

namespace ratdeck {

TargetBand::TargetBand(QWidget* parent) : QFrame(parent) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(2 * step, step, 2 * step, step);
  row->setSpacing(step);
  m_word = new PlainLabel(PlainLabel::Fit::Wrap, this);
  m_word->setWordWrap(false);
  m_word->setBold(true);
  m_word->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
  m_word->setContentsMargins(step, 0, step, 0);
  m_word->setMaximumWidth(24 * step);
  m_title = new PlainLabel(PlainLabel::Fit::Elide, this);
  m_title->setBold(true);
  m_plan = new QPushButton(tr("Plan…"), this);
  m_holdButton = new DeliberateButton(this);
  m_undoButton = new DeliberateButton(this);
  m_done = new QPushButton(tr("Show what runs now"), this);
  m_plan->setObjectName(QStringLiteral("openPlan"));
  m_holdButton->setObjectName(QStringLiteral("holdButton"));
  m_undoButton->setObjectName(QStringLiteral("undoButton"));
  m_done->setObjectName(QStringLiteral("doneButton"));
  m_plan->setMinimumWidth(12 * step);
  m_done->setMinimumWidth(20 * step);
  m_holdButton->setLeastWidth(12 * step);
  m_undoButton->setLeastWidth(44 * step);
  m_refusal = new PlainLabel(PlainLabel::Fit::Elide, this);
  m_refusal->setObjectName(QStringLiteral("bandRefusal"));
  m_refusal->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
  m_refusal->setMuted(true);
  row->addWidget(m_word);
  row->addWidget(m_title, 1);
  row->addWidget(m_refusal, 1);
  row->addWidget(m_plan);
  row->addWidget(m_done);
  row->addWidget(m_holdButton);
  row->addWidget(m_undoButton);
  buildUnfinished(*row);
  for (auto* button : {m_plan, m_done, m_inspect, m_undoUnfinished})
    button->setAutoDefault(false);
  connect(m_plan, &QPushButton::clicked, this, &TargetBand::planWanted);
  connect(m_done, &QPushButton::clicked, this, &TargetBand::endSeen);
  connect(m_holdButton, &DeliberateButton::meant, this, [this] { Q_EMIT verbMeant(m_hold); });
  connect(m_undoButton, &DeliberateButton::meant, this, [this] {
    if (m_mode == ConsoleMode::Live)
      Q_EMIT verbMeant(m_undo);
    else
      Q_EMIT rollBackWanted();
  });
}

void TargetBand::buildUnfinished(QHBoxLayout& row) {
  m_inspect = new QPushButton(tr("Inspect"), this);
  m_undoUnfinished = new QPushButton(tr("Undo it…"), this);
  m_resume = new DeliberateButton(this);
  m_inspect->setObjectName(QStringLiteral("inspectButton"));
  m_undoUnfinished->setObjectName(QStringLiteral("undoUnfinishedButton"));
  m_resume->setObjectName(QStringLiteral("resumeButton"));
  m_inspect->setToolTip(plainToolTip(tr("Shows what its journal tells; nothing is changed")));
  m_inspect->setMinimumWidth(12 * step);
  m_undoUnfinished->setMinimumWidth(12 * step);
  m_resume->setLeastWidth(30 * step);
  for (QWidget* button : std::initializer_list<QWidget*>{m_inspect, m_resume, m_undoUnfinished})
    row.addWidget(button);
  connect(m_inspect, &QPushButton::clicked, this, &TargetBand::inspectWanted);
  connect(m_undoUnfinished, &QPushButton::clicked, this, &TargetBand::undoUnfinishedWanted);
  connect(m_resume, &DeliberateButton::meant, this, &TargetBand::resumeWanted);
}

void TargetBand::setView(const ConsoleView& view) {
  m_mode = view.mode;
  m_word->setPlain(view.band);
  m_word->setVisible(!view.band.isEmpty());
  m_title->setPlain(view.title);
  if (view.band != m_band) {
    m_band = view.band;
    update();
  }
  showVerbs(view);
}

void TargetBand::showVerbs(const ConsoleView& view) {
  const bool isLive = view.mode == ConsoleMode::Live;
  const bool isQuiet = view.mode == ConsoleMode::Idle || view.mode == ConsoleMode::Ended;
  // It comes before any plan.
  const bool isLeft = view.hasUnfinished && isQuiet && !view.isOver;
  m_inspect->setVisible(isLeft && view.mode == ConsoleMode::Idle);
  m_undoUnfinished->setVisible(isLeft && view.canChange);
  m_resume->setVisible(isLeft && view.canChange);
  m_undoUnfinished->setText(view.undoUnfinished.isEmpty()
                                ? tr("Undo it…")
                                : tr("Undo it… · %1").arg(onButton(view.undoUnfinished)));
  m_resume->setMeaning(tr("Resume · goes on where it stopped"), QStringLiteral("resume"));
  m_plan->setVisible(!isLive && view.canChange && !isLeft);
  m_plan->setEnabled(isQuiet);
  m_done->setVisible(view.mode == ConsoleMode::Ended);
  m_holdButton->setVisible(isLive && view.canChange);
  m_undoButton->setVisible((isLive || isQuiet) && view.canChange && !isLeft);
  m_hold = view.hold;
  m_undo = view.undo;
  if (isLive) {
    m_holdButton->setMeaning(view.hold.label,
                             view.hold.label + view.rollout); // a second click is no Continue
    m_holdButton->setRefusal(view.hold.refusal);
    if (view.hold.isPossible)
      m_holdButton->setToolTip(plainToolTip(view.hold.consequence));
    m_undoButton->setMeaning(view.undo.label + QStringLiteral(" · ") + view.undo.consequence,
                             QStringLiteral("undo ") + view.rollout);
    m_undoButton->setRefusal(view.undo.refusal);
  } else {
    const auto label = view.rollBackTo.isEmpty()
                           ? tr("Roll back… · shows the plan first")
                           : tr("Roll back to %1… · shows the plan first").arg(view.rollBackTo);
    m_undoButton->setMeaning(label, QStringLiteral("roll back"));
    m_undoButton->setRefusal({});
  }
  showRefusal(view);
}

// The first reason why a button is grey, where eyes are.
void TargetBand::showRefusal(const ConsoleView& view) {
  QString refusal;
  if (view.canChange && view.mode == ConsoleMode::Preparing)
    refusal = tr("a rollout is about to begin");
  if (view.canChange && view.mode == ConsoleMode::Live)
    refusal = view.hold.isPossible ? view.undo.refusal : view.hold.refusal;
  m_refusal->setPlain(refusal);
  m_refusal->setVisible(!refusal.isEmpty());
  m_plan->setAccessibleDescription(refusal);
}

QWidget& TargetBand::planButton() {
  return *m_plan;
}

QWidget& TargetBand::holdButton() {
  return *m_holdButton;
}

QWidget& TargetBand::undoButton() {
  return *m_undoButton;
}

void TargetBand::focusUndo() {
  m_undoButton->setFocus(Qt::ShortcutFocusReason);
}

void TargetBand::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const auto theme = themeOf(palette());
  painter.fillRect(rect(), theme.raised);
  painter.fillRect(QRect(0, 0, width(), halfStep), targetColor(theme, m_band));
  if (!m_word->isVisible())
    return;
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(targetColor(theme, m_band));
  painter.drawRoundedRect(QRectF(m_word->geometry()).adjusted(0, -2, 0, 2), halfStep, halfStep);
  auto words = m_word->palette();
  if (words.color(QPalette::WindowText) != Qt::white) {
    words.setColor(QPalette::WindowText, Qt::white);
    m_word->setPalette(words);
  }
}

} // namespace ratdeck
