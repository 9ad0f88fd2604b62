// An HTTP/1.1 server on the event loop of its process. It parses, hands each request to one handler, and
// knows how to leave: drain() stops accepting, closes idle connections, lets what is in flight finish with
// "Connection: close"; drop() is the abrupt exit.
//
// All calls and handlers run on the io_context's one thread. It must not know what is served.
#pragma once

#include "app/sandbox/http_message.h"
#include "core/base/result.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace ratdeck::sandbox {

struct DetachedConnection;

// One request and its answer. Either reply() once, or beginStream(), write() and end(), or detach(). An
// exchange that is let go unanswered closes its connection.
class Exchange {
public:
  virtual ~Exchange() = default;
  virtual const HttpRequest& request() const = 0;
  virtual bool wantsUpgrade() const = 0;
  virtual void reply(HttpReply reply) = 0;
  // A chunked 200 answer of that type.
  virtual void beginStream(const std::string& type) = 0;
  virtual void write(std::string_view chunk) = 0;
  virtual void end() = 0;
  // Takes the connection out of the server; it goes on counting as in flight while the result's `hold` lives.
  virtual std::unique_ptr<DetachedConnection> detach() = 0;
};

using HttpHandler = std::function<void(std::shared_ptr<Exchange>)>;

class HttpServer {
public:
  HttpServer(boost::asio::io_context& io, HttpHandler handler);
  ~HttpServer(); // drops every connection
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Headers that every reply carries.
  void addHeader(std::string name, std::string value);
  // Port 0 takes a free one; answers the port. Errors: Conflict (address in use), Internal.
  Result<std::uint16_t> listenTcp(const std::string& address, std::uint16_t port);
  // Replaces a socket file nobody listens on; mode 0600.
  Status listenUnix(const std::string& path);
  // `idle` is called once, when nothing is in flight any more.
  void drain(std::function<void()> idle);
  // Closes every connection with a reset, answered or not.
  void drop();

  class Core; // the implementation's

private:
  std::shared_ptr<Core> m_core;
};

} // namespace ratdeck::sandbox
