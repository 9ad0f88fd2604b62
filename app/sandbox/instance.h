// One instance of the supervisor: its process, the restarts of its policy, its output, its faults.
// All on the supervisor's loop; callbacks may come from inside the call where the answer is known already.
#pragma once

#include "app/sandbox/child_process.h"
#include "app/sandbox/control_channel.h"
#include "app/sandbox/fault.h"
#include "app/sandbox/instance_spec.h"
#include "app/sandbox/output_log.h"
#include "app/sandbox/process_table.h"
#include "core/base/bounded_text.h"

#include <boost/asio/steady_timer.hpp>

#include <optional>

namespace ratdeck::sandbox {

struct StopResult {
  ChildExit exit;
  bool forcedKill = false;
  Duration took{};
};

// What instances need of their supervisor.
struct InstanceHouse {
  boost::asio::io_context& io;
  ProcessTable& table;
  std::string program; // ratdeck-sandbox
  std::string logFolder;
  std::optional<Duration> start; // start time of every stand-in; not given: their own
};

class Instance {
public:
  // `onReady` is called each time its process says that it listens.
  Instance(InstanceHouse house, InstanceSpec spec, std::vector<Fault> faults, std::function<void()> onReady);
  ~Instance();

  Status start();
  // SIGTERM or `signal`, SIGKILL after `grace`; `done` when it is gone. No restart after it. Asked again, it
  // sends no second signal, and the shorter grace counts.
  void stop(int signal, Duration grace, std::function<void(StopResult)> done);

  // While it runs.
  void signal(int number) { m_child->signal(number); }

  const InstanceSpec& spec() const { return m_spec; }
  bool isRunning() const { return m_child != nullptr; }
  bool isReady() const { return m_ready; }
  Json toJson() const;
  std::vector<std::string> tail(size_t lines) const { return m_output.tail(lines); }
  // The stdout of one that was made for a command.
  const BoundedText& printed() const { return m_printed; }
  std::vector<std::string> environment() const;
  void setFaults(std::vector<Fault> faults);
  const std::vector<Fault>& faults() const { return m_faults; }
  void startRuns(const Fault& runs);

private:
  Status spawn();
  std::vector<std::string> arguments(bool hasControl) const;
  void exited(ChildExit exit);
  bool restartsAfter(ChildExit exit) const;
  void obeyReady(const std::string& line);

  InstanceHouse m_house;
  InstanceSpec m_spec;
  std::vector<Fault> m_faults;
  std::function<void()> m_onReady;
  OutputLog m_output;
  BoundedText m_printed;
  std::unique_ptr<ChildProcess> m_child;
  std::unique_ptr<ControlChannel> m_control;
  boost::asio::steady_timer m_restartTimer;
  boost::asio::steady_timer m_killTimer;
  std::vector<std::function<void(StopResult)>> m_stopWaiters;
  std::string m_startedAt;
  BootTime m_startedBoot{};
  BootTime m_stopBegan{};
  BootTime m_killAt{};
  StopResult m_lastStop;
  std::optional<ChildExit> m_exit;
  int m_pid = 0;
  int m_restarts = 0;
  Duration m_backoff;
  bool m_stopped = false;
  bool m_ready = false;
};

} // namespace ratdeck::sandbox
