#include "ui/widgets/confirm_dialog.h"

#include "ui/widgets/deliberate_button.h"
#include "ui/widgets/plain_label.h"
#include "ui/widgets/theme.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QVBoxLayout>

namespace ratdeck {

ConfirmDialog::ConfirmDialog(const QString& title, const QString& question, const QString& verb,
                             bool asksReason, QWidget* parent)
    : QDialog(parent) {
  setAttribute(Qt::WA_DeleteOnClose);
  setWindowTitle(title);
  setModal(true);
  auto* words = new PlainLabel(PlainLabel::Fit::Wrap, this);
  words->setPlain(question);
  auto* reason = new QLineEdit(this);
  reason->setPlaceholderText(asksReason ? tr("Reason (needed)") : tr("Reason or change number"));
  reason->setAccessibleName(tr("Reason"));
  reason->setMaxLength(500);
  auto* act = new DeliberateButton(this);
  act->setObjectName(QStringLiteral("confirmButton"));
  act->setMeaning(verb, question);
  act->setEnabled(!asksReason);
  auto* cancel = new QPushButton(tr("Cancel"), this);
  cancel->setDefault(true);
  auto* buttons = new QHBoxLayout;
  buttons->addStretch(1);
  buttons->addWidget(act);
  buttons->addWidget(cancel);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(2 * step, 2 * step, 2 * step, 2 * step);
  column->setSpacing(2 * step);
  column->addWidget(words);
  column->addWidget(reason);
  column->addLayout(buttons);
  setMinimumWidth(60 * step);
  cancel->setFocus();
  connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
  connect(reason, &QLineEdit::textChanged, this, [act, asksReason](const QString& text) {
    act->setEnabled(!asksReason || !text.trimmed().isEmpty());
  });
  connect(act, &DeliberateButton::meant, this, [this, reason] {
    const auto why = reason->text();
    accept();
    Q_EMIT confirmed(why);
  });
}

} // namespace ratdeck
