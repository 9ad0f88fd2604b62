// Calls people to the window when it matters: somebody must decide, users are hurt, the feed is lost, the
// rollout ended. Through the tray where there is one, and the task bar; a click on the tray only opens the
// window. GUI thread.
#pragma once

#include "ui/model/console_view.h"

#include <QObject>

class QSystemTrayIcon;
class QWidget;

namespace ratdeck {

class Attention : public QObject {
  Q_OBJECT
public:
  explicit Attention(QWidget& window);

  void setView(const ConsoleView& view);

Q_SIGNALS:
  // What people were called for; also without a tray.
  void called(const QString& title, const QString& text);

private:
  void call(const QString& title, const QString& text);

  QWidget& m_window;
  QSystemTrayIcon* m_tray = nullptr; // null where the desktop has none
  ConsoleView m_last;
  std::optional<BootTime> m_hurtSince; // of the trouble that was called for last
};

} // namespace ratdeck
