// One WebSocket read to its end: whole when the text frame "end" came. For the load.
#pragma once

#include "app/sandbox/http_connection.h"

namespace ratdeck::sandbox {

class WebSocketClient {
public:
  WebSocketClient(boost::asio::io_context& io, Endpoint peer);
  ~WebSocketClient(); // closes; a callback still due is dropped
  WebSocketClient(const WebSocketClient&) = delete;
  WebSocketClient& operator=(const WebSocketClient&) = delete;

  // `done` once: failure None and body "end" for a whole stream; status 101 once the handshake was through,
  // the refusing status otherwise.
  void open(const std::string& target, std::chrono::milliseconds timeout, HttpCallback done);

private:
  class Core;
  std::shared_ptr<Core> m_core;
};

} // namespace ratdeck::sandbox
