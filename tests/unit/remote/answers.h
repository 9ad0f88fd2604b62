// Records what a client answers, and when: an answer inside the call itself, or a second one, is seen.
#pragma once

#include "core/remote/call.h"

#include <QEventLoop>
#include <QTest>
#include <QTimer>

#include <memory>
#include <vector>

namespace ratdeck {

template <class T>
class Answers {
public:
  Answer<T> next() {
    return [state = m_state](Result<T> result) {
      state->results.push_back(std::move(result));
      if (state->loop && state->results.size() >= state->wanted)
        state->loop->quit();
    };
  }
  std::size_t count() const { return m_state->results.size(); }
  const Result<T>& at(std::size_t index) const { return m_state->results.at(index); }
  // Waits for the n-th answer, a bounded time.
  bool wait(std::size_t n = 1, int milliseconds = 8000) const {
    if (count() >= n)
      return true;
    QEventLoop loop;
    QTimer::singleShot(milliseconds, &loop, &QEventLoop::quit);
    m_state->loop = &loop;
    m_state->wanted = n;
    loop.exec();
    m_state->loop = nullptr;
    return count() >= n;
  }
  ErrorKind errorKind() const { return at(0).error().kind; }
  std::string errorText() const { return at(0) ? "a value" : at(0).error().toString(); }

private:
  struct State {
    std::vector<Result<T>> results;
    QEventLoop* loop = nullptr;
    std::size_t wanted = 0;
  };
  std::shared_ptr<State> m_state = std::make_shared<State>();
};

} // namespace ratdeck
