#include "app/sandbox/http_role.h"

#include <boost/asio/steady_timer.hpp>

namespace ratdeck::sandbox {

HttpRole::HttpRole(RoleContext& context)
    : m_context(context),
      m_server(context.io(), [this](std::shared_ptr<Exchange> exchange) { dispatch(std::move(exchange)); }) {
  m_server.addHeader("X-Rat-Service", context.options().service);
  m_server.addHeader("X-Rat-Version", context.options().version);
  m_server.addHeader("X-Rat-Instance", context.options().instance);
}

Status HttpRole::listen() {
  for (auto port : m_context.ports())
    if (auto bound = m_server.listenTcp(m_context.options().address, port); !bound)
      return failure(bound.error());
  return Done{};
}

void HttpRole::drain(std::function<void()> idle) {
  m_server.drain(std::move(idle));
}

bool HttpRole::isHealthPath(const std::string& path) const {
  return path == healthPathOf(roleOf(m_context.options().plays)) || path == "/health" ||
         path == "/health/live" || path == "/health/ready";
}

Duration HttpRole::timeOfNext() {
  if (const auto* slow = m_context.faults().find(FaultKind::Slow))
    return slow->duration;
  const auto& work = m_context.options().work;
  return work.every > 0 && ++m_asked % work.every == 0 ? work.longest : work.usual;
}

void HttpRole::dispatch(std::shared_ptr<Exchange> exchange) {
  const auto& path = exchange->request().path;
  if (isHealthPath(path)) {
    if (!m_context.isHealthy())
      return exchange->reply({503, R"({"status":"unhealthy"})", "application/json", {}});
    return handle(std::move(exchange));
  }
  auto& faults = m_context.faults();
  if (faults.failsNow()) {
    m_context.log("error", "request failed", {{"path", path}, {"status", "500"}});
    return exchange->reply({500, R"({"error":"injected fault"})", "application/json", {}});
  }
  const auto time = timeOfNext();
  if (time == Duration::zero())
    return handle(std::move(exchange));
  auto timer = std::make_shared<boost::asio::steady_timer>(m_context.io());
  timer->expires_after(time);
  timer->async_wait([this, timer, exchange = std::move(exchange)](boost::system::error_code error) mutable {
    if (!error)
      handle(std::move(exchange));
  });
}

} // namespace ratdeck::sandbox
