// The load on a thread of its own, asked from the supervisor's loop and answering there.
#pragma once

#include "app/sandbox/load_options.h"

#include <functional>
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
  // NotFound where none runs.
  void live(Reply reply);
  void stop(Reply reply);
  void abandon();

private:
  struct Job;
  boost::asio::io_context& m_owner;
  std::shared_ptr<Job> m_job;
};

// `load`: runs it for its duration (or until SIGINT or SIGTERM) and prints the report; answers the exit code.
int runLoad(const LoadOptions& options, bool withSamples);

} // namespace ratdeck::sandbox
