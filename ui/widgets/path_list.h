// A list of files in their order: add by a dialog, remove, move up and down. GUI thread.
#pragma once

#include <QWidget>

#include <string>
#include <vector>

class QListWidget;
class QPushButton;

namespace ratdeck {

class PathList : public QWidget {
  Q_OBJECT
public:
  // `title` names the list; `whenEmpty` says what is taken where it is empty.
  PathList(const QString& title, const QString& whenEmpty, QWidget* parent = nullptr);

  void setPaths(const std::vector<std::string>& paths);
  const std::vector<std::string>& paths() const { return m_paths; }
  // At the end, but for those that are there.
  void add(const std::vector<std::string>& paths);
  void setWhenEmpty(const QString& text);

Q_SIGNALS:
  void pathsChanged();

protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

private:
  void askForFiles();
  void remove();
  void move(int by);
  void show(int current);
  void enableButtons();

  QString m_title, m_whenEmpty;
  std::vector<std::string> m_paths; // as they are; the list shows them as plain text
  QListWidget* m_list;
  QPushButton *m_add, *m_remove, *m_up, *m_down;
};

} // namespace ratdeck
