// Copies as processes of a sandbox's supervisor, which is to this runtime what dockerd is to Docker: it owns
// them, and a killed engine touches nothing.
//
// Life of one start: the copy's address follows from its service and number, its environment is mapped so
// that the names of services lead to the router's addresses, and one PUT under its id makes it or finds it
// there already.
#pragma once

#include "core/runtime/process/address_plan.h"
#include "core/runtime/process/supervisor_client.h"
#include "core/runtime/routes.h"
#include "core/runtime/runtime.h"

#include <QObject>

#include <map>
#include <set>
#include <string>

namespace ratdeck {

class ProcessRuntime final : public Runtime {
public:
  // What the runtime must know of the stack, as plain values.
  struct Layout {
    AddressPlan addresses;
    std::map<std::string, std::string> hosts; // hostNamesOf(stack)
    std::map<std::string, Routes> routes;     // routesOf(stack)
  };

  // `dir`: the sandbox's folder.
  ProcessRuntime(const std::string& dir, Layout layout);

  void list(Callback<std::vector<InstanceInfo>> done) override;
  void start(const StartRequest& request, Callback<InstanceInfo> done) override;
  void stop(const StopRequest& request, Callback<StopReport> done) override;
  void remove(const InstanceId& id, Callback<Done> done) override;
  void exec(const InstanceId& id, const std::vector<std::string>& argv, Duration timeout,
            Callback<ExecReport> done) override;
  void runOnce(const StartRequest& request, Duration timeout, Callback<ExecReport> done) override;
  void endOnce(const InstanceId& id, Callback<ExecReport> done) override;
  void signal(const InstanceId& id, const std::string& name, Callback<Done> done) override;
  void output(const InstanceId& id, int lines, Callback<std::vector<std::string>> done) override;

private:
  void lastWords(const InstanceId& id, int exitCode, Callback<ExecReport> done);
  void begin(const StartRequest& request, BootTime until, Callback<ExecReport> done);
  void awaitEnd(const InstanceId& id, BootTime until, Callback<ExecReport> done);

  Layout m_layout;
  SupervisorClient m_supervisor;
  SystemClock m_clock;
  std::set<InstanceId> m_begun; // run once: those whose start was sent
  QObject m_context;            // of the timers under way
};

// The body of PUT /v1/instances/ID; pure. It holds secrets: it goes to the supervisor and nowhere else.
Json instanceRequest(const StartRequest& request, const ProcessRuntime::Layout& layout);

// The environment as the copy gets it: hosts of services followed by a port become the router's addresses.
std::map<std::string, std::string> mappedEnvironment(const ServiceSpec& service,
                                                     const ProcessRuntime::Layout& layout);

// One INSTANCE of the supervisor. Errors: Internal (no id or no service in it).
Result<InstanceInfo> readInstance(const Json& value);

} // namespace ratdeck
