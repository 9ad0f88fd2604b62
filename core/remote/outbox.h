// Runs functions later on the thread that made it. What was not run when it is destroyed never runs.
//
// It knows nothing of what it carries.
#pragma once

#include "core/base/clock.h"

#include <QObject>

#include <functional>

namespace ratdeck {

class Outbox {
public:
  // Runs `work` in a later turn of the event loop, in the order of the posts. Owner's thread only.
  void post(std::function<void()> work);
  // Runs it after `delay` (rounded up to a millisecond). Owner's thread only.
  void postAfter(Duration delay, std::function<void()> work);
  // The object whose life bounds the work, for connections.
  QObject* context() { return &m_context; }

private:
  QObject m_context;
};

// Milliseconds for Qt and curl: rounded up, at least 1, at most what an int holds.
int toTimerMilliseconds(Duration duration);

} // namespace ratdeck
