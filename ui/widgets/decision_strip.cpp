#include "ui/widgets/decision_strip.h"

#include "ui/model/countdown.h"
#include "ui/model/plain.h"
#include "ui/widgets/deliberate_button.h"
#include "ui/widgets/plain_label.h"
#include "ui/widgets/theme.h"

#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLineEdit>

namespace ratdeck {

namespace {

constexpr int longestNote = 500;

DeliberateButton* addButton(QHBoxLayout& row, QWidget* parent, const char* name) {
  auto* button = new DeliberateButton(parent);
  button->setObjectName(QLatin1String(name));
  button->setLeastWidth(14 * step);
  row.addWidget(button);
  return button;
}

} // namespace

DecisionStrip::DecisionStrip(QWidget* parent) : QFrame(parent) {
  setAccessibleName(tr("Decision"));
  setFrameShape(QFrame::NoFrame);
  setAutoFillBackground(true);
  setBackgroundRole(QPalette::Button);
  build();
  showRequest();
}

void DecisionStrip::build() {
  auto* grid = new QGridLayout(this);
  grid->setContentsMargins(2 * step, step, 2 * step, step);
  grid->setVerticalSpacing(halfStep);
  grid->setHorizontalSpacing(2 * step);
  m_title = new PlainLabel(PlainLabel::Fit::Elide, this);
  m_title->setObjectName(QStringLiteral("decisionTitle"));
  m_countdown = new PlainLabel(PlainLabel::Fit::Elide, this);
  m_countdown->setObjectName(QStringLiteral("decisionCountdown"));
  m_next = new PlainLabel(PlainLabel::Fit::Elide, this);
  m_next->setObjectName(QStringLiteral("decisionNext"));
  m_context = new PlainLabel(PlainLabel::Fit::Elide, this);
  m_context->setMuted(true);
  m_note = new QLineEdit(this);
  m_note->setMaxLength(longestNote);
  m_note->setObjectName(QStringLiteral("decisionNote"));
  m_note->setAccessibleName(tr("Note or reason"));
  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(step);
  m_extendBy = new QComboBox(this);
  m_extendBy->setObjectName(QStringLiteral("extendBy"));
  m_extendBy->setAccessibleName(tr("How much longer to wait"));
  buttons->addWidget(m_extendBy);
  m_extend = addButton(*buttons, this, "extendDrain");
  m_end = addButton(*buttons, this, "endRuns");
  m_undo = addButton(*buttons, this, "undoDrain");
  m_reject = addButton(*buttons, this, "reject");
  m_approve = addButton(*buttons, this, "approve");
  grid->addWidget(m_title, 0, 0);
  grid->addWidget(m_countdown, 1, 0);
  grid->addWidget(m_next, 0, 1);
  grid->addWidget(m_context, 1, 1);
  grid->addWidget(m_note, 0, 2);
  grid->addLayout(buttons, 1, 2, Qt::AlignRight);
  grid->setColumnStretch(0, 3);
  grid->setColumnStretch(1, 4);
  grid->setColumnStretch(2, 3);
  // So that nothing below moves when a decision comes.
  grid->setRowMinimumHeight(0, m_note->sizeHint().height());
  grid->setRowMinimumHeight(1, m_approve->sizeHint().height());
  connect(m_note, &QLineEdit::textChanged, this, [this] { showButtons(); });
  connect(m_extendBy, &QComboBox::currentIndexChanged, this, [this] { showButtons(); });
  connect(m_approve, &DeliberateButton::meant, this,
          [this] { Q_EMIT approved(m_requests.front(), m_note->text()); });
  connect(m_reject, &DeliberateButton::meant, this,
          [this] { Q_EMIT rejected(m_requests.front(), m_note->text()); });
  const auto decide = [this](DeliberateButton* button, DeadlineAction decision) {
    connect(button, &DeliberateButton::meant, this, [this, decision] {
      Q_EMIT drainDecided(m_requests.front(), decision, m_note->text(), chosenExtension());
    });
  };
  decide(m_extend, DeadlineAction::Extend);
  decide(m_end, DeadlineAction::End);
  decide(m_undo, DeadlineAction::Undo);
}

namespace {

// What a decision is about: the note on it is kept for as long as this stays the same.
QString subjectOf(const DecisionRequest& request) {
  return QString::fromStdString(request.gate.value + "/" + request.planHash + "/" + request.service);
}

// What deciding it does: a request that differs in it is another one, whatever else it says.
QString meaningOf(const DecisionRequest& request) {
  return subjectOf(request) + request.title + request.next + request.runIds.join(QLatin1Char('/'));
}

template <class Text>
QString firstOf(const std::vector<DecisionRequest>& requests, Text text) {
  return requests.empty() ? QString() : text(requests.front());
}

} // namespace

void DecisionStrip::setRequests(const std::vector<DecisionRequest>& requests, Instant now,
                                const QString& idle, const QString& users, const QString& next) {
  const bool isOtherSubject = firstOf(requests, subjectOf) != firstOf(m_requests, subjectOf);
  const bool isOther = firstOf(requests, meaningOf) != firstOf(m_requests, meaningOf) || idle != m_idle ||
                       next != m_nextByItself || requests.size() != m_requests.size();
  m_requests = requests;
  m_users = users;
  m_idle = idle;
  if (isOtherSubject) {
    keepKeys();
    m_note->clear();
    showExtensions();
  }
  m_nextByItself = next;
  if (isOther)
    showRequest();
  showCountdown(now);
}

// What is typed as a request goes must not be typed at what comes next in the window.
void DecisionStrip::keepKeys() {
  if (isAncestorOf(window()->focusWidget()))
    m_requests.empty() ? setFocus() : m_note->setFocus();
}

// The plan's own first, then what people ask for.
void DecisionStrip::showExtensions() {
  const QSignalBlocker blocker(m_extendBy);
  m_extendBy->clear();
  if (m_requests.empty() || m_requests.front().kind != DecisionRequest::Kind::Drain)
    return;
  const auto own = m_requests.front().extensionTime;
  const auto add = [this](Duration time) {
    m_extendBy->addItem(durationText(time), QVariant::fromValue<qlonglong>(time.count()));
  };
  add(own);
  for (const Duration time :
       {Duration(std::chrono::minutes(5)), Duration(std::chrono::minutes(10)),
        Duration(std::chrono::minutes(30)), Duration(std::chrono::hours(1)), Duration(std::chrono::hours(4))})
    if (time != own)
      add(time);
}

Duration DecisionStrip::chosenExtension() const {
  return Duration(m_extendBy->currentData().toLongLong());
}

bool DecisionStrip::hasReason() const {
  return !m_note->text().trimmed().isEmpty();
}

void DecisionStrip::showRequest() {
  const bool isAsked = !m_requests.empty();
  m_note->setVisible(isAsked);
  static_cast<QGridLayout*>(layout())->setColumnStretch(2, isAsked ? 3 : 0); // else words have its room
  m_title->setBold(isAsked);
  m_title->setMuted(!isAsked);
  setBackgroundRole(isAsked ? QPalette::Midlight : QPalette::Window);
  if (!isAsked) {
    m_title->setPlain(m_idle);
    m_next->setPlain(m_nextByItself);
    m_context->setPlain({});
    m_countdown->setPlain({});
    return showButtons();
  }
  const auto& request = m_requests.front();
  const auto more = m_requests.size() > 1 ? tr(" (1 of %1)").arg(m_requests.size()) : QString();
  m_title->setPlain(request.title + more);
  const bool isApproval = request.kind == DecisionRequest::Kind::Approval;
  m_note->setPlaceholderText(request.needsReason ? tr("Type a reason first, to go on or to reject")
                             : isApproval        ? tr("A note is optional; to reject, type a reason first")
                                                 : tr("Type a reason first, to end runs or to undo"));
  showButtons();
}

void DecisionStrip::showCountdown(Instant now) {
  if (m_requests.empty())
    return;
  const auto& request = m_requests.front();
  const auto left = countdownText(request.until, request.then, now);
  m_countdown->setPlain(tr("waiting %1 · %2")
                            .arg(durationText(now.boot - request.since.boot),
                                 left.isEmpty() ? tr("until somebody decides") : tr("in %1").arg(left)));
  const bool isApproval = request.kind == DecisionRequest::Kind::Approval;
  const auto next = tr("Next: %1").arg(request.next);
  m_next->setPlain(isApproval ? next : request.runs.join(QStringLiteral(", "))); // with ages
  m_context->setPlain(
      isApproval
          ? tr("%1 · changed so far: %2 · started by %3").arg(m_users, request.changed, request.startedBy)
          : next);
  m_context->setMuted(isApproval);
}

void DecisionStrip::showButtons() {
  const bool isAsked = !m_requests.empty();
  const bool isApproval = isAsked && m_requests.front().kind == DecisionRequest::Kind::Approval;
  const bool isDrain = isAsked && !isApproval;
  for (auto* button : {m_approve, m_reject})
    button->setVisible(isApproval);
  for (auto* button : {m_extend, m_end, m_undo})
    button->setVisible(isDrain);
  m_extendBy->setVisible(isDrain);
  if (!isAsked)
    return;
  const auto& request = m_requests.front();
  const auto meaning = meaningOf(request);
  m_approve->setMeaning(tr("Approve"), meaning);
  m_reject->setMeaning(tr("Reject and undo"), meaning);
  m_extend->setMeaning(tr("Wait +%1").arg(m_extendBy->currentText()), meaning + m_extendBy->currentText());
  m_end->setMeaning(request.activeRuns < 0    ? tr("End the runs now, number not known")
                    : request.activeRuns == 1 ? tr("End this run now")
                                              : tr("End these %1 runs now").arg(request.activeRuns),
                    meaning);
  m_undo->setMeaning(tr("Keep the old one, undo"), meaning);
  // While the note is empty, its place says the same.
  const auto refusal = hasReason() ? QString() : tr("A reason is needed: type it above");
  for (auto* button : {m_reject, m_end, m_undo})
    button->setRefusal(refusal);
  m_approve->setRefusal(request.needsReason ? refusal : QString());
}

void DecisionStrip::focusRequest() {
  if (!m_requests.empty())
    m_note->setFocus(Qt::ShortcutFocusReason);
}

void DecisionStrip::approve() {
  m_approve->press();
}

} // namespace ratdeck
