#include "app/sandbox/http_server.h"

#include "app/sandbox/detached_connection.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

namespace ratdeck::sandbox {

namespace net = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr size_t maxBodyBytes = 8u << 20;
constexpr int listenBacklog = 1024;
constexpr auto acceptPause = std::chrono::milliseconds(100);

void resetOnClose(StreamSocket& socket) {
  error_code ignored;
  socket.set_option(net::socket_base::linger(true, 0), ignored);
}

} // namespace

class Session;

class HttpServer::Core : public std::enable_shared_from_this<HttpServer::Core> {
public:
  Core(net::io_context& io, HttpHandler handler) : m_io(io), m_handler(std::move(handler)) {}

  template <class Acceptor>
  void acceptNext(std::shared_ptr<Acceptor> acceptor);
  void open(StreamSocket socket, std::string remote);
  void closed(Session* session) {
    m_sessions.erase(session);
    checkIdle();
  }
  void checkIdle() {
    if (!m_idle || !m_sessions.empty() || m_detached > 0)
      return;
    net::post(m_io, std::exchange(m_idle, nullptr));
  }
  std::shared_ptr<void> hold() {
    ++m_detached;
    return std::shared_ptr<void>(nullptr, [self = shared_from_this()](void*) {
      --self->m_detached;
      self->checkIdle();
    });
  }

  net::io_context& m_io;
  HttpHandler m_handler;
  Headers m_headers;
  std::vector<std::function<void()>> m_closeAcceptors;
  std::unordered_set<Session*> m_sessions;
  std::function<void()> m_idle;
  std::string m_unixPath;
  int m_detached = 0;
  bool m_draining = false;
};

// One connection: reads a request, waits for its answer, and so on.
class Session final : public Exchange, public std::enable_shared_from_this<Session> {
public:
  Session(std::shared_ptr<HttpServer::Core> core, StreamSocket socket, std::string remote);
  ~Session() override { m_core->closed(this); }

  void readNext();
  void closeIfIdle() {
    if (!m_answering && m_buffer.size() == 0)
      close();
  }
  void abort() {
    resetOnClose(m_socket);
    close();
  }

  const HttpRequest& request() const override { return m_request; }
  bool wantsUpgrade() const override { return m_upgrade; }
  void reply(HttpReply reply) override;
  void beginStream(const std::string& type) override;
  void write(std::string_view chunk) override;
  void end() override;
  std::unique_ptr<DetachedConnection> detach() override;

private:
  // What the handler holds: an exchange that is dropped unanswered closes its connection.
  class Handle;
  void onRequest();
  void send(std::string bytes);
  void flush();
  void finished();
  void close() {
    error_code ignored;
    m_socket.close(ignored);
  }

  std::shared_ptr<HttpServer::Core> m_core;
  StreamSocket m_socket;
  std::string m_remote;
  boost::beast::flat_buffer m_buffer;
  std::optional<http::request_parser<http::string_body>> m_parser;
  HttpRequest m_request;
  std::string m_out;     // waits to be written
  std::string m_writing; // is being written
  bool m_answering = false;
  bool m_streaming = false;
  bool m_upgrade = false;
  bool m_keepAlive = false;
};

class Session::Handle final : public Exchange {
public:
  explicit Handle(std::shared_ptr<Session> session) : m_session(std::move(session)) {}
  ~Handle() override {
    if (!m_isOver)
      m_session->close();
  }
  const HttpRequest& request() const override { return m_session->request(); }
  bool wantsUpgrade() const override { return m_session->wantsUpgrade(); }
  void reply(HttpReply reply) override {
    if (!std::exchange(m_isOver, true))
      m_session->reply(std::move(reply));
  }
  void beginStream(const std::string& type) override { m_session->beginStream(type); }
  void write(std::string_view chunk) override { m_session->write(chunk); }
  void end() override {
    m_isOver = true;
    m_session->end();
  }
  std::unique_ptr<DetachedConnection> detach() override {
    m_isOver = true;
    return m_session->detach();
  }

private:
  std::shared_ptr<Session> m_session;
  bool m_isOver = false; // the session may be at its next request by the time this one is let go
};

