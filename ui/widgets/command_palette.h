// Ctrl+K: every action by a few letters of its name. Enter runs the chosen one; Ctrl+C copies the ratdeckctl
// line that does the same. Also the list of keys. GUI thread.
#pragma once

#include "ui/widgets/action_registry.h"

#include <QDialog>

class QLineEdit;
class QTableWidget;

namespace ratdeck {

class PlainLabel;

class CommandPalette : public QDialog {
  Q_OBJECT
public:
  CommandPalette(const ActionRegistry& registry, QWidget* parent);

  void open() override;

Q_SIGNALS:
  void copyWanted(const QString& text);

protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

private:
  void filter();
  void move(int by);
  void run();
  void copy();
  const ActionRegistry::Entry* chosen() const;

  const ActionRegistry& m_registry;
  QLineEdit* m_words;
  QTableWidget* m_table;
  PlainLabel* m_hint;
  std::vector<size_t> m_shown; // indexes of the registry's entries
};

} // namespace ratdeck
