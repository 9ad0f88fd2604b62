// Keep-alive connections to one peer. A request takes an idle connection that is still open, else a new one;
// it is sent once. A connection idle for over a second is not used again, so that a server's own idle limit
// is never met just while sending.
#pragma once

#include "app/sandbox/http_connection.h"
#include "core/base/clock.h"

#include <deque>
#include <string_view>

namespace ratdeck::sandbox {

class HttpPool {
public:
  HttpPool(boost::asio::io_context& io, Endpoint peer);
  ~HttpPool();

  const Endpoint& peer() const { return m_peer; }
  void request(std::string_view method, std::string_view target, std::string_view body,
               std::chrono::milliseconds timeout, HttpCallback done);

private:
  struct Idle {
    std::shared_ptr<HttpConnection> connection;
    BootTime since;
  };
  struct Shelf; // outlives the pool while requests are under way
  std::shared_ptr<HttpConnection> take();

  boost::asio::io_context& m_io;
  Endpoint m_peer;
  std::string m_host;
  std::shared_ptr<Shelf> m_shelf;
};

} // namespace ratdeck::sandbox
