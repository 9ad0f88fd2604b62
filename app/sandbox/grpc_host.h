// One gRPC server that can be closed and opened again, with grpc.health.v1 where the environment says
// GRPC_HEALTH=1, and the way from gRPC's threads onto the event loop with the traffic faults applied.
//
// Includes gRPC: only the gRPC roles include it.
#pragma once

#include "app/sandbox/role.h"

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <vector>

namespace ratdeck::sandbox {

class GrpcHost {
public:
  explicit GrpcHost(RoleContext& context);
  ~GrpcHost();

  // The service must outlive the host.
  void add(grpc::Service& service);
  // On the role's ports. Not well means not listening, unless the health service says it instead.
  Status listen();
  // GOAWAY, at most `patience` for what is in flight, then `idle` on the loop.
  void drain(Duration patience, std::function<void()> idle);
  void healthChanged();
  // The health service says it too, where there is one.
  void takeNewWork(bool takes);
  bool takesNewWork() const { return m_takesNewWork; }

  // From gRPC's threads: runs `work` on the loop and finishes the call with its status; a fault may answer in
  // its place or hold it back.
  void answer(grpc::ServerUnaryReactor* reactor, std::function<grpc::Status()> work);

private:
  class Health;
  Status open();
  void close();

  RoleContext& m_context;
  std::unique_ptr<Health> m_health;
  std::vector<grpc::Service*> m_services;
  std::unique_ptr<grpc::Server> m_server;
  bool m_takesNewWork = true;
};

// The base of a role that speaks gRPC.
class GrpcRole : public Role {
public:
  explicit GrpcRole(RoleContext& context) : m_context(context), m_host(context) {}
  Status listen() override { return m_host.listen(); }
  void drain(std::function<void()> idle) override { m_host.drain(drainPatience, std::move(idle)); }
  void healthChanged() override { m_host.healthChanged(); }
  void takeNewWork(bool takes) override { m_host.takeNewWork(takes); }

protected:
  static constexpr Duration drainPatience = 60s; // the grace period ends it before
  RoleContext& m_context;
  GrpcHost m_host;
};

} // namespace ratdeck::sandbox
