// The sandbox's supervisor: owns the instances, the router's process and the load, and is asked over HTTP/1.1
// and JSON on a unix socket (supervisor_api.cpp has the pages). It knows nothing of Compose or rollouts: it
// is to the process runtime what dockerd is to Docker.
//
// One event loop on the main thread; the load runs on a thread of its own, so that neither delays the other.
#pragma once

#include "app/sandbox/fault_book.h"
#include "app/sandbox/http_server.h"
#include "app/sandbox/instance.h"
#include "app/sandbox/load_service.h"
#include "app/sandbox/role_kind.h"
#include "app/sandbox/router_process.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <map>

namespace ratdeck::sandbox {

struct SupervisorOptions {
  std::string folder;
  std::string name;
  std::string subnet = "127.77";
  std::optional<Duration> start; // of every stand-in
  std::string program;           // ratdeck-sandbox itself
};

class Supervisor {
public:
  explicit Supervisor(SupervisorOptions options);
  ~Supervisor();
  // Makes the folders, takes folder and subnet, listens. Errors: Conflict (one of them is in use), Input,
  // Internal.
  Status prepare();
  // Of a prepare that failed: 2 the subnet is in use, 3 a supervisor runs in the folder, else 1.
  int exitCode() const { return m_exitCode; }
  // Until it is told to shut down.
  void run();

private:
  using Answer = std::shared_ptr<Exchange>;
  void route(const Answer& exchange);
  void routeInstance(const Answer& exchange, const std::string& id, const std::string& action);
  void info(const Answer& exchange);
  void list(const Answer& exchange);
  void put(const Answer& exchange, const std::string& id);
  void stop(const Answer& exchange, Instance& instance);
  void remove(const Answer& exchange, const std::string& id);
  void logs(const Answer& exchange, Instance& instance);
  void exec(const Answer& exchange, Instance& instance);
  void signal(const Answer& exchange, Instance& instance);
  void faults(const Answer& exchange);
  void setFault(const Answer& exchange, const std::string& service);
  void clearFaults(const Answer& exchange, const std::string& service);
  void setRouter(const Answer& exchange);
  void load(const Answer& exchange);
  void shutdown(const Answer& exchange);
  void answerShutdowns();

  void becameReady(Instance& instance);
  bool startRuns(const Fault& runs);
  void stopEverything(std::function<void()> done);
  void awaitSignal();
  void leave();
  Status takeFolder();
  Status takeSubnet();
  Instance* find(const std::string& id);

  SupervisorOptions m_options;
  boost::asio::io_context m_io;
  boost::asio::signal_set m_signals;
  HttpServer m_server;
  ProcessTable m_table;
  RouterProcess m_router;
  LoadService m_load;
  FaultBook m_faults;
  std::map<std::string, std::vector<Fault>> m_runsDue; // by service; told while no ratd ran
  std::map<std::string, std::unique_ptr<Instance>> m_instances;
  std::map<int, std::shared_ptr<class ExecJob>> m_execs;
  std::string m_startedAt;
  int m_lock = -1;       // of the subnet
  int m_folderLock = -1; // of the folder, held as long as the process lives
  int m_exitCode = 1;
  int m_nextExec = 0;
  std::vector<Answer> m_shutdowns; // answered when everything has ended
  bool m_leaving = false;
  bool m_hasEnded = false;
};

// `supervise`: runs it, detached if asked, and answers the exit code (2: the subnet is in use; 3: a
// supervisor runs in the folder).
int supervise(SupervisorOptions options, bool daemonize);
// `down`: ends what DIR's records name, with or without a supervisor; answers the exit code.
int bringDown(const std::string& folder);

} // namespace ratdeck::sandbox
