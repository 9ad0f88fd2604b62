#include "core/remote/haproxy/runtime_client.h"

#include "core/base/duration.h"
#include "core/remote/outbox.h"

#include <QLocalSocket>
#include <QNetworkProxy>
#include <QTcpSocket>
#include <QTimer>

#include <algorithm>
#include <deque>

namespace ratdeck {

namespace {

constexpr qsizetype maxAnswer = 16 << 20;
constexpr std::size_t maxCommand = 8 << 10;

struct Job {
  std::string command;
  Answer<std::string> done;
};

Status checkCommand(const std::string& command) {
  const bool hasOdd = std::any_of(command.begin(), command.end(),
                                  [](unsigned char c) { return c < 0x20 || c == 0x7f || c == ';'; });
  if (command.empty() || command.size() > maxCommand || hasOdd)
    return failure(ErrorKind::Input, "not a single HAProxy command");
  return Done{};
}

} // namespace

struct HaproxyRuntimeClient::Impl {
  Impl(std::string endpoint, HaproxyExchange exchange, Duration timeout);
  ~Impl() { dropSocket(); }

  void startNext();
  void connectLocal();
  void connectTcp();
  template <class Socket>
  void follow(Socket* socket);
  void onConnected();
  void onReadable();
  void onClosed();
  void passOn();
  Result<std::string> textOf(std::string answer) const;
  void finish(Result<std::string> result);
  void dropSocket();
  Error unreachable(const std::string& why) const;

  std::string m_endpoint;
  HaproxyExchange m_exchange; // empty: over a socket of this process
  Duration m_timeout;
  std::deque<Job> m_queue; // the first one is under way while m_isBusy
  bool m_isBusy = false;
  QIODevice* m_socket = nullptr;
  QByteArray m_answer;
  QTimer m_timer;
  std::shared_ptr<bool> m_life = std::make_shared<bool>(true); // an exchange may outlive us
  Outbox m_outbox;
};

HaproxyRuntimeClient::Impl::Impl(std::string endpoint, HaproxyExchange exchange, Duration timeout)
    : m_endpoint(std::move(endpoint)), m_exchange(std::move(exchange)), m_timeout(timeout) {
  m_timer.setSingleShot(true);
  m_timer.setTimerType(Qt::PreciseTimer);
  QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] {
    finish(failure(ErrorKind::Timeout,
                   "HAProxy at " + m_endpoint + " did not answer within " + toHumanString(m_timeout)));
  });
}

Error HaproxyRuntimeClient::Impl::unreachable(const std::string& why) const {
  return {ErrorKind::Unreachable,
          "HAProxy's runtime socket " + m_endpoint + ": " + why,
          "is the router running?",
          {}};
}

void HaproxyRuntimeClient::Impl::startNext() {
  if (m_isBusy || m_queue.empty())
    return;
  m_isBusy = true;
  m_answer.clear();
  if (auto fine = checkCommand(m_queue.front().command); !fine)
    return finish(failure(fine.error()));
  if (m_exchange)
    return passOn();
  m_timer.start(toTimerMilliseconds(m_timeout));
  if (m_endpoint.rfind('/', 0) == 0)
    connectLocal();
  else
    connectTcp();
}

// Whoever carries it has the time limit, which is counted where HAProxy is.
void HaproxyRuntimeClient::Impl::passOn() {
  m_exchange(m_queue.front().command, m_timeout,
             [this, life = std::weak_ptr(m_life)](Result<std::string> answer) {
               if (!life.expired())
                 finish(answer ? textOf(std::move(*answer)) : std::move(answer));
             });
}

template <class Socket>
void HaproxyRuntimeClient::Impl::follow(Socket* socket) {
  m_socket = socket;
  QObject::connect(socket, &Socket::connected, m_outbox.context(), [this] { onConnected(); });
  QObject::connect(socket, &Socket::readyRead, m_outbox.context(), [this] { onReadable(); });
  QObject::connect(socket, &Socket::disconnected, m_outbox.context(), [this] { onClosed(); });
}

