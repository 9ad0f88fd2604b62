// HAProxy as the supervisor's child: started on the first configuration, started again when it dies, replaced
// by a process that takes its sockets over when it is to read a new one, its configuration file written and
// never interpreted beyond the path of its stats socket.
#pragma once

#include "app/sandbox/child_process.h"
#include "app/sandbox/output_log.h"
#include "app/sandbox/process_table.h"
#include "core/base/duration.h"

#include <boost/asio/steady_timer.hpp>

#include <map>

namespace ratdeck::sandbox {

class RouterProcess {
public:
  // `handover`: how long a reload is waited for, see configure().
  RouterProcess(boost::asio::io_context& io, ProcessTable& table, const std::string& folder,
                Duration handover = 10s);

  // Writes the file and starts HAProxy if it does not run; one that runs goes on as it is, unless `reload`:
  // then a new process takes its listening sockets over, and it finishes what it carries (at most the
  // `hard-stop-after` of its configuration), so that no connection is cut. `done` gets the pid once the
  // socket answers (without a stats socket in the text: after half a second of life); after a reload once the
  // old process has ended, or after `handover` if it carries something longer, which the new one's counters
  // do not show. Errors: no haproxy; its own words if it refuses the configuration (after a reload the old
  // process and the old file stay); Conflict where a reload is under way.
  void configure(const std::string& text, bool reload, std::function<void(Result<int>)> done);
  // SIGTERM, SIGKILL after `grace`; `done` when it is gone, after those that wait have their answers.
  void stop(Duration grace, std::function<void()> done);

  bool isRunning() const { return m_pid != 0; }
  int pid() const { return m_pid; }
  const std::string& socket() const { return m_socket; }
  const std::string& configPath() const { return m_config; }

private:
  Status spawn(const std::vector<std::string>& more = {});
  void reload(const std::string& text, std::function<void(Result<int>)> done);
  void exited(int pid, ChildExit exit);
  void endedWhileStopping();
  void routerEnded(ChildExit exit);
  void takeBack();
  void finishReload();
  void restart();
  void signalAll(int number);
  void awaitSocket(int looksLeft);
  void answer(Result<int> result);

  boost::asio::io_context& m_io;
  ProcessTable& m_table;
  Duration m_handover;
  std::string m_config;
  std::string m_socket;
  OutputLog m_output;
  std::map<int, std::unique_ptr<ChildProcess>> m_children; // by pid: the router, and those it has replaced
  int m_pid = 0;                                           // the router; 0: none runs
  int m_replaced = 0;                                      // by the reload under way; 0: none
  std::string m_textBefore;                                // of the one that is replaced
  boost::asio::steady_timer m_lookTimer;
  boost::asio::steady_timer m_restartTimer;
  boost::asio::steady_timer m_killTimer;
  std::vector<std::function<void(Result<int>)>> m_waiting;
  std::function<void()> m_stopDone;
  bool m_stopping = false;
};

} // namespace ratdeck::sandbox
