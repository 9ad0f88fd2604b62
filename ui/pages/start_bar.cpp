#include "ui/pages/start_bar.h"

#include "core/base/plain_text.h"
#include "core/rollout/past_schema.h"
#include "ui/model/plain.h"
#include "ui/model/plan_summary.h"
#include "ui/widgets/deliberate_button.h"
#include "ui/widgets/plain_label.h"
#include "ui/widgets/theme.h"

#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QFontDatabase>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace ratdeck {

namespace {

constexpr int longestReason = 200;     // characters
constexpr int widestLabel = 76 * step; // of the start button
constexpr int mostNamed = 8;

QHBoxLayout* newRow(QWidget* parent) {
  auto* row = new QHBoxLayout(parent);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(step);
  return row;
}

PlainLabel* newCaption(QWidget* parent, const QString& text) {
  auto* caption = new PlainLabel(PlainLabel::Fit::Elide, parent);
  caption->setBold(true);
  caption->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  caption->setPlain(text);
  return caption;
}

// Between commas or blanks.
std::set<std::string> namedIn(const QString& text, const PlanFacts* facts) {
  std::set<std::string> named;
  if (facts)
    for (const auto& version : facts->plan.pastSchema)
      if (isNamedIn(text.toStdString(), version))
        named.insert(version);
  return named;
}

} // namespace

StartBar::StartBar(QWidget* parent) : QFrame(parent) {
  build();
  connect(m_start, &DeliberateButton::meant, this, [this] { Q_EMIT carryOutWanted(wish()); });
  connect(m_copy, &QPushButton::clicked, this, &StartBar::copyCommand);
  connect(m_approve, &QComboBox::currentIndexChanged, this, [this] { showStart(); });
  connect(m_accept, &QCheckBox::toggled, this, [this] { showStart(); });
  connect(m_override, &QLineEdit::textChanged, this, [this] { showStart(); });
  connect(m_takeOver, &QCheckBox::toggled, this, [this] { showStart(); });
  connect(m_typedPast, &QLineEdit::textChanged, this, [this] { showStart(); });
  reset();
  showPlan();
}

void StartBar::build() {
  setAutoFillBackground(true);
  setBackgroundRole(QPalette::Button);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(step, step, step, step);
  column->setSpacing(step);
  column->addWidget(buildApprovals());
  column->addWidget(buildAcceptance());
  column->addWidget(buildPastSchema());
  column->addWidget(buildOverride());
  m_takeOver = new QCheckBox(
      tr("Take the stack over from a console that has given no sign of life for a minute"), this);
  m_takeOver->setObjectName(QStringLiteral("takeOver"));
  column->addWidget(m_takeOver);
  column->addLayout(buildCommand());
  column->addLayout(buildStart());
}

QWidget* StartBar::buildApprovals() {
  m_approvalPart = new QWidget(this);
  auto* row = newRow(m_approvalPart);
  m_approvals = new PlainLabel(PlainLabel::Fit::Wrap, m_approvalPart);
  m_approvals->setObjectName(QStringLiteral("approvals"));
  m_approve = new QComboBox(m_approvalPart);
  m_approve->setObjectName(QStringLiteral("approve"));
  m_approve->setAccessibleName(tr("Who grants the approvals"));
  m_approve->addItem(tr("Ask me"), QStringLiteral("ask"));
  m_approve->addItem(tr("Grant all automatically"), QStringLiteral("auto"));
  m_approve->addItem(tr("Wait for somebody else"), QStringLiteral("wait"));
  row->addWidget(newCaption(m_approvalPart, tr("Approvals")));
  row->addWidget(m_approvals, 1);
  row->addWidget(m_approve);
  return m_approvalPart;
}

QWidget* StartBar::buildAcceptance() {
  m_awayPart = new QWidget(this);
  auto* row = newRow(m_awayPart);
  m_accept = new QCheckBox(tr("Start although users will miss:"), m_awayPart);
  m_accept->setObjectName(QStringLiteral("acceptAway"));
  m_away = new PlainLabel(PlainLabel::Fit::Wrap, m_awayPart);
  m_away->setObjectName(QStringLiteral("away"));
  row->addWidget(m_accept);
  row->addWidget(m_away, 1);
  return m_awayPart;
}