Session::Session(std::shared_ptr<HttpServer::Core> core, StreamSocket socket, std::string remote)
    : m_core(std::move(core)), m_socket(std::move(socket)), m_remote(std::move(remote)) {
  m_core->m_sessions.insert(this);
}

void Session::readNext() {
  m_parser.emplace();
  m_parser->body_limit(maxBodyBytes);
  m_answering = m_streaming = false;
  http::async_read(m_socket, m_buffer, *m_parser, [self = shared_from_this()](error_code error, size_t) {
    if (!error)
      self->onRequest();
  });
}

void Session::onRequest() {
  const auto& message = m_parser->get();
  auto text = [](boost::beast::string_view view) {
    return std::string(view.data(), view.size());
  };
  m_request = {};
  m_request.method = text(message.method_string());
  m_request.target = text(message.target());
  m_request.host = text(message[http::field::host]);
  m_request.userAgent = text(message[http::field::user_agent]);
  m_request.remote = m_remote;
  m_request.body = message.body();
  splitTarget(m_request);
  m_upgrade = m_parser->upgrade();
  m_keepAlive = message.keep_alive();
  m_answering = true;
  m_core->m_handler(std::make_shared<Handle>(shared_from_this()));
}

void Session::reply(HttpReply reply) {
  m_keepAlive = m_keepAlive && !m_core->m_draining;
  send(toWire(reply, m_core->m_headers, !m_keepAlive, m_request.method == "HEAD"));
}

void Session::beginStream(const std::string& type) {
  m_streaming = true;
  m_keepAlive = false;
  std::string head =
      "HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\nTransfer-Encoding: chunked\r\nConnection: close";
  for (const auto& [name, value] : m_core->m_headers)
    head += "\r\n" + name + ": " + value;
  send(head + "\r\n\r\n");
}

void Session::write(std::string_view chunk) {
  char size[24];
  std::snprintf(size, sizeof size, "%zx\r\n", chunk.size());
  send(std::string(size).append(chunk).append("\r\n"));
}

void Session::end() {
  m_streaming = false;
  send("0\r\n\r\n");
}

std::unique_ptr<DetachedConnection> Session::detach() {
  auto bytes = boost::beast::buffers_to_string(m_buffer.data());
  return std::make_unique<DetachedConnection>(
      DetachedConnection{std::move(m_socket), m_parser->release(), std::move(bytes), m_core->hold()});
}

void Session::send(std::string bytes) {
  m_out += bytes;
  if (m_writing.empty())
    flush();
}

void Session::flush() {
  m_writing.swap(m_out);
  net::async_write(m_socket, net::buffer(m_writing), [self = shared_from_this()](error_code error, size_t) {
    self->m_writing.clear();
    if (error)
      return self->close();
    if (!self->m_out.empty())
      return self->flush();
    if (!self->m_streaming)
      self->finished();
  });
}

void Session::finished() {
  if (m_keepAlive && !(m_core->m_draining && m_buffer.size() == 0))
    return readNext();
  error_code ignored;
  m_socket.shutdown(net::socket_base::shutdown_send, ignored);
  close();
}

template <class Acceptor>
void HttpServer::Core::acceptNext(std::shared_ptr<Acceptor> acceptor) {
  acceptor->async_accept([self = shared_from_this(), acceptor](error_code error, auto socket) {
    if (error == net::error::operation_aborted || !acceptor->is_open())
      return;
    if (!error) {
      std::string remote;
      if constexpr (std::is_same_v<Acceptor, net::ip::tcp::acceptor>) {
        error_code ignored;
        socket.set_option(net::ip::tcp::no_delay(true), ignored);
        auto peer = socket.remote_endpoint(ignored);
        remote = peer.address().to_string(ignored);
      }
      self->open(StreamSocket(std::move(socket)), std::move(remote));
      return self->acceptNext(acceptor);
    }
    // Most likely out of descriptors: the connection stays in the backlog, and asking at once would spin.
    auto pause = std::make_shared<net::steady_timer>(self->m_io, acceptPause);
    pause->async_wait([self, acceptor, pause](error_code) {
      if (acceptor->is_open())
        self->acceptNext(acceptor);
    });
  });
}

