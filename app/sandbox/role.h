// What a stand-in does besides living and dying: listen, answer, leave. Life, faults and signals are the
// StandIn's. All on the io_context's one thread.
#pragma once

#include "app/sandbox/http_message.h"
#include "app/sandbox/role_kind.h"
#include "app/sandbox/serve_options.h"

#include <functional>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace ratdeck::sandbox {

// What a role may use of its stand-in; outlives the role.
class RoleContext {
public:
  virtual ~RoleContext() = default;
  virtual boost::asio::io_context& io() = 0;
  virtual const ServeOptions& options() const = 0;
  virtual FaultSet& faults() = 0;
  // False while a fault says that it is not well.
  virtual bool isHealthy() const = 0;
  // One JSON line on stdout.
  virtual void log(const std::string& level, const std::string& message, const Headers& fields = {}) = 0;

  // The environment's value, "" if not set.
  std::string environment(const std::string& name) const {
    auto it = options().environment.find(name);
    return it == options().environment.end() ? std::string() : it->second;
  }
  std::vector<std::uint16_t> ports() const {
    return portsOf(options().plays, options().ports, options().environment);
  }
};

class Role {
public:
  virtual ~Role() = default;
  virtual Status listen() = 0;
  // No new work; `idle` when what was in flight is answered.
  virtual void drain(std::function<void()> idle) = 0;
  // The real one does not handle SIGTERM: it ends where it stands.
  virtual bool endsAtOnce() const { return false; }
  virtual void healthChanged() {}
  // Starts active runs that take that long.
  virtual void startRuns(int, Duration) {}
  // SIGUSR1: no new work; SIGUSR2: new work again. grpc.health.v1 says which.
  virtual void takeNewWork(bool) {}
};

std::unique_ptr<Role> makeRatd(RoleContext& context);
std::unique_ptr<Role> makePortal(RoleContext& context);
std::unique_ptr<Role> makePostgres(RoleContext& context);
std::unique_ptr<Role> makePlain(RoleContext& context); // minio, nessie, generic
std::unique_ptr<Role> makeRatq(RoleContext& context);
std::unique_ptr<Role> makeRunner(RoleContext& context);
std::unique_ptr<Role> makePlugin(RoleContext& context);

} // namespace ratdeck::sandbox
