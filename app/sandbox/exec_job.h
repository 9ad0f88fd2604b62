// One command run in an instance's environment, with its output and its end.
#pragma once

#include "app/sandbox/child_process.h"
#include "core/base/bounded_text.h"
#include "core/base/clock.h"

#include <boost/asio/steady_timer.hpp>

#include <memory>

namespace ratdeck::sandbox {

class ExecJob : public std::enable_shared_from_this<ExecJob> {
public:
  struct Result {
    int exitCode = 0;
    std::string output;  // at most 16 KiB of stdout and stderr
    BoundedText printed; // stdout alone
    bool timedOut = false;
  };
  explicit ExecJob(boost::asio::io_context& io) : m_io(io), m_timer(io) {}
  // `done` once, unless an error is answered. When the command ends, at its limit, and when the job is
  // destroyed, all that it started and that is still in its process group is killed. Not destroyed from
  // inside `done`.
  Status start(std::vector<std::string> argv, std::vector<std::string> environment, Duration timeout,
               std::function<void(Result)> done);

private:
  boost::asio::io_context& m_io;
  boost::asio::steady_timer m_timer;
  std::unique_ptr<ChildProcess> m_child;
  Result m_result;
};

} // namespace ratdeck::sandbox
