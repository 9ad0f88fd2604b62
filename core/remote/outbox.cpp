#include "core/remote/outbox.h"

#include <QTimer>

#include <limits>

namespace ratdeck {

void Outbox::post(std::function<void()> work) {
  QMetaObject::invokeMethod(&m_context, std::move(work), Qt::QueuedConnection);
}

void Outbox::postAfter(Duration delay, std::function<void()> work) {
  QTimer::singleShot(toTimerMilliseconds(delay), Qt::PreciseTimer, &m_context, std::move(work));
}

int toTimerMilliseconds(Duration duration) {
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(duration).count();
  if (milliseconds < 1)
    return 1;
  return milliseconds > std::numeric_limits<int>::max() ? std::numeric_limits<int>::max()
                                                        : static_cast<int>(milliseconds);
}

} // namespace ratdeck
