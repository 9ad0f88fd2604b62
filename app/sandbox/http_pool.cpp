#include "app/sandbox/http_pool.h"

#include "app/sandbox/http_message.h"

#include <boost/asio/io_context.hpp>

namespace ratdeck::sandbox {

namespace {

constexpr auto maxIdle = std::chrono::seconds(1);

BootTime bootNow() {
  return SystemClock().now().boot;
}

} // namespace

struct HttpPool::Shelf {
  std::deque<Idle> idle; // the freshest last
};

HttpPool::HttpPool(boost::asio::io_context& io, Endpoint peer)
    : m_io(io), m_peer(std::move(peer)), m_host(m_peer.toString()), m_shelf(std::make_shared<Shelf>()) {}

HttpPool::~HttpPool() {
  m_shelf->idle.clear();
}

std::shared_ptr<HttpConnection> HttpPool::take() {
  auto& idle = m_shelf->idle;
  auto now = bootNow();
  while (!idle.empty() && now - idle.front().since > maxIdle)
    idle.pop_front();
  while (!idle.empty()) {
    auto connection = std::move(idle.back().connection);
    idle.pop_back();
    if (connection->isReusable())
      return connection;
  }
  return std::make_shared<HttpConnection>(m_io, m_peer);
}

void HttpPool::request(std::string_view method, std::string_view target, std::string_view body,
                       std::chrono::milliseconds timeout, HttpCallback done) {
  auto connection = take();
  auto& ref = *connection;
  ref.exchange(toWire(method, target, m_host, body, false), timeout,
               [shelf = m_shelf, connection = std::move(connection),
                done = std::move(done)](HttpOutcome outcome) mutable {
                 if (outcome.failure == HttpFailure::None && connection->isReusable())
                   shelf->idle.push_back({std::move(connection), bootNow()});
                 done(std::move(outcome));
               });
}

} // namespace ratdeck::sandbox
