#include "ui/widgets/attention.h"

#include <QApplication>
#include <QSystemTrayIcon>
#include <QWidget>

namespace ratdeck {

Attention::Attention(QWidget& window) : QObject(&window), m_window(window) {
  if (!QSystemTrayIcon::isSystemTrayAvailable())
    return;
  m_tray = new QSystemTrayIcon(window.windowIcon(), this);
  m_tray->setToolTip(QStringLiteral("ratdeck"));
  connect(m_tray, &QSystemTrayIcon::activated, this, [this] {
    m_window.show();
    m_window.raise();
    m_window.activateWindow();
  });
  m_tray->show();
}

void Attention::call(const QString& title, const QString& text) {
  if (m_tray)
    m_tray->showMessage(title, text.toHtmlEscaped()); // some desktops read the body as markup
  QApplication::alert(&m_window);
  Q_EMIT called(title, text);
}

void Attention::setView(const ConsoleView& view) {
  const auto last = std::exchange(m_last, view);
  if (view.rollout != last.rollout)
    return;
  const bool isOtherRequest =
      !view.decisions.empty() &&
      (last.decisions.empty() || view.decisions.front().title != last.decisions.front().title);
  if (isOtherRequest)
    call(tr("A decision is awaited"), view.decisions.front().title);
  if (view.mode != last.mode && view.mode == ConsoleMode::Ended)
    call(view.isOver ? tr("The rollout ended") : tr("The rollout is not followed any more"),
         view.headline.word + QStringLiteral(" · ") + view.headline.detail);
  if (view.users.state == last.users.state || view.mode != ConsoleMode::Live)
    return;
  if (view.users.state == UsersState::Hurt && view.users.hurtSince != m_hurtSince) {
    m_hurtSince = view.users.hurtSince;
    call(tr("Users are hurt"), view.users.line.detail);
  }
  if (view.users.state == UsersState::NoData)
    call(tr("No data"), tr("the window does not know how users are"));
}

} // namespace ratdeck
