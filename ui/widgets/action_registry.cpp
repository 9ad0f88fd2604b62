#include "ui/widgets/action_registry.h"

#include <QWidget>

namespace ratdeck {

ActionRegistry::ActionRegistry(QWidget& window) : QObject(&window), m_window(window) {}

QAction* ActionRegistry::add(const ActionSpec& spec) {
  auto* action = new QAction(spec.text, &m_window);
  action->setShortcut(spec.key);
  action->setShortcutContext(Qt::WindowShortcut);
  action->setAutoRepeat(false);
  connect(action, &QAction::triggered, this, [run = spec.run] { run(); });
  m_window.addAction(action);
  m_entries.push_back({spec.menu, action, spec.command});
  return action;
}

QStringList ActionRegistry::menus() const {
  QStringList menus;
  for (const auto& entry : m_entries)
    if (!menus.contains(entry.menu))
      menus << entry.menu;
  return menus;
}

} // namespace ratdeck
