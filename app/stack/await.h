// Waits for the one answer of an asynchronous call in an event loop of the calling thread. For who does
// nothing else meanwhile. Where the thread is told to quit, or patience ends, it waits no longer: Cancelled.
#pragma once

#include "core/runtime/runtime.h"

#include <QEventLoop>
#include <QTimer>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace ratdeck {

// How long somebody is waited for: until another tells it that it was enough, from the event loop in which it
// waits. One thread.
class Patience {
public:
  void end() {
    m_isOver = true;
    for (auto* loop : m_loops)
      loop->quit();
  }
  bool isOver() const { return m_isOver; }
  void wait(QEventLoop& loop) {
    m_loops.push_back(&loop);
    loop.exec();
    m_loops.pop_back();
  }

private:
  bool m_isOver = false;
  std::vector<QEventLoop*> m_loops; // one within the other
};

template <class T>
Result<T> await(const std::function<void(Callback<T>)>& call, Patience* patience = nullptr) {
  if (patience && patience->isOver())
    return failure(ErrorKind::Cancelled, "cancelled");
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
    patience ? patience->wait(answer->loop) : static_cast<void>(answer->loop.exec());
  if (!answer->result)
    return failure(ErrorKind::Cancelled,
                   patience && patience->isOver() ? "cancelled" : "given up, since the program ends");
  return std::move(*answer->result);
}

// Waits until `isSo`, which is asked every 50 ms. False: not within `limit`, or the thread is told to quit.
inline bool awaitThat(const std::function<bool()>& isSo, std::chrono::milliseconds limit) {
  QEventLoop loop;
  QTimer ask, end;
  QObject::connect(&ask, &QTimer::timeout, &loop, [&] {
    if (isSo())
      loop.exit(1);
  });
  QObject::connect(&end, &QTimer::timeout, &loop, [&] { loop.exit(0); });
  ask.start(50);
  end.start(limit);
  return isSo() || loop.exec() == 1;
}

} // namespace ratdeck
