// JSON lines both ways over one socket between the supervisor and one stand-in: faults and orders down,
// "ready" up. All on the io_context's one thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace ratdeck::sandbox {

class ControlChannel {
public:
  // Owns fd, a connected stream socket. `onLine` gets each whole line; lines over 64 KiB end the channel.
  ControlChannel(boost::asio::io_context& io, int fd, std::function<void(const std::string&)> onLine);
  ~ControlChannel();
  ControlChannel(const ControlChannel&) = delete;
  ControlChannel& operator=(const ControlChannel&) = delete;

  void send(const std::string& line);

private:
  class Core;
  std::shared_ptr<Core> m_core;
};

} // namespace ratdeck::sandbox
