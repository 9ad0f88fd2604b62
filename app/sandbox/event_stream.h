// The two long answers of ratd: server-sent events and a WebSocket. Both tick four times a second for a while
// and then say "end", so that a client knows a whole stream from a cut one.
#pragma once

#include <chrono>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace ratdeck::sandbox {

class Exchange;
struct DetachedConnection;

inline constexpr auto streamTick = std::chrono::milliseconds(250);

void serveEventStream(boost::asio::io_context& io, std::shared_ptr<Exchange> exchange,
                      std::chrono::milliseconds length);
// service, version and instance go into the answer to the handshake.
void serveWebSocket(boost::asio::io_context& io, std::unique_ptr<DetachedConnection> connection,
                    std::chrono::milliseconds length, std::string service, std::string version,
                    std::string instance);

} // namespace ratdeck::sandbox
