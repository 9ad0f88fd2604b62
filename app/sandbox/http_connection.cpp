#include "app/sandbox/http_connection.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <sys/socket.h>

#include <optional>
#include <utility>

namespace ratdeck::sandbox {

namespace net = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = net::ip::tcp;

namespace {

constexpr size_t maxReplyBytes = 64u << 20;

HttpFailure failureOf(error_code error) {
  if (error == net::error::connection_refused || error == net::error::host_not_found ||
      error == net::error::host_unreachable || error == net::error::network_unreachable)
    return HttpFailure::Refused;
  bool isHttp = error.category() == http::make_error_code(http::error::bad_method).category();
  if (isHttp && error != http::error::end_of_stream && error != http::error::partial_message)
    return HttpFailure::Malformed;
  return HttpFailure::Reset;
}

} // namespace

class HttpConnection::Core : public std::enable_shared_from_this<HttpConnection::Core> {
public:
  Core(net::io_context& io, Endpoint peer) : m_socket(io), m_timer(io), m_peer(std::move(peer)) {}

  void start(std::string wire, std::chrono::milliseconds timeout, HttpCallback done);
  void close() {
    error_code ignored;
    m_done = nullptr;
    m_timer.cancel();
    m_socket.close(ignored);
  }
  bool isReusable() const;

private:
  void connect();
  void resolve();
  void send();
  void receive();
  void finish(error_code error, const char* doing);
  void deliver(HttpOutcome outcome);
  void opened(error_code error) {
    if (error)
      return finish(error, "connecting");
    error_code ignored;
    m_socket.set_option(tcp::no_delay(true), ignored);
    send();
  }

  tcp::socket m_socket;
  net::steady_timer m_timer;
  Endpoint m_peer;
  std::string m_wire;
  boost::beast::flat_buffer m_buffer;
  std::optional<http::response_parser<http::string_body>> m_parser;
  HttpCallback m_done;
  bool m_keepAlive = false;
  bool m_timedOut = false;
};

void HttpConnection::Core::start(std::string wire, std::chrono::milliseconds timeout, HttpCallback done) {
  m_wire = std::move(wire);
  m_done = std::move(done);
  m_timedOut = false;
  m_timer.expires_after(timeout);
  m_timer.async_wait([self = shared_from_this()](error_code error) {
    if (error || !self->m_done)
      return;
    self->m_timedOut = true;
    error_code ignored;
    self->m_socket.close(ignored);
  });
  m_keepAlive = false;
  m_socket.is_open() ? send() : connect();
}

void HttpConnection::Core::connect() {
  error_code error;
  auto ip = net::ip::make_address(m_peer.host, error);
  if (error)
    return resolve();
  m_socket.async_connect(tcp::endpoint(ip, m_peer.port),
                         [self = shared_from_this()](error_code failed) { self->opened(failed); });
}

void HttpConnection::Core::resolve() {
  auto resolver = std::make_shared<tcp::resolver>(m_socket.get_executor());
  resolver->async_resolve(
      m_peer.host, std::to_string(m_peer.port),
      [self = shared_from_this(), resolver](error_code error, tcp::resolver::results_type found) {
        if (error)
          return self->finish(error, "resolving");
        net::async_connect(self->m_socket, found,
                           [self](error_code failed, const tcp::endpoint&) { self->opened(failed); });
      });
}

void HttpConnection::Core::send() {
  net::async_write(m_socket, net::buffer(m_wire), [self = shared_from_this()](error_code error, size_t) {
    // A peer that answered early and closed may still have its answer in our buffer.
    if (error && error != net::error::broken_pipe && error != net::error::connection_reset)
      return self->finish(error, "sending");
    self->receive();
  });
}

void HttpConnection::Core::receive() {
  m_parser.emplace();
  m_parser->body_limit(maxReplyBytes);
  http::async_read(m_socket, m_buffer, *m_parser, [self = shared_from_this()](error_code error, size_t) {
    self->finish(error, "awaiting the answer");
  });
}

void HttpConnection::Core::finish(error_code error, const char* doing) {
  if (!m_done)
    return;
  HttpOutcome outcome;
  if (error) {
    outcome.failure = m_timedOut ? HttpFailure::Timeout : failureOf(error);
    outcome.detail = std::string(m_timedOut ? "timed out" : error.message()) + " while " + doing;
    error_code ignored;
    m_socket.close(ignored);
    return deliver(std::move(outcome));
  }
  auto& message = m_parser->get();
  auto text = [&](const char* name) {
    auto view = message[name];
    return std::string(view.data(), view.size());
  };
  outcome.status = static_cast<int>(message.result_int());
  outcome.service = text("X-Rat-Service");
  outcome.version = text("X-Rat-Version");
  outcome.instance = text("X-Rat-Instance");
  outcome.upstream = text("X-Rat-Upstream");
  m_keepAlive = message.keep_alive();
  outcome.body = std::move(message.body());
  if (!m_keepAlive) {
    error_code ignored;
    m_socket.close(ignored);
  }
  deliver(std::move(outcome));
}

void HttpConnection::Core::deliver(HttpOutcome outcome) {
  m_timer.cancel();
  std::exchange(m_done, nullptr)(std::move(outcome));
}

bool HttpConnection::Core::isReusable() const {
  if (!m_socket.is_open() || m_done || !m_keepAlive || m_buffer.size() > 0)
    return false;
  char byte = 0;
  auto got = ::recv(const_cast<tcp::socket&>(m_socket).native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

HttpConnection::HttpConnection(net::io_context& io, Endpoint peer)
    : m_core(std::make_shared<Core>(io, std::move(peer))) {}

HttpConnection::~HttpConnection() {
  m_core->close();
}

void HttpConnection::exchange(std::string wire, std::chrono::milliseconds timeout, HttpCallback done) {
  m_core->start(std::move(wire), timeout, std::move(done));
}

bool HttpConnection::isReusable() const {
  return m_core->isReusable();
}

} // namespace ratdeck::sandbox
