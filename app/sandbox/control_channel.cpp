#include "app/sandbox/control_channel.h"

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

namespace ratdeck::sandbox {

namespace net = boost::asio;
using boost::system::error_code;

namespace {

constexpr size_t maxLine = 64u << 10;

} // namespace

class ControlChannel::Core : public std::enable_shared_from_this<ControlChannel::Core> {
public:
  Core(net::io_context& io, int fd, std::function<void(const std::string&)> onLine)
      : m_socket(io, net::local::stream_protocol(), fd), m_onLine(std::move(onLine)) {}

  void read() {
    net::async_read_until(m_socket, net::dynamic_buffer(m_in, maxLine), '\n',
                          [self = shared_from_this()](error_code error, size_t n) {
                            if (error)
                              return;
                            auto line = self->m_in.substr(0, n - 1);
                            self->m_in.erase(0, n);
                            if (self->m_onLine)
                              self->m_onLine(line);
                            if (self->m_socket.is_open())
                              self->read();
                          });
  }

  void send(const std::string& line) {
    m_out += line + "\n";
    if (m_writing.empty())
      flush();
  }

  void close() {
    m_onLine = nullptr;
    error_code ignored;
    m_socket.close(ignored);
  }

private:
  void flush() {
    m_writing.swap(m_out);
    net::async_write(m_socket, net::buffer(m_writing), [self = shared_from_this()](error_code error, size_t) {
      self->m_writing.clear();
      if (!error && !self->m_out.empty())
        self->flush();
    });
  }

  net::local::stream_protocol::socket m_socket;
  std::function<void(const std::string&)> m_onLine;
  std::string m_in;
  std::string m_out;
  std::string m_writing;
};

ControlChannel::ControlChannel(net::io_context& io, int fd, std::function<void(const std::string&)> onLine)
    : m_core(std::make_shared<Core>(io, fd, std::move(onLine))) {
  m_core->read();
}

ControlChannel::~ControlChannel() {
  m_core->close();
}

void ControlChannel::send(const std::string& line) {
  m_core->send(line);
}

} // namespace ratdeck::sandbox
