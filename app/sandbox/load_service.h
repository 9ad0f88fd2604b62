// The load on a thread of its own, asked from the supervisor's loop and answering there. Replies never leave
// that loop: what they hold is let go on it.
#pragma once

#include "app/sandbox/load_options.h"

#include <functional>
#include <map>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace ratdeck::sandbox {

class LoadService {
public:
  explicit LoadService(boost::asio::io_context& owner);
  ~LoadService(); // ends the load, without a report

  using Reply = std::function<void(Result<Json>)>;
  // Errors: Conflict (one runs).
  Status start(const LoadOptions& options);
  // Each answered once; NotFound where none runs, or where it is abandoned meanwhile.
  void live(Reply reply);
  void stop(Reply reply);
  // Ends it, and answers those that wait.
  void abandon();

private:
  struct Job;
  int keep(Reply reply);
  // Nothing for a number that has been answered.
  void answer(int number, const Result<Json>& report);

  boost::asio::io_context& m_owner;
  std::unique_ptr<Job> m_job;
  std::map<int, Reply> m_waiting;
  int m_nextNumber = 0;
};

// `load`: runs it for its duration (or until SIGINT or SIGTERM) and prints the report; answers the exit code.
int runLoad(const LoadOptions& options, bool withSamples);

} // namespace ratdeck::sandbox
