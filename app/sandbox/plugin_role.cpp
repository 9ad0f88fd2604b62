// A Pro plugin: says by gRPC that it serves.
#include "app/sandbox/grpc_host.h"
#include "app/sandbox/proto/plugin.grpc.pb.h"

namespace ratdeck::sandbox {

namespace {

namespace plugin = ratatouille::plugin::v1;

class PluginRole final : public GrpcRole {
public:
  explicit PluginRole(RoleContext& context) : GrpcRole(context), m_service(*this) { m_host.add(m_service); }

private:
  class Service final : public plugin::PluginService::CallbackService {
  public:
    explicit Service(PluginRole& role) : m_role(role) {}

    grpc::ServerUnaryReactor* HealthCheck(grpc::CallbackServerContext* context,
                                          const plugin::HealthCheckRequest*,
                                          plugin::HealthCheckResponse* reply) override {
      auto* reactor = context->DefaultReactor();
      m_role.m_host.answer(reactor, [this, reply] {
        bool well = m_role.m_context.isHealthy();
        reply->set_status(well ? plugin::HealthCheckResponse::STATUS_SERVING
                               : plugin::HealthCheckResponse::STATUS_NOT_SERVING);
        reply->set_message(m_role.m_context.options().service + " " + m_role.m_context.options().version);
        return grpc::Status::OK;
      });
      return reactor;
    }

  private:
    PluginRole& m_role;
  };

  Service m_service;
};

} // namespace

std::unique_ptr<Role> makePlugin(RoleContext& context) {
  return std::make_unique<PluginRole>(context);
}

} // namespace ratdeck::sandbox
