// What is to become of a rollout whose window is closed: it goes on without the window (the default), or it
// is held first. GUI thread.
#pragma once

#include <QDialog>

namespace ratdeck {

class LeaveDialog : public QDialog {
  Q_OBJECT
public:
  // `isHeld`: then it is not offered to go on without anybody, who would have to end the hold.
  LeaveDialog(bool isHeld, QWidget* parent);

Q_SIGNALS:
  void backgroundChosen();
  void holdChosen();
};

} // namespace ratdeck
