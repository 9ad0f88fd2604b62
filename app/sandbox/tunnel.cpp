#include "app/sandbox/tunnel.h"

#include "app/sandbox/detached_connection.h"
#include "app/sandbox/http_message.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/write.hpp>

#include <array>
#include <sstream>

namespace ratdeck::sandbox {

namespace net = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = net::ip::tcp;

namespace {

class Tunnel : public std::enable_shared_from_this<Tunnel> {
public:
  Tunnel(net::io_context& io, std::unique_ptr<DetachedConnection> client, Endpoint upstream)
      : m_client(std::move(client)), m_upstream(io), m_peer(std::move(upstream)) {}

  void start(const std::string& target) {
    auto& request = m_client->request;
    request.target(target);
    request.set(http::field::host, m_peer.toString());
    if (request[http::field::upgrade].empty())
      request.set(http::field::connection, "close");
    std::ostringstream text;
    text << request;
    m_head = text.str() + m_client->buffered;
    auto resolver = std::make_shared<tcp::resolver>(m_upstream.get_executor());
    error_code error;
    auto ip = net::ip::make_address(m_peer.host, error);
    if (!error)
      return m_upstream.async_connect(
          tcp::endpoint(ip, m_peer.port),
          [self = shared_from_this()](error_code failed) { self->connected(failed); });
    resolver->async_resolve(
        m_peer.host, std::to_string(m_peer.port),
        [self = shared_from_this(), resolver](error_code failed, tcp::resolver::results_type found) {
          if (failed)
            return self->connected(failed);
          net::async_connect(self->m_upstream, found,
                             [self](error_code f, const tcp::endpoint&) { self->connected(f); });
        });
  }

private:
  void connected(error_code error) {
    if (error)
      return refuse();
    error_code ignored;
    m_upstream.set_option(tcp::no_delay(true), ignored);
    net::async_write(m_upstream, net::buffer(m_head), [self = shared_from_this()](error_code failed, size_t) {
      if (failed)
        return self->refuse();
      self->pump(self->m_upstream, self->m_client->socket, self->m_down);
      self->pump(self->m_client->socket, self->m_upstream, self->m_up);
    });
  }

  void refuse() {
    m_head = toWire(HttpReply{502, R"({"error":"ratd does not answer"})", "application/json", {}}, {}, true,
                    false);
    net::async_write(m_client->socket, net::buffer(m_head),
                     [self = shared_from_this()](error_code, size_t) { self->closeBoth(); });
  }

  template <class From, class To>
  void pump(From& from, To& to, std::array<char, 4096>& buffer) {
    from.async_read_some(net::buffer(buffer), [self = shared_from_this(), &from, &to,
                                               &buffer](error_code error, size_t n) {
      if (error == net::error::eof) {
        error_code ignored;
        to.shutdown(net::socket_base::shutdown_send, ignored);
        if (++self->m_ended == 2 || static_cast<void*>(&from) == &self->m_upstream)
          self->closeBoth();
        return;
      }
      if (error)
        return self->closeBoth();
      net::async_write(to, net::buffer(buffer, n), [self, &from, &to, &buffer](error_code failed, size_t) {
        failed ? self->closeBoth() : self->pump(from, to, buffer);
      });
    });
  }

  void closeBoth() {
    error_code ignored;
    m_client->socket.close(ignored);
    m_upstream.close(ignored);
  }

  std::unique_ptr<DetachedConnection> m_client;
  tcp::socket m_upstream;
  Endpoint m_peer;
  std::string m_head;
  std::array<char, 4096> m_down{};
  std::array<char, 4096> m_up{};
  int m_ended = 0;
};

} // namespace

void startTunnel(net::io_context& io, std::unique_ptr<DetachedConnection> client, const Endpoint& upstream,
                 const std::string& target) {
  std::make_shared<Tunnel>(io, std::move(client), upstream)->start(target);
}

} // namespace ratdeck::sandbox