void HttpServer::Core::open(StreamSocket socket, std::string remote) {
  std::make_shared<Session>(shared_from_this(), std::move(socket), std::move(remote))->readNext();
}

HttpServer::HttpServer(net::io_context& io, HttpHandler handler)
    : m_core(std::make_shared<Core>(io, std::move(handler))) {}

HttpServer::~HttpServer() {
  drop();
  m_core->m_handler = nullptr;
  if (!m_core->m_unixPath.empty())
    ::unlink(m_core->m_unixPath.c_str());
}

void HttpServer::addHeader(std::string name, std::string value) {
  m_core->m_headers.emplace_back(std::move(name), std::move(value));
}

Result<std::uint16_t> HttpServer::listenTcp(const std::string& address, std::uint16_t port) {
  using tcp = net::ip::tcp;
  error_code error;
  auto ip = net::ip::make_address(address, error);
  auto acceptor = std::make_shared<tcp::acceptor>(m_core->m_io);
  if (!error)
    acceptor->open(ip.is_v6() ? tcp::v6() : tcp::v4(), error);
  if (!error)
    acceptor->set_option(tcp::acceptor::reuse_address(true), error);
  if (!error)
    acceptor->bind(tcp::endpoint(ip, port), error);
  if (!error)
    acceptor->listen(listenBacklog, error);
  if (error)
    return failure(error == net::error::address_in_use ? ErrorKind::Conflict : ErrorKind::Internal,
                   "cannot listen on " + address + ":" + std::to_string(port) + ": " + error.message());
  m_core->m_closeAcceptors.push_back([acceptor] {
    error_code ignored;
    acceptor->close(ignored);
  });
  m_core->acceptNext(acceptor);
  return acceptor->local_endpoint(error).port();
}

Status HttpServer::listenUnix(const std::string& path) {
  using local = net::local::stream_protocol;
  error_code error;
  if (path.size() >= sizeof(sockaddr_un::sun_path))
    return failure(ErrorKind::Input, "the socket's path " + path + " is longer than 107 bytes",
                   "use a shorter folder");
  ::unlink(path.c_str());
  auto acceptor = std::make_shared<local::acceptor>(m_core->m_io);
  acceptor->open(local(), error);
  auto mask = ::umask(0177);
  if (!error)
    acceptor->bind(local::endpoint(path), error);
  ::umask(mask);
  if (!error)
    acceptor->listen(listenBacklog, error);
  if (error)
    return failure(ErrorKind::Internal, "cannot listen on " + path + ": " + error.message());
  m_core->m_unixPath = path;
  m_core->m_closeAcceptors.push_back([acceptor] {
    error_code ignored;
    acceptor->close(ignored);
  });
  m_core->acceptNext(acceptor);
  return Done{};
}

void HttpServer::drain(std::function<void()> idle) {
  m_core->m_draining = true;
  for (auto& close : m_core->m_closeAcceptors)
    close();
  m_core->m_closeAcceptors.clear();
  std::vector<Session*> sessions(m_core->m_sessions.begin(), m_core->m_sessions.end());
  for (auto* session : sessions)
    session->closeIfIdle();
  m_core->m_idle = std::move(idle);
  m_core->checkIdle();
}

void HttpServer::drop() {
  for (auto& close : m_core->m_closeAcceptors)
    close();
  m_core->m_closeAcceptors.clear();
  std::vector<Session*> sessions(m_core->m_sessions.begin(), m_core->m_sessions.end());
  for (auto* session : sessions)
    session->abort();
}

} // namespace ratdeck::sandbox
