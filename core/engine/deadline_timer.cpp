#include "core/engine/deadline_timer.h"

#include <algorithm>
#include <stdexcept>
#include <sys/timerfd.h>
#include <unistd.h>

namespace ratdeck {

DeadlineTimer::DeadlineTimer(QObject* parent)
    : QObject(parent), m_fd(::timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC)) {
  if (m_fd < 0)
    throw std::runtime_error("the system has no boot-time timers");
  m_notifier = std::make_unique<QSocketNotifier>(m_fd, QSocketNotifier::Read);
  connect(m_notifier.get(), &QSocketNotifier::activated, this, [this] {
    std::uint64_t count = 0;
    if (::read(m_fd, &count, sizeof count) == sizeof count)
      Q_EMIT expired();
  });
}

DeadlineTimer::~DeadlineTimer() {
  m_notifier.reset();
  ::close(m_fd);
}

void DeadlineTimer::set(BootTime at) {
  auto ns = std::max<Duration::rep>(at.time_since_epoch().count(), 1); // 0 would disarm it
  itimerspec spec{};
  spec.it_value.tv_sec = ns / 1000000000;
  spec.it_value.tv_nsec = ns % 1000000000;
  ::timerfd_settime(m_fd, TFD_TIMER_ABSTIME, &spec, nullptr);
}

void DeadlineTimer::clear() {
  itimerspec spec{};
  ::timerfd_settime(m_fd, 0, &spec, nullptr);
}

} // namespace ratdeck
