// The portal: every page and API call goes through ratd (API_URL) once, never twice; /stream and /ws are
// passed through.
#include "app/sandbox/detached_connection.h"
#include "app/sandbox/http_pool.h"
#include "app/sandbox/http_role.h"
#include "app/sandbox/tunnel.h"

#include <optional>

namespace ratdeck::sandbox {

namespace {

constexpr auto upstreamTimeout = std::chrono::seconds(10);

class PortalRole final : public HttpRole {
public:
  explicit PortalRole(RoleContext& context) : HttpRole(context) {
    if (auto ratd = parseEndpoint(context.environment("API_URL"), 8080))
      m_ratd.emplace(context.io(), *ratd);
  }

protected:
  void handle(std::shared_ptr<Exchange> exchange) override {
    const auto& request = exchange->request();
    if (!m_ratd)
      return exchange->reply({502, R"({"error":"API_URL names no ratd"})", "application/json", {}});
    if (request.path == "/health")
      return exchange->reply({200, R"({"status":"ok"})", "application/json", {}});
    if (request.path == "/")
      return pass(std::move(exchange), "GET", "/api/v1/plugins", true);
    if (request.path == "/stream" || request.path == "/ws")
      return passStream(*exchange);
    if (request.path.starts_with("/api/"))
      return pass(exchange, request.method, request.target, false);
    exchange->reply({404, "not found", "text/plain", {}});
  }

private:
  void pass(std::shared_ptr<Exchange> exchange, const std::string& method, const std::string& target,
            bool asPage) {
    auto body = exchange->request().body;
    m_ratd->request(method, target, body, upstreamTimeout, [exchange, asPage](HttpOutcome outcome) {
      if (outcome.failure != HttpFailure::None)
        return exchange->reply({outcome.failure == HttpFailure::Timeout ? 504 : 502,
                                R"({"error":"ratd: )" + outcome.detail + "\"}",
                                "application/json",
                                {}});
      auto who = outcome.upstream.empty() ? outcome.service + " " + outcome.version + " " + outcome.instance
                                          : outcome.upstream;
      HttpReply reply{outcome.status, std::move(outcome.body), "application/json", {{"X-Rat-Upstream", who}}};
      if (asPage && outcome.status == 200) {
        reply.type = "text/html";
        reply.body = "<!doctype html><title>RAT</title><p>ratd " + outcome.version + "</p>";
      }
      exchange->reply(std::move(reply));
    });
  }

  void passStream(Exchange& exchange) {
    auto target = "/api/v1" + exchange.request().target;
    startTunnel(m_context.io(), exchange.detach(), m_ratd->peer(), target);
  }

  std::optional<HttpPool> m_ratd;
};

} // namespace

std::unique_ptr<Role> makePortal(RoleContext& context) {
  return std::make_unique<PortalRole>(context);
}

} // namespace ratdeck::sandbox
