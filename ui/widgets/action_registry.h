// Every action of the window once: the menus, the palette, the list of keys and the shortcuts read this one
// list. GUI thread.
#pragma once

#include <QAction>
#include <QKeySequence>
#include <QObject>
#include <QString>

#include <functional>
#include <vector>

class QWidget;

namespace ratdeck {

struct ActionSpec {
  QString menu; // its title without mnemonic: "Rollout"
  QString text; // "Hold"
  QKeySequence key;
  std::function<void()> run;
  std::function<QString()> command = {}; // the ratdeckctl line that does the same; empty: there is none
};

class ActionRegistry : public QObject {
  Q_OBJECT
public:
  // Shortcuts work in `window`.
  explicit ActionRegistry(QWidget& window);

  QAction* add(const ActionSpec& spec);
  struct Entry {
    QString menu;
    QAction* action;
    std::function<QString()> command;
  };
  const std::vector<Entry>& entries() const { return m_entries; }
  // The menus in the order in which they were first named.
  QStringList menus() const;

private:
  QWidget& m_window;
  std::vector<Entry> m_entries;
};

} // namespace ratdeck
