// A connection that left its HTTP server: for tunnels and WebSockets. Includes Boost.Beast; keep it out of
// headers.
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <memory>
#include <string>

namespace ratdeck::sandbox {

using StreamSocket = boost::asio::generic::stream_protocol::socket;

struct DetachedConnection {
  StreamSocket socket;
  boost::beast::http::request<boost::beast::http::string_body> request;
  std::string buffered;       // what the client sent after the request
  std::shared_ptr<void> hold; // the server counts the connection as in flight while this lives
};

} // namespace ratdeck::sandbox
