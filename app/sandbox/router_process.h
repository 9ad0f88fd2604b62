// HAProxy as the supervisor's child: started on the first configuration, started again when it dies, its
// configuration file written and never interpreted beyond the path of its stats socket.
#pragma once

#include "app/sandbox/child_process.h"
#include "app/sandbox/output_log.h"
#include "app/sandbox/process_table.h"

#include <boost/asio/steady_timer.hpp>

namespace ratdeck::sandbox {

class RouterProcess {
public:
  RouterProcess(boost::asio::io_context& io, ProcessTable& table, const std::string& folder);

  // Writes the file and starts HAProxy if it does not run. `done` gets its pid once its socket answers
  // (without a stats socket in the text: after half a second of life). Errors: no haproxy, or its own words
  // if it refuses the configuration.
  void configure(const std::string& text, std::function<void(Result<int>)> done);
  // SIGTERM, SIGKILL after `grace`; `done` when it is gone.
  void stop(Duration grace, std::function<void()> done);

  bool isRunning() const { return m_child != nullptr; }
  int pid() const { return m_child ? m_child->pid() : 0; }
  const std::string& socket() const { return m_socket; }
  const std::string& configPath() const { return m_config; }

private:
  Status spawn();
  void exited(ChildExit exit);
  void awaitSocket(int looksLeft);
  void answer(Result<int> result);

  boost::asio::io_context& m_io;
  ProcessTable& m_table;
  std::string m_config;
  std::string m_socket;
  OutputLog m_output;
  std::unique_ptr<ChildProcess> m_child;
  boost::asio::steady_timer m_lookTimer;
  boost::asio::steady_timer m_restartTimer;
  boost::asio::steady_timer m_killTimer;
  std::vector<std::function<void(Result<int>)>> m_waiting;
  std::function<void()> m_stopDone;
  bool m_stopping = false;
};

} // namespace ratdeck::sandbox
