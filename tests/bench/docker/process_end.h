// When a process of this machine ended, to the event loop's accuracy, without asking anybody meanwhile.
#pragma once

#include "core/base/clock.h"

#include <QSocketNotifier>

#include <memory>
#include <optional>

namespace ratdeck {

class ProcessEnd {
public:
  explicit ProcessEnd(int pid); // one that runs
  ~ProcessEnd();
  ProcessEnd(const ProcessEnd&) = delete;
  ProcessEnd& operator=(const ProcessEnd&) = delete;

  // Turns the event loop until it has ended; nothing if it has not by then.
  std::optional<BootTime> await(int timeoutMs);

private:
  int m_descriptor;
  std::unique_ptr<QSocketNotifier> m_notifier;
  std::optional<BootTime> m_ended;
};

} // namespace ratdeck