QWidget* StartBar::buildPastSchema() {
  m_pastPart = new QWidget(this);
  auto* row = newRow(m_pastPart);
  m_past = new PlainLabel(PlainLabel::Fit::Wrap, m_pastPart);
  m_past->setObjectName(QStringLiteral("pastSchema"));
  m_typedPast = new QLineEdit(m_pastPart);
  m_typedPast->setObjectName(QStringLiteral("typedPastSchema"));
  m_typedPast->setAccessibleName(tr("The schema versions that stay"));
  m_typedPast->setPlaceholderText(tr("type them to go back past them"));
  row->addWidget(newCaption(m_pastPart, tr("Schema that stays")));
  row->addWidget(m_past, 1);
  row->addWidget(m_typedPast, 1);
  return m_pastPart;
}

// Outside the stack's windows or in a freeze: what stands against it, and why it is to begin all the same.
QWidget* StartBar::buildOverride() {
  m_overridePart = new QWidget(this);
  auto* column = new QVBoxLayout(m_overridePart);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(halfStep);
  m_closed = new PlainLabel(PlainLabel::Fit::Wrap, m_overridePart);
  m_closed->setObjectName(QStringLiteral("closed"));
  auto* row = newRow(nullptr);
  m_override = new QLineEdit(m_overridePart);
  m_override->setObjectName(QStringLiteral("overrideReason"));
  m_override->setAccessibleName(tr("Why it is to begin now"));
  m_override->setPlaceholderText(tr("the reason; it stands in the journal and in the history"));
  m_override->setMaxLength(longestReason);
  row->addWidget(newCaption(m_overridePart, tr("Begin now because")));
  row->addWidget(m_override, 1);
  column->addWidget(m_closed);
  column->addLayout(row);
  return m_overridePart;
}

QHBoxLayout* StartBar::buildCommand() {
  auto* row = newRow(nullptr);
  m_reason = new QLineEdit(this);
  m_reason->setObjectName(QStringLiteral("reason"));
  m_reason->setAccessibleName(tr("Change number"));
  m_reason->setMaxLength(longestReason);
  m_reason->setFixedWidth(16 * step);
  m_reason->setPlaceholderText(tr("optional"));
  m_commandText = new QLineEdit(this);
  m_commandText->setObjectName(QStringLiteral("command"));
  m_commandText->setAccessibleName(tr("The command that does the same"));
  m_commandText->setReadOnly(true);
  m_commandText->setPlaceholderText(tr("ratdeckctl …"));
  m_commandText->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
  m_copy = new QPushButton(tr("Copy as command"), this);
  m_copy->setObjectName(QStringLiteral("copyCommand"));
  m_copy->setMinimumWidth(17 * step);
  m_copy->setAutoDefault(false);
  row->addWidget(newCaption(this, tr("Change number")));
  row->addWidget(m_reason);
  row->addSpacing(step);
  row->addWidget(m_commandText, 1);
  row->addWidget(m_copy);
  return row;
}

QHBoxLayout* StartBar::buildStart() {
  auto* row = newRow(nullptr);
  m_refusal = new PlainLabel(PlainLabel::Fit::Wrap, this);
  m_refusal->setObjectName(QStringLiteral("startRefusal"));
  m_refusal->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
  m_start = new DeliberateButton(this);
  m_start->setObjectName(QStringLiteral("startButton"));
  m_start->setMinimumHeight(4 * step);
  auto font = m_start->font();
  font.setBold(true);
  m_start->setFont(font);
  row->addWidget(m_refusal, 1);
  row->addWidget(m_start);
  return row;
}

void StartBar::setTarget(const TargetFacts& target) {
  m_target.runtime = target.runtime;
  m_target.title = target.title;
  showStart();
}

void StartBar::setPlan(const PlanFacts* facts) {
  m_facts = facts;
  if (facts && facts->plan.hash != m_acceptedHash) {
    m_accept->setChecked(false);
    m_typedPast->clear();
    m_override->clear();
    m_acceptedHash = facts->plan.hash;
  }
  showPlan();
}

void StartBar::setCircumstances(const StartCircumstances& circumstances) {
  m_circumstances = circumstances;
  showStart();
}

void StartBar::offerTakeOver(bool isOffered) {
  m_takeOver->setVisible(isOffered);
  if (!isOffered)
    m_takeOver->setChecked(false);
}

