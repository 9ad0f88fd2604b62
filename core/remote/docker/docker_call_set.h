// The calls that one owner has under way on a connection it shares: destroying the set drops them all, and
// with them what their answers hold.
#pragma once

#include "core/remote/docker/docker_connection.h"

#include <map>

namespace ratdeck {

class DockerCallSet {
public:
  // `connection` must outlive the set.
  explicit DockerCallSet(DockerConnection& connection) : m_connection(connection) {}
  ~DockerCallSet() {
    for (const auto& [number, id] : *m_ids)
      m_connection.cancel(id);
  }
  DockerCallSet(const DockerCallSet&) = delete;
  DockerCallSet& operator=(const DockerCallSet&) = delete;

  // Makes the call: `begin` is handed the answer to pass on, and gives the id. `done` may destroy this set.
  template <class T, class Begin>
  void add(Begin&& begin, Answer<T> done) {
    const std::uint64_t number = ++m_last;
    const CallId id = begin([ids = m_ids, number, done = std::move(done)](Result<T> result) {
      ids->erase(number);
      done(std::move(result));
    });
    m_ids->emplace(number, id);
  }

private:
  DockerConnection& m_connection;
  std::shared_ptr<std::map<std::uint64_t, CallId>> m_ids =
      std::make_shared<std::map<std::uint64_t, CallId>>();
  std::uint64_t m_last = 0;
};

} // namespace ratdeck
