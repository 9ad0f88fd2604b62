#include "ui/widgets/confirm_dialog.h"

#include "core/rollout/past_schema.h"
#include "ui/model/plain.h"
#include "ui/widgets/deliberate_button.h"
#include "ui/widgets/plain_label.h"
#include "ui/widgets/theme.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QVBoxLayout>

#include <algorithm>

namespace ratdeck {

ConfirmDialog::ConfirmDialog(const QString& title, const QString& question, const QString& verb,
                             bool asksReason, QWidget* parent)
    : QDialog(parent), m_asksReason(asksReason), m_reason(new QLineEdit(this)), m_typed(new QLineEdit(this)),
      m_refusal(new PlainLabel(PlainLabel::Fit::Elide, this)), m_act(new DeliberateButton(this)) {
  setAttribute(Qt::WA_DeleteOnClose);
  setWindowTitle(title);
  setModal(true);
  auto* words = new PlainLabel(PlainLabel::Fit::Wrap, this);
  words->setPlain(question);
  m_reason->setPlaceholderText(asksReason ? tr("Reason (needed)") : tr("Reason or change number"));
  m_reason->setAccessibleName(tr("Reason"));
  m_reason->setMaxLength(500);
  m_typed->setObjectName(QStringLiteral("typedWords"));
  m_typed->setAccessibleName(tr("The names that are asked for"));
  m_typed->hide();
  m_act->setObjectName(QStringLiteral("confirmButton"));
  m_act->setMeaning(verb, question);
  auto* cancel = new QPushButton(tr("Cancel"), this);
  cancel->setDefault(true);
  auto* buttons = new QHBoxLayout;
  m_refusal->setObjectName(QStringLiteral("confirmRefusal"));
  m_refusal->setMuted(true);
  buttons->addWidget(m_refusal, 1);
  buttons->addWidget(m_act);
  buttons->addWidget(cancel);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(2 * step, 2 * step, 2 * step, 2 * step);
  column->setSpacing(2 * step);
  column->addWidget(words);
  column->addWidget(m_reason);
  column->addWidget(m_typed);
  column->addLayout(buttons);
  setMinimumWidth(60 * step);
  cancel->setFocus();
  connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
  for (auto* line : {m_reason, m_typed})
    connect(line, &QLineEdit::textChanged, this, [this] { showWhetherItMay(); });
  connect(m_act, &DeliberateButton::meant, this, [this] {
    const auto why = m_reason->text();
    accept();
    Q_EMIT confirmed(why);
  });
  showWhetherItMay();
}

void ConfirmDialog::demand(const std::set<std::string>& words) {
  m_demanded = words;
  QStringList names;
  for (const auto& word : words)
    names << plain(word);
  m_typed->setPlaceholderText(tr("Type: %1").arg(names.join(QStringLiteral(", "))));
  m_typed->show();
  showWhetherItMay();
}

void ConfirmDialog::showWhetherItMay() {
  const auto typed = m_typed->text().toStdString();
  const bool isTyped = std::all_of(m_demanded.begin(), m_demanded.end(),
                                   [&](const std::string& word) { return isNamedIn(typed, word); });
  const bool lacksReason = m_asksReason && m_reason->text().trimmed().isEmpty();
  const auto refusal = lacksReason ? tr("type a reason first")
                       : !isTyped  ? tr("type the names first that are asked for")
                                   : QString();
  m_refusal->setPlain(refusal);
  m_act->setRefusal(refusal);
}

} // namespace ratdeck
