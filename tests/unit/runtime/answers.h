// Waits, bounded, for the one answer of a call, and insists that it does not come from inside the call.
#pragma once

#include "core/runtime/runtime.h"

#include <QTest>

#include <functional>
#include <optional>

namespace ratdeck::test {

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
  if (!QTest::qWaitFor([&] { return answer.has_value(); }, milliseconds))
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
