// Records what a client answers, and when: an answer inside the call itself, or a second one, is seen.
#pragma once

#include "core/remote/call.h"

#include <QTest>

#include <memory>
#include <vector>

namespace ratdeck {

template <class T>
class Answers {
public:
  Answer<T> next() {
    return [all = m_all](Result<T> result) {
      all->push_back(std::move(result));
    };
  }
  std::size_t count() const { return m_all->size(); }
  const Result<T>& at(std::size_t index) const { return m_all->at(index); }
  // Waits for the n-th answer, a bounded time.
  bool wait(std::size_t n = 1, int milliseconds = 8000) const {
    return QTest::qWaitFor([&] { return m_all->size() >= n; }, milliseconds);
  }
  // The kind and words of the first answer: "value" or "Timeout: no answer …".
  ErrorKind errorKind() const { return m_all->at(0).error().kind; }
  std::string errorText() const { return m_all->at(0) ? "a value" : m_all->at(0).error().toString(); }

private:
  std::shared_ptr<std::vector<Result<T>>> m_all = std::make_shared<std::vector<Result<T>>>();
};

} // namespace ratdeck
