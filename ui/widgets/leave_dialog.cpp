#include "ui/widgets/leave_dialog.h"

#include "ui/widgets/plain_label.h"
#include "ui/widgets/theme.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

namespace ratdeck {

LeaveDialog::LeaveDialog(bool isHeld, QWidget* parent) : QDialog(parent) {
  setWindowTitle(isHeld ? tr("A rollout is held") : tr("A rollout goes on"));
  setModal(true);
  auto* words = new PlainLabel(PlainLabel::Fit::Wrap, this);
  words->setPlain(
      isHeld ? tr("The rollout stays held and unfinished until somebody resumes or undoes it. The versions "
                  "stay as "
                  "they are now.")
             : tr("The rollout can go on without this window, in the background: gates, drains and an undo "
                  "work as "
                  "they do now. Nobody can be asked there: an approval waits until its deadline, and then "
                  "the rollout "
                  "is undone. Open ratdeck again to take it back.\n\nOr hold it first: the swaps in hand are "
                  "finished, "
                  "nothing new begins, and it stays unfinished until somebody resumes or undoes it."));
  auto* background = new QPushButton(tr("Keep running in the background"), this);
  auto* hold = new QPushButton(isHeld ? tr("Close, it stays held") : tr("Hold, then close"), this);
  auto* cancel = new QPushButton(tr("Cancel"), this);
  background->setObjectName(QStringLiteral("background"));
  hold->setObjectName(QStringLiteral("holdAndClose"));
  background->setVisible(!isHeld);
  (isHeld ? hold : background)->setDefault(true);
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(background);
  buttons->addWidget(hold);
  buttons->addStretch(1);
  buttons->addWidget(cancel);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(2 * step, 2 * step, 2 * step, 2 * step);
  column->setSpacing(2 * step);
  column->addWidget(words);
  column->addLayout(buttons);
  setMinimumWidth(64 * step);
  connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
  connect(background, &QPushButton::clicked, this, [this] {
    accept();
    Q_EMIT backgroundChosen();
  });
  connect(hold, &QPushButton::clicked, this, [this] {
    accept();
    Q_EMIT holdChosen();
  });
}

} // namespace ratdeck
