// Waits, bounded, for the one answer of a call, and insists that it does not come from inside the call.
#pragma once

#include "core/runtime/runtime.h"

#include <QCoreApplication>
#include <QTest>
#include <QTimer>

#include <functional>
#include <optional>

namespace ratdeck::test {

// Runs the event loop until the fact holds, looking after each event (QTest::qWaitFor sleeps 10 ms a round).
inline bool waitUntil(const std::function<bool()>& fact, int milliseconds = 10000) {
  bool isLate = false;
  QTimer timer;
  timer.setSingleShot(true);
  QObject::connect(&timer, &QTimer::timeout, &timer, [&] { isLate = true; });
  timer.start(milliseconds);
  while (!fact() && !isLate) {
    QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents);
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
  }
  return fact();
}

template <class T>
Result<T> answerOf(const std::function<void(Callback<T>)>& call, int milliseconds = 10000) {
  std::optional<Result<T>> answer;
  bool isInside = true;
  bool cameInside = false;
  call([&](Result<T> result) {
    cameInside = isInside;
    answer = std::move(result);
  });
  isInside = false;
  if (!waitUntil([&] { return answer.has_value(); }, milliseconds))
    return failure(ErrorKind::Timeout, "the test waited in vain");
  if (cameInside)
    return failure(ErrorKind::Internal, "the answer came from inside the call");
  return std::move(*answer);
}

// For messages of failed comparisons.
template <class T>
std::string errorOf(const Result<T>& result) {
  return result ? std::string() : result.error().toString();
}

} // namespace ratdeck::test
