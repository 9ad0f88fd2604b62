// minio, nessie and whatever has no role of its own: a server that answers and has health pages.
#include "app/sandbox/http_role.h"

namespace ratdeck::sandbox {

namespace {

class PlainRole final : public HttpRole {
public:
  using HttpRole::HttpRole;

protected:
  void handle(std::shared_ptr<Exchange> exchange) override {
    bool notReady =
        exchange->request().path == "/health/ready" && m_context.faults().has(FaultKind::NotReady);
    const auto& options = m_context.options();
    exchange->reply({notReady ? 503 : 200,
                     R"({"status":")" + std::string(notReady ? "not_ready" : "ok") + R"(","service":")" +
                         options.service + R"(","version":")" + options.version + "\"}",
                     "application/json",
                     {}});
  }
  bool isHealthPath(const std::string& path) const override {
    return HttpRole::isHealthPath(path) || path.starts_with("/minio/health/") || path == "/api/v2/config";
  }
};

} // namespace

std::unique_ptr<Role> makePlain(RoleContext& context) {
  return std::make_unique<PlainRole>(context);
}

} // namespace ratdeck::sandbox
