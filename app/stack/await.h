// Waits in the main thread for the one answer of an asynchronous call. For commands that do nothing else
// meanwhile.
#pragma once

#include "core/runtime/runtime.h"

#include <QEventLoop>

#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace ratdeck {

template <class T>
Result<T> await(const std::function<void(Callback<T>)>& call) {
  struct Answer {
    QEventLoop loop;
    std::optional<Result<T>> result;
  };
  auto answer = std::make_shared<Answer>();
  call([answer](Result<T> result) {
    answer->result = std::move(result);
    answer->loop.quit();
  });
  if (!answer->result)
    answer->loop.exec();
  return std::move(*answer->result);
}

} // namespace ratdeck
