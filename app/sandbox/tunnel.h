// Passes a detached connection through to another server, bytes both ways, until both sides have ended: how
// the portal hands on event streams and WebSockets of ratd.
#pragma once

#include "app/sandbox/endpoint.h"

#include <memory>

namespace boost::asio {
class io_context;
}

namespace ratdeck::sandbox {

struct DetachedConnection;

// Sends the connection's own request to `upstream` with the path `target`. A client whose upstream does not
// answer gets a 502.
void startTunnel(boost::asio::io_context& io, std::unique_ptr<DetachedConnection> client,
                 const Endpoint& upstream, const std::string& target);

} // namespace ratdeck::sandbox
