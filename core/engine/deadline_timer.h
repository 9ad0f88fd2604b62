// One timer on CLOCK_BOOTTIME, so that deadlines count suspend. Lives in the thread that made it.
#pragma once

#include "core/base/clock.h"

#include <QObject>
#include <QSocketNotifier>

#include <memory>

namespace ratdeck {

class DeadlineTimer : public QObject {
  Q_OBJECT
public:
  explicit DeadlineTimer(QObject* parent = nullptr);
  ~DeadlineTimer() override;
  // Replaces the time set before; a time in the past fires at once (from the event loop).
  void set(BootTime at);
  void clear();

Q_SIGNALS:
  void expired();

private:
  int m_fd = -1;
  std::unique_ptr<QSocketNotifier> m_notifier;
};

} // namespace ratdeck
