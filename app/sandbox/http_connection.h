// The client's end of one HTTP/1.1 connection: sends one request at a time and never a second time. Every
// failure has a name, for the load counts them.
//
// All on the io_context's one thread. Callbacks come exactly once, never from inside the call.
#pragma once

#include "app/sandbox/endpoint.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace ratdeck::sandbox {

enum class HttpFailure {
  None,
  Refused,   // no connection
  Reset,     // reset, or closed before the answer was whole
  Timeout,   // not whole in time
  Malformed, // an answer that is not HTTP
};

struct HttpOutcome {
  HttpFailure failure = HttpFailure::None;
  std::string detail; // of a failure, for people
  int status = 0;
  std::string body;
  std::string service; // X-Rat-Service, -Version, -Instance of who answered
  std::string version;
  std::string instance;
  std::string upstream; // X-Rat-Upstream: who answered behind it, "service version instance"
};

using HttpCallback = std::function<void(HttpOutcome)>;

class HttpConnection {
public:
  HttpConnection(boost::asio::io_context& io, Endpoint peer);
  ~HttpConnection(); // closes; a callback still due is dropped
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  // Connects first where it is not connected. `wire` is the whole request (toWire).
  void exchange(std::string wire, std::chrono::milliseconds timeout, HttpCallback done);
  // Connected, idle, and neither closed nor fed by the peer: fit for another request.
  bool isReusable() const;

private:
  class Core;
  std::shared_ptr<Core> m_core;
};

} // namespace ratdeck::sandbox
