#include "app/sandbox/web_socket_client.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

#include <utility>

namespace ratdeck::sandbox {

namespace net = boost::asio;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using tcp = net::ip::tcp;

class WebSocketClient::Core : public std::enable_shared_from_this<WebSocketClient::Core> {
public:
  Core(net::io_context& io, Endpoint peer) : m_stream(io), m_timer(io), m_peer(std::move(peer)) {}

  void open(std::string target, std::chrono::milliseconds timeout, HttpCallback done) {
    m_target = std::move(target);
    m_done = std::move(done);
    error_code error;
    auto ip = net::ip::make_address(m_peer.host, error);
    m_timer.expires_after(timeout);
    m_timer.async_wait([self = shared_from_this()](error_code cancelled) {
      if (!cancelled)
        self->finish(HttpFailure::Timeout, "timed out");
    });
    m_stream.next_layer().async_connect(
        tcp::endpoint(ip, m_peer.port), [self = shared_from_this()](error_code failed) {
          failed ? self->finish(HttpFailure::Refused, failed.message()) : self->shake();
        });
  }

  void close() {
    m_done = nullptr;
    m_timer.cancel();
    error_code ignored;
    m_stream.next_layer().close(ignored);
  }

private:
  void shake() {
    error_code ignored;
    m_stream.next_layer().set_option(tcp::no_delay(true), ignored);
    m_stream.async_handshake(
        m_response, m_peer.toString(), m_target, [self = shared_from_this()](error_code failed) {
          self->m_outcome.status = static_cast<int>(self->m_response.result_int());
          auto text = [&](const char* name) {
            auto view = self->m_response[name];
            return std::string(view.data(), view.size());
          };
          self->m_outcome.service = text("X-Rat-Service");
          self->m_outcome.version = text("X-Rat-Version");
          self->m_outcome.instance = text("X-Rat-Instance");
          if (!failed)
            return self->read();
          bool refused = failed == websocket::error::upgrade_declined;
          self->finish(refused ? HttpFailure::None : HttpFailure::Reset, failed.message());
        });
  }

  void read() {
    m_stream.async_read(m_buffer, [self = shared_from_this()](error_code failed, size_t) {
      if (failed)
        return self->finish(HttpFailure::Reset, failed.message() + " before the end marker");
      if (boost::beast::buffers_to_string(self->m_buffer.data()) == "end")
        return self->readClose();
      self->m_buffer.clear();
      self->read();
    });
  }

  // The marker was there; what is left is the closing handshake, which the peer begins.
  void readClose() {
    m_outcome.body = "end";
    m_buffer.clear();
    m_stream.async_read(
        m_buffer, [self = shared_from_this()](error_code, size_t) { self->finish(HttpFailure::None, {}); });
  }

  void finish(HttpFailure failure, std::string detail) {
    if (!m_done)
      return;
    m_timer.cancel();
    error_code ignored;
    m_stream.next_layer().close(ignored);
    m_outcome.failure = failure;
    m_outcome.detail = std::move(detail);
    std::exchange(m_done, nullptr)(std::move(m_outcome));
  }

  websocket::stream<tcp::socket> m_stream;
  net::steady_timer m_timer;
  Endpoint m_peer;
  std::string m_target;
  websocket::response_type m_response;
  boost::beast::flat_buffer m_buffer;
  HttpOutcome m_outcome;
  HttpCallback m_done;
};

WebSocketClient::WebSocketClient(net::io_context& io, Endpoint peer)
    : m_core(std::make_shared<Core>(io, std::move(peer))) {}
WebSocketClient::~WebSocketClient() {
  m_core->close();
}
void WebSocketClient::open(const std::string& target, std::chrono::milliseconds timeout, HttpCallback done) {
  m_core->open(target, timeout, std::move(done));
}

} // namespace ratdeck::sandbox
