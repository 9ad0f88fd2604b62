#include "app/ratdeck/task_queue.h"

namespace ratdeck {

void TaskQueue::add(Task task) {
  if (m_isClosed)
    return;
  m_tasks.push_back(std::move(task));
  if (!m_isBusy && m_tasks.size() == 1)
    runLater();
}

void TaskQueue::close() {
  m_isClosed = true;
  m_tasks.clear();
}

void TaskQueue::runLater() {
  QMetaObject::invokeMethod(
      this, [this] { runNext(); }, Qt::QueuedConnection);
}

void TaskQueue::runNext() {
  if (m_isBusy || m_tasks.empty())
    return;
  auto task = std::move(m_tasks.front());
  m_tasks.pop_front();
  m_isBusy = true;
  task();
  m_isBusy = false;
  if (!m_tasks.empty())
    runLater();
}

} // namespace ratdeck
