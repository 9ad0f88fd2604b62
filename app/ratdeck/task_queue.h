// Does one thing after the other, each from the event loop: a task that waits in an event loop of its own is
// never interrupted by the next. One thread.
#pragma once

#include <QObject>

#include <deque>
#include <functional>

namespace ratdeck {

class TaskQueue : public QObject {
public:
  using QObject::QObject;
  using Task = std::function<void()>;

  void add(Task task);
  // One is under way: it waits further up the stack, or it is the caller.
  bool isBusy() const { return m_isBusy; }
  // Drops those that wait, and takes no more.
  void close();

private:
  void runLater();
  void runNext();

  std::deque<Task> m_tasks;
  bool m_isBusy = false;
  bool m_isClosed = false;
};

} // namespace ratdeck
