#include "tests/bench/docker/process_end.h"

#include <QTest>

#include <sys/syscall.h>
#include <unistd.h>

namespace ratdeck {

ProcessEnd::ProcessEnd(int pid) : m_descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {
  if (m_descriptor < 0)
    return;
  m_notifier = std::make_unique<QSocketNotifier>(m_descriptor, QSocketNotifier::Read);
  QObject::connect(m_notifier.get(), &QSocketNotifier::activated, m_notifier.get(), [this] {
    m_ended = SystemClock().now().boot;
    m_notifier->setEnabled(false);
  });
}

ProcessEnd::~ProcessEnd() {
  m_notifier.reset();
  if (m_descriptor >= 0)
    ::close(m_descriptor);
}

std::optional<BootTime> ProcessEnd::await(int timeoutMs) {
  const bool hasEnded = m_notifier && QTest::qWaitFor([this] { return m_ended.has_value(); }, timeoutMs);
  return hasEnded ? m_ended : std::nullopt;
}

} // namespace ratdeck
