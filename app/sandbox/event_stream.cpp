#include "app/sandbox/event_stream.h"

#include "app/sandbox/detached_connection.h"
#include "app/sandbox/http_server.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

namespace ratdeck::sandbox {

namespace net = boost::asio;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;

namespace {

class EventStream : public std::enable_shared_from_this<EventStream> {
public:
  EventStream(net::io_context& io, std::shared_ptr<Exchange> exchange, std::chrono::milliseconds length)
      : m_exchange(std::move(exchange)), m_timer(io), m_left(length / streamTick) {}

  void start() {
    m_exchange->beginStream("text/event-stream");
    tick();
  }

private:
  void tick() {
    if (m_left-- <= 0) {
      m_exchange->write("event: end\ndata: {}\n\n");
      return m_exchange->end();
    }
    m_exchange->write("event: tick\ndata: {\"left\":" + std::to_string(m_left) + "}\n\n");
    m_timer.expires_after(streamTick);
    m_timer.async_wait([self = shared_from_this()](error_code error) {
      if (!error)
        self->tick();
    });
  }

  std::shared_ptr<Exchange> m_exchange;
  net::steady_timer m_timer;
  long long m_left;
};

class WebSocket : public std::enable_shared_from_this<WebSocket> {
public:
  WebSocket(net::io_context& io, std::unique_ptr<DetachedConnection> connection,
            std::chrono::milliseconds length)
      : m_request(std::move(connection->request)), m_hold(std::move(connection->hold)),
        m_stream(std::move(connection->socket)), m_timer(io), m_left(length / streamTick) {}

  void start(std::string service, std::string version, std::string instance) {
    m_stream.set_option(websocket::stream_base::decorator([=](websocket::response_type& response) {
      response.set("X-Rat-Service", service);
      response.set("X-Rat-Version", version);
      response.set("X-Rat-Instance", instance);
    }));
    m_stream.async_accept(m_request, [self = shared_from_this()](error_code error) {
      if (error)
        return;
      self->listen();
      self->tick();
    });
  }

private:
  // Reads, so that pings and the peer's close are answered.
  void listen() {
    m_stream.async_read(m_buffer, [self = shared_from_this()](error_code error, size_t) {
      if (error) {
        self->m_timer.cancel();
        return;
      }
      self->m_buffer.clear();
      self->listen();
    });
  }

  void tick() {
    bool isLast = m_left-- <= 0;
    m_text = isLast ? "end" : "tick " + std::to_string(m_left);
    m_stream.text(true);
    m_stream.async_write(net::buffer(m_text), [self = shared_from_this(), isLast](error_code error, size_t) {
      if (error)
        return;
      if (isLast)
        return self->m_stream.async_close(websocket::close_code::normal, [self](error_code) {});
      self->m_timer.expires_after(streamTick);
      self->m_timer.async_wait([self](error_code cancelled) {
        if (!cancelled)
          self->tick();
      });
    });
  }

  boost::beast::http::request<boost::beast::http::string_body> m_request;
  std::shared_ptr<void> m_hold;
  websocket::stream<StreamSocket> m_stream;
  net::steady_timer m_timer;
  boost::beast::flat_buffer m_buffer;
  std::string m_text;
  long long m_left;
};

} // namespace

void serveEventStream(net::io_context& io, std::shared_ptr<Exchange> exchange,
                      std::chrono::milliseconds length) {
  std::make_shared<EventStream>(io, std::move(exchange), length)->start();
}

void serveWebSocket(net::io_context& io, std::unique_ptr<DetachedConnection> connection,
                    std::chrono::milliseconds length, std::string service, std::string version,
                    std::string instance) {
  std::make_shared<WebSocket>(io, std::move(connection), length)
      ->start(std::move(service), std::move(version), std::move(instance));
}

} // namespace ratdeck::sandbox
