// What is to become of a rollout whose window is closed: it goes on without the window (the default), or it
// is held first. GUI thread.
#pragma once

#include <QDialog>

namespace ratdeck {

class LeaveDialog : public QDialog {
  Q_OBJECT
public:
  explicit LeaveDialog(QWidget* parent);

Q_SIGNALS:
  void backgroundChosen();
  void holdChosen();
};

} // namespace ratdeck