void HaproxyRuntimeClient::Impl::connectLocal() {
  auto* socket = new QLocalSocket(m_outbox.context());
  follow(socket);
  QObject::connect(socket, &QLocalSocket::errorOccurred, m_outbox.context(),
                   [this, socket](QLocalSocket::LocalSocketError error) {
                     if (error != QLocalSocket::PeerClosedError) // its `disconnected` follows
                       finish(failure(unreachable(socket->errorString().toStdString())));
                   });
  socket->connectToServer(QString::fromStdString(m_endpoint));
}

void HaproxyRuntimeClient::Impl::connectTcp() {
  const auto colon = m_endpoint.rfind(':');
  auto host = QString::fromStdString(m_endpoint.substr(0, colon));
  if (host.startsWith(QLatin1Char('[')) && host.endsWith(QLatin1Char(']')))
    host = host.mid(1, host.size() - 2);
  const int port = colon == std::string::npos ? 0 : std::atoi(m_endpoint.c_str() + colon + 1);
  if (host.isEmpty() || port < 1 || port > 65535)
    return finish(failure(ErrorKind::Input, "neither a socket's path nor HOST:PORT: \"" + m_endpoint + "\""));
  auto* socket = new QTcpSocket(m_outbox.context());
  socket->setProxy(QNetworkProxy::NoProxy);
  follow(socket);
  QObject::connect(socket, &QTcpSocket::errorOccurred, m_outbox.context(),
                   [this, socket](QAbstractSocket::SocketError error) {
                     if (error != QAbstractSocket::RemoteHostClosedError)
                       finish(failure(unreachable(socket->errorString().toStdString())));
                   });
  socket->connectToHost(host, static_cast<quint16>(port));
}

void HaproxyRuntimeClient::Impl::onConnected() {
  const std::string line = m_queue.front().command + "\n";
  m_socket->write(line.data(), static_cast<qint64>(line.size()));
}

void HaproxyRuntimeClient::Impl::onReadable() {
  m_answer += m_socket->readAll();
  if (m_answer.size() > maxAnswer)
    finish(failure(ErrorKind::Internal, "HAProxy's answer is larger than 16 MiB"));
}

void HaproxyRuntimeClient::Impl::onClosed() {
  if (!m_socket)
    return;
  m_answer += m_socket->readAll();
  finish(textOf(m_answer.toStdString()));
}

// Every answer ends with a newline, a listing with an empty line; agreement is an empty line alone.
Result<std::string> HaproxyRuntimeClient::Impl::textOf(std::string answer) const {
  if (answer.empty())
    return failure(unreachable("closed without an answer"));
  const bool isListing = m_queue.front().command.rfind("show ", 0) == 0;
  if (!answer.ends_with(isListing ? "\n\n" : "\n"))
    return failure(ErrorKind::Internal, "HAProxy's answer was cut short");
  answer.pop_back();
  if (!isListing && answer.ends_with('\n'))
    answer.pop_back();
  return answer;
}

void HaproxyRuntimeClient::Impl::finish(Result<std::string> result) {
  dropSocket();
  m_timer.stop();
  m_outbox.post([this, result = std::move(result)]() mutable {
    auto done = std::move(m_queue.front().done);
    m_queue.pop_front();
    m_isBusy = false;
    m_outbox.post([this] { startNext(); });
    done(std::move(result)); // may destroy this client
  });
}

void HaproxyRuntimeClient::Impl::dropSocket() {
  if (!m_socket)
    return;
  m_socket->disconnect();
  m_socket->deleteLater(); // one of its signals may be under way
  m_socket = nullptr;
}

HaproxyRuntimeClient::HaproxyRuntimeClient(std::string endpoint, Duration timeout)
    : m_impl(std::make_unique<Impl>(std::move(endpoint), HaproxyExchange(), timeout)) {}
HaproxyRuntimeClient::HaproxyRuntimeClient(HaproxyExchange exchange, Duration timeout)
    : m_impl(std::make_unique<Impl>("beyond reach of this machine", std::move(exchange), timeout)) {}
HaproxyRuntimeClient::~HaproxyRuntimeClient() = default;

void HaproxyRuntimeClient::run(const std::string& command, Answer<std::string> done) {
  m_impl->m_queue.push_back({command, std::move(done)});
  m_impl->startNext();
}

} // namespace ratdeck
