// The life of one stand-in: takes its time to start, listens, shows its faults, leaves on SIGTERM. What it
// answers is its Role's.
#pragma once

#include "app/sandbox/control_channel.h"
#include "app/sandbox/role.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

namespace ratdeck::sandbox {

class StandIn final : public RoleContext {
public:
  explicit StandIn(ServeOptions options);
  // Runs to the end; answers the exit code.
  int run();

  boost::asio::io_context& io() override { return m_io; }
  const ServeOptions& options() const override { return m_options; }
  FaultSet& faults() override { return m_faults; }
  bool isHealthy() const override;
  void log(const std::string& level, const std::string& message, const Headers& fields = {}) override;

private:
  Duration startTime() const;
  std::unique_ptr<Role> makeRole();
  void begin();
  void serveNow();
  void scheduleFlap();
  void scheduleCrash();
  void awaitSignal();
  void leave();
  void obey(const std::string& line);
  int exitCode(int fallback) const;
  // Without unwinding: gRPC's threads and open connections end with the process.
  [[noreturn]] void end(int code);

  ServeOptions m_options;
  boost::asio::io_context m_io;
  boost::asio::signal_set m_signals;
  boost::asio::steady_timer m_startTimer;
  boost::asio::steady_timer m_flapTimer;
  boost::asio::steady_timer m_crashTimer;
  FaultSet m_faults;
  std::unique_ptr<ControlChannel> m_control;
  std::unique_ptr<Role> m_role;
  bool m_listening = false;
  bool m_flappedDown = false;
  bool m_leaving = false;
};

} // namespace ratdeck::sandbox
