// ratq: answers queries by gRPC. Like the real one it does not handle SIGTERM.
#include "app/sandbox/grpc_host.h"
#include "app/sandbox/proto/query.grpc.pb.h"

namespace ratdeck::sandbox {

namespace {

namespace query = ratatouille::query::v1;

class RatqRole final : public GrpcRole {
public:
  explicit RatqRole(RoleContext& context) : GrpcRole(context), m_service(*this) { m_host.add(m_service); }
  bool endsAtOnce() const override { return true; }

private:
  class Service final : public query::QueryService::CallbackService {
  public:
    explicit Service(RatqRole& role) : m_role(role) {}

    grpc::ServerUnaryReactor* ExecuteQuery(grpc::CallbackServerContext* context,
                                           const query::ExecuteQueryRequest*,
                                           query::ExecuteQueryResponse* reply) override {
      auto* reactor = context->DefaultReactor();
      m_role.m_host.answer(reactor, [this, reply] {
        reply->add_columns("n");
        for (const char* row : {"1", "2", "3"})
          reply->add_rows(row);
        reply->set_version(m_role.m_context.options().version);
        reply->set_instance(m_role.m_context.options().instance);
        return grpc::Status::OK;
      });
      return reactor;
    }

    grpc::ServerUnaryReactor* ListTables(grpc::CallbackServerContext* context,
                                         const query::ListTablesRequest*,
                                         query::ListTablesResponse* reply) override {
      reply->add_tables("shop.silver.orders");
      auto* reactor = context->DefaultReactor();
      reactor->Finish(grpc::Status::OK);
      return reactor;
    }

  private:
    RatqRole& m_role;
  };

  Service m_service;
};

} // namespace

std::unique_ptr<Role> makeRatq(RoleContext& context) {
  return std::make_unique<RatqRole>(context);
}

} // namespace ratdeck::sandbox
