#include "core/remote/tcp_probe.h"

#include "core/base/duration.h"
#include "core/remote/outbox.h"

#include <QNetworkProxy>
#include <QTcpSocket>
#include <QTimer>

#include <map>

namespace ratdeck {

namespace {

struct Attempt {
  QTcpSocket* socket = nullptr; // a child of the outbox's context, and the parent of its timer
  BootTime started;
  Answer<TcpProbeResult> done;
  std::string peer;
};

} // namespace

struct TcpProber::Impl {
  CallId connect(const std::string& host, std::uint16_t port, Duration timeout, Answer<TcpProbeResult> done);
  void cancel(CallId id);
  void finish(CallId id, Result<TcpProbeResult> result);
  void drop(Attempt& attempt);

  SystemClock m_clock;
  std::map<CallId, Attempt> m_attempts;
  std::uint64_t m_lastId = 0;
  Outbox m_outbox;
};

CallId TcpProber::Impl::connect(const std::string& host, std::uint16_t port, Duration timeout,
                                Answer<TcpProbeResult> done) {
  const CallId id{++m_lastId};
  auto* socket = new QTcpSocket(m_outbox.context());
  socket->setProxy(QNetworkProxy::NoProxy);
  const std::string peer = host + ":" + std::to_string(port);
  m_attempts.emplace(id, Attempt{socket, m_clock.now().boot, std::move(done), peer});
  QObject::connect(socket, &QTcpSocket::connected, socket, [this, id] {
    finish(id, TcpProbeResult{m_clock.now().boot - m_attempts.at(id).started});
  });
  QObject::connect(socket, &QTcpSocket::errorOccurred, socket, [this, id, socket, peer] {
    finish(id, failure(ErrorKind::Unreachable,
                       "cannot connect to " + peer + ": " + socket->errorString().toStdString()));
  });
  QTimer::singleShot(toTimerMilliseconds(timeout), Qt::PreciseTimer, socket, [this, id, peer, timeout] {
    finish(id, failure(ErrorKind::Timeout, "no connection to " + peer + " within " + toHumanString(timeout)));
  });
  socket->connectToHost(QString::fromStdString(host), port);
  return id;
}

void TcpProber::Impl::drop(Attempt& attempt) {
  if (!attempt.socket)
    return;
  attempt.socket->disconnect();
  attempt.socket->abort();
  attempt.socket->deleteLater(); // one of its signals may be under way
  attempt.socket = nullptr;
}

void TcpProber::Impl::finish(CallId id, Result<TcpProbeResult> result) {
  auto found = m_attempts.find(id);
  if (found == m_attempts.end() || !found->second.socket)
    return;
  drop(found->second);
  m_outbox.post([this, id, result = std::move(result)]() mutable {
    auto answered = m_attempts.find(id);
    if (answered == m_attempts.end())
      return;
    auto done = std::move(answered->second.done);
    m_attempts.erase(answered);
    done(std::move(result)); // may destroy this prober
  });
}

void TcpProber::Impl::cancel(CallId id) {
  auto found = m_attempts.find(id);
  if (found == m_attempts.end())
    return;
  drop(found->second);
  m_attempts.erase(found);
}

TcpProber::TcpProber() : m_impl(std::make_unique<Impl>()) {}
TcpProber::~TcpProber() = default;
CallId TcpProber::connect(const std::string& host, std::uint16_t port, Duration timeout,
                          Answer<TcpProbeResult> done) {
  return m_impl->connect(host, port, timeout, std::move(done));
}
void TcpProber::cancel(CallId id) {
  m_impl->cancel(id);
}

} // namespace ratdeck