void StartBar::reset() {
  m_approve->setCurrentIndex(0);
  m_accept->setChecked(false);
  m_override->clear();
  m_reason->clear();
  offerTakeOver(false);
}

void StartBar::showPlan() {
  const auto approvals = m_facts ? approvalLines(m_facts->plan) : QStringList();
  const auto away = m_facts ? awayLines(m_facts->plan) : QStringList();
  m_approvals->setPlain(listed(approvals, mostNamed));
  m_approvalPart->setVisible(!approvals.isEmpty());
  m_away->setPlain(listed(away, mostNamed));
  m_accept->setAccessibleName(m_accept->text() + QLatin1Char(' ') + m_away->plain());
  m_awayPart->setVisible(!away.isEmpty());
  const auto past = m_facts ? pastSchemaText(m_facts->plan) : QString();
  m_past->setPlain(past);
  m_pastPart->setVisible(!past.isEmpty());
  const auto closed = m_facts ? closedLines(m_facts->plan) : QStringList();
  m_closed->setPlain(closed.join(QLatin1Char('\n')));
  m_overridePart->setVisible(!closed.isEmpty());
  showStart();
}

StartWish StartBar::wish() const {
  StartWish wish;
  if (m_facts)
    wish.planHash = m_facts->plan.hash;
  if (m_facts && !m_facts->plan.approvals.empty())
    wish.approve = m_approve->currentData().toString().toStdString();
  wish.reason = m_reason->text().trimmed().toStdString();
  if (m_facts && !closuresOf(m_facts->plan).empty())
    wish.windowOverride = m_override->text().trimmed().toStdString();
  wish.takesOver = m_takeOver->isChecked();
  wish.pastSchema = namedIn(m_typedPast->text(), m_facts);
  return wish;
}

void StartBar::showStart() {
  auto circumstances = m_circumstances;
  circumstances.isAwayAccepted = m_accept->isChecked();
  circumstances.pastSchema = namedIn(m_typedPast->text(), m_facts);
  circumstances.isOverrideGiven = !m_override->text().trimmed().isEmpty();
  const auto refusal = startRefusal(m_facts, circumstances);
  const auto label = m_facts ? startLabel(m_target, *m_facts) : tr("Start");
  const auto start = wish();
  // A button that may be pressed from now on is a new one.
  const auto meaning = refusal.isEmpty() ? label + QString::fromStdString(start.planHash + start.approve)
                                         : QStringLiteral("not now");
  const auto metrics = QFontMetrics(m_start->font());
  const auto shown = metrics.elidedText(label, Qt::ElideMiddle, widestLabel);
  m_start->setMeaning(shown, meaning);
  m_start->setMinimumWidth(std::max(36 * step, metrics.horizontalAdvance(shown) + 4 * step));
  m_start->setAccessibleName(label);
  m_start->setRefusal(refusal);
  if (refusal.isEmpty())
    m_start->setToolTip(plainToolTip(label));
  m_refusal->setPlain(refusal);
  for (QWidget* part :
       std::initializer_list<QWidget*>{m_approve, m_accept, m_override, m_takeOver, m_reason, m_typedPast})
    part->setEnabled(m_facts && m_circumstances.busy.isEmpty() && !m_circumstances.isReadOnly);
  showCommand();
}

// A name that a terminal would take for its own is not put on the clipboard.
void StartBar::showCommand() {
  const bool isOfNow = m_facts && !m_circumstances.isOutOfDate;
  m_command = isOfNow ? startCommand(m_facts->wish, wish()) : std::string();
  const auto text = plain(m_command);
  if (text != m_commandText->text()) {
    m_commandText->setText(text);
    m_commandText->setCursorPosition(0);
  }
  const bool isPasteable = plainText(m_command) == m_command;
  m_copy->setEnabled(isOfNow && isPasteable);
  const auto refusal = isPasteable || !isOfNow
                           ? QString()
                           : tr("no copy: a name in it has characters that do not belong in a terminal");
  m_copy->setToolTip(plainToolTip(refusal));
  m_copy->setAccessibleDescription(refusal);
  if (m_refusal->plain().isEmpty())
    m_refusal->setPlain(refusal);
}

void StartBar::copyCommand() {
  QGuiApplication::clipboard()->setText(QString::fromStdString(m_command));
}

} // namespace ratdeck
