#include "app/sandbox/exec_job.h"

#include <boost/asio/io_context.hpp>

#include <csignal>

namespace ratdeck::sandbox {

namespace {

constexpr size_t outputLimit = 16u << 10;
constexpr int timedOutCode = 124;

} // namespace

Status ExecJob::start(std::vector<std::string> argv, std::vector<std::string> environment, Duration timeout,
                      std::function<void(Result)> done) {
  ChildOptions options;
  options.argv = std::move(argv);
  options.environment = std::move(environment);
  options.ownsGroup = true;
  const auto keep = [this](std::string_view bytes) {
    m_result.output.append(bytes.substr(0, outputLimit - std::min(outputLimit, m_result.output.size())));
  };
  options.onErrors = keep;
  options.onOutput = [this, keep](std::string_view bytes) {
    keep(bytes);
    m_result.printed.append(bytes);
  };
  options.onExit = [this, done = std::move(done)](ChildExit exit) {
    m_timer.cancel();
    m_result.exitCode = m_result.timedOut ? timedOutCode : exit.code;
    done(std::move(m_result));
  };
  auto child = ChildProcess::spawn(m_io, std::move(options));
  if (!child)
    return failure(child.error());
  m_child = std::move(*child);
  m_timer.expires_after(timeout);
  // Its handler may be queued already when the job is destroyed.
  m_timer.async_wait([job = weak_from_this()](boost::system::error_code error) {
    auto self = job.lock();
    if (error || !self)
      return;
    self->m_result.timedOut = true;
    self->m_child->signal(SIGKILL);
  });
  return Done{};
}

} // namespace ratdeck::sandbox
