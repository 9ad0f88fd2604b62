// A real HAProxy, two tiny HTTP servers, keep-alive and closing clients: the swap in the order that the
// product uses loses nothing; the wrong order, with the same clients, loses requests.
#include "running_haproxy.h"
#include "scripted_server.h"

#include <set>

using namespace ratdeck;

namespace {

// Answers 2 ms after each request with its own name; can be killed: everything it holds is reset.
class TinyServer {
public:
  explicit TinyServer(QByteArray name) : m_name(std::move(name)) {
    m_server.setListenBacklogSize(256);
    m_server.listen(QHostAddress(QStringLiteral("127.95.4.10")), 0);
    QObject::connect(&m_server, &QTcpServer::newConnection, &m_server, [this] { accept(); });
  }
  std::string address() const { return "127.95.4.10:" + std::to_string(m_server.serverPort()); }
  int requests = 0;
  bool closesAfter = false;

  void kill() {
    m_server.close();
    const auto sockets = m_sockets;
    for (auto* socket : sockets)
      socket->abort();
  }

private:
  void accept() {
    while (auto* socket = m_server.nextPendingConnection()) {
      m_sockets.insert(socket);
      QObject::connect(socket, &QTcpSocket::disconnected, &m_server, [this, socket] {
        m_sockets.erase(socket);
        socket->deleteLater();
      });
      QObject::connect(socket, &QTcpSocket::readyRead, socket, [this, socket] { answer(socket); });
    }
  }

  void answer(QTcpSocket* socket) {
    QByteArray pending = socket->property("pending").toByteArray() + socket->readAll();
    for (auto end = pending.indexOf("\r\n\r\n"); end >= 0; end = pending.indexOf("\r\n\r\n")) {
      pending.remove(0, end + 4);
      ++requests;
      QTimer::singleShot(2, socket, [this, socket] {
        socket->write("HTTP/1.1 200 OK\r\nContent-Length: " + QByteArray::number(m_name.size()) + "\r\n\r\n" +
                      m_name);
      });
    }
    socket->setProperty("pending", pending);
  }

  QByteArray m_name;
  QTcpServer m_server;
  std::set<QTcpSocket*> m_sockets;
};

// One client in a closed loop over a connection it keeps (or opens anew each time). Never retries.
class Client {
public:
  Client(std::uint16_t port, bool keepsAlive) : m_port(port), m_keepsAlive(keepsAlive) { ask(); }
  ~Client() { drop(); }
  int asked = 0;
  int failed = 0;
  std::map<QByteArray, int> answers;
  QByteArray lastFailure;

private:
  void ask() {
    ++asked;
    m_received.clear();
    if (!m_socket) {
      m_socket = new QTcpSocket(&m_owner);
      m_socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
      QObject::connect(m_socket, &QTcpSocket::readyRead, &m_owner, [this] { onBytes(); });
      QObject::connect(m_socket, &QTcpSocket::errorOccurred, &m_owner, [this] { onBroken(); });
      m_socket->connectToHost(QStringLiteral("127.95.4.1"), m_port);
    }
    m_socket->write(m_keepsAlive ? "GET / HTTP/1.1\r\nHost: t\r\n\r\n"
                                 : "GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
    m_isAsking = true;
  }

  void onBytes() {
    m_received += m_socket->readAll();
    const auto end = m_received.indexOf("\r\n\r\n");
    if (end < 0)
      return;
    const auto head = m_received.left(end).toLower();
    const auto at = head.indexOf("content-length:");
    const auto length =
        at < 0 ? 0
               : head.mid(at + 15, head.indexOf('\r', at) < 0 ? -1 : head.indexOf('\r', at) - at - 15)
                     .trimmed()
                     .toInt();
    if (m_received.size() < end + 4 + length)
      return;
    const bool isFine = head.startsWith("http/1.1 200");
    if (isFine)
      ++answers[m_received.mid(end + 4)];
    settle(isFine, head.left(head.indexOf('\r')),
           !m_keepsAlive || !isFine || head.contains("connection: close"));
  }

  void onBroken() {
    if (m_isAsking)
      settle(false, "broken: " + m_socket->errorString().toLatin1(), true);
    else
      drop();
  }

  void settle(bool isFine, const QByteArray& what, bool closes) {
    m_isAsking = false;
    if (!isFine) {
      ++failed;
      lastFailure = what;
    }
    if (closes)
      drop();
    QTimer::singleShot(1, &m_owner, [this] { ask(); });
  }

  void drop() {
    if (!m_socket)
      return;
    m_socket->disconnect();
    m_socket->abort();
    m_socket->deleteLater();
    m_socket = nullptr;
  }

  QObject m_owner;
  std::uint16_t m_port;
  bool m_keepsAlive;
  bool m_isAsking = false;
  QTcpSocket* m_socket = nullptr;
  QByteArray m_received;
};

constexpr int crowdSize = 16;

struct Crowd {
  explicit Crowd(std::uint16_t port) {
    for (int i = 0; i < crowdSize; ++i)
      clients.push_back(std::make_unique<Client>(port, i % 4 != 3));
  }
  int sum(int Client::*member) const {
    int total = 0;
    for (const auto& client : clients)
      total += *client.*member;
    return total;
  }
  int answeredBy(const char* name) const {
    int total = 0;
    for (const auto& client : clients)
      if (auto found = client->answers.find(name); found != client->answers.end())
        total += found->second;
    return total;
  }
  QByteArray lastFailure() const {
    for (const auto& client : clients)
      if (!client->lastFailure.isEmpty())
        return client->lastFailure;
    return {};
  }
  std::vector<std::unique_ptr<Client>> clients;
};

const HaproxyServerName oldOne{"web", "old"};
const HaproxyServerName newOne{"web", "new"};

} // namespace

class TestHaproxySwap : public QObject {
  Q_OBJECT

  std::optional<HaproxyStat> rowOf(HaproxyRouterOps& ops, const std::string& server) {
    Answers<std::vector<HaproxyStat>> answers;
    ops.sample({"web"}, answers.next());
    if (!answers.wait() || !answers.at(0))
      return std::nullopt;
    for (const auto& row : *answers.at(0))
      if (row.server == server)
        return row;
    return std::nullopt;
  }

  bool isDrained(HaproxyRouterOps& ops, const std::string& server) {
    for (int i = 0; i < 200; ++i)
      if (auto row = rowOf(ops, server); row && row->inFlight == 0)
        return true;
    return false;
  }

private Q_SLOTS:
  void theRightOrderLosesNothing() {
    std::vector<std::unique_ptr<TinyServer>> servers;
    servers.push_back(std::make_unique<TinyServer>("v0"));
    RunningHaproxy haproxy({{"v0", servers[0]->address()}});
    QVERIFY(haproxy.isUp);
    HaproxyRouterOps ops(haproxy.socket());
    QVERIFY(until([&] { return rowOf(ops, "v0").has_value(); }));
    Crowd crowd(haproxy.port);
    QVERIFY(until([&] { return crowd.answeredBy("v0") > 100; }));
    constexpr int swaps = 6;
    for (int i = 1; i <= swaps; ++i) {
      const HaproxyServerName leaving{"web", "v" + std::to_string(i - 1)};
      const HaproxyServerName joining{"web", "v" + std::to_string(i)};
      servers.push_back(std::make_unique<TinyServer>(QByteArray::fromStdString(joining.server)));
      auto& server = *servers.back();
      QCOMPARE(settled([&](auto done) { ops.addServer(joining, server.address(), {}, done); }), "done");
      QCOMPARE(settled([&](auto done) { ops.enableServer(joining, done); }), "done");
      QVERIFY(until([&] { return crowd.answeredBy(joining.server.c_str()) > 20; }));
      QCOMPARE(settled([&](auto done) { ops.drainServer(leaving, done); }), "done");
      QVERIFY(isDrained(ops, leaving.server));
      QCOMPARE(rowOf(ops, leaving.server)->retries, 0);
      QCOMPARE(rowOf(ops, leaving.server)->redispatches, 0);
      QCOMPARE(settled([&](auto done) { ops.removeServer(leaving, {}, done); }), "done");
      servers[static_cast<std::size_t>(i - 1)]->kill();
      QVERIFY(until([&] { return crowd.answeredBy(joining.server.c_str()) > 150; }));
    }
    qInfo("%d requests over %d swaps, %d failed %s", crowd.sum(&Client::asked), swaps,
          crowd.sum(&Client::failed), crowd.lastFailure().constData());
    QCOMPARE(crowd.sum(&Client::failed), 0);
    const auto frontend = rowOf(ops, "FRONTEND");
    QVERIFY(frontend && frontend->responses5xx == 0);
    QVERIFY(*frontend->requests >= crowd.sum(&Client::asked) - crowdSize);
  }

  // The control: the same clients see the loss when the old server dies before it is drained.
  void theWrongOrderIsSeenToLoseRequests() {
    TinyServer before("old");
    TinyServer after("new");
    RunningHaproxy haproxy({{"old", before.address()}});
    QVERIFY(haproxy.isUp);
    HaproxyRouterOps ops(haproxy.socket());
    QVERIFY(until([&] { return rowOf(ops, "old").has_value(); }));
    Crowd crowd(haproxy.port);
    QVERIFY(until([&] { return crowd.answeredBy("old") > 100; }));
    QCOMPARE(settled([&](auto done) { ops.addServer(newOne, after.address(), {}, done); }), "done");
    before.kill();
    QCOMPARE(settled([&](auto done) { ops.enableServer(newOne, done); }), "done");
    QCOMPARE(settled([&](auto done) { ops.drainServer(oldOne, done); }), "done");
    QVERIFY(until([&] { return crowd.answeredBy("new") > 50; }));
    qInfo("%d of %d requests lost, such as: %s", crowd.sum(&Client::failed), crowd.sum(&Client::asked),
          crowd.lastFailure().constData());
    QVERIFY(crowd.sum(&Client::failed) > 0);
  }

  void everyOperationMayBeRepeated() {
    TinyServer first("old");
    TinyServer second("new");
    RunningHaproxy haproxy({{"old", first.address()}});
    QVERIFY(haproxy.isUp);
    HaproxyRouterOps ops(haproxy.socket());
    const auto status = [&](const char* server) {
      const auto row = rowOf(ops, server);
      return row ? QByteArray::fromStdString(row->status).split(' ').first() : QByteArray("gone");
    };
    QVERIFY(until([&] { return status("old") == "UP"; }));
    QByteArray log;
    const auto step = [&](const char* what, const std::function<void(Answer<Done>)>& operation) {
      for (int i = 0; i < 2; ++i) {
        log += QByteArray(what) + ": " + settled(operation);
        log += ", " + status("new") + "\n";
      }
    };
    step("add", [&](auto done) { ops.addServer(newOne, second.address(), {}, done); });
    step("enable", [&](auto done) { ops.enableServer(newOne, done); });
    step("add again", [&](auto done) { ops.addServer(newOne, second.address(), {}, done); });
    step("drain", [&](auto done) { ops.drainServer(newOne, done); });
    step("ready", [&](auto done) { ops.readyServer(newOne, done); });
    step("remove", [&](auto done) { ops.removeServer(newOne, {}, done); });
    step("drain", [&](auto done) { ops.drainServer(newOne, done); });
    step("ready", [&](auto done) { ops.readyServer(newOne, done); });
    step("enable", [&](auto done) { ops.enableServer(newOne, done); });
    const auto twice = [](const QByteArray& line) {
      return line + "\n" + line + "\n";
    };
    QCOMPARE(log, twice("add: done, MAINT") + twice("enable: done, UP") + twice("add again: done, UP") +
                      twice("drain: done, DRAIN") + twice("ready: done, UP") + twice("remove: done, gone") +
                      twice("drain: done, gone") + twice("ready: HAProxy has no server web/new, gone") +
                      twice("enable: HAProxy has no server web/new, gone"));
    QCOMPARE(
        settled([&](auto done) { ops.addServer(oldOne, "127.95.4.10:1", {}, done); }),
        QByteArray::fromStdString("web/old is at " + first.address() + " already, not at 127.95.4.10:1"));
    QCOMPARE(settled([&](auto done) {
               ops.addServer({"none", "a"}, "127.95.4.10:1", {}, done);
             }),
             "HAProxy has no backend none");
  }

  void aServerWithOpenRequestsIsRemovedOnlyByDecision() {
    ScriptedServer mute([](QTcpSocket*, const QByteArray&) {}, "127.95.4.10");
    RunningHaproxy haproxy({{"old", mute.authority()}});
    QVERIFY(haproxy.isUp);
    HaproxyRouterOps ops(haproxy.socket());
    QVERIFY(until([&] { return rowOf(ops, "old").has_value(); }));
    Client client(haproxy.port, true);
    QVERIFY(until([&] { return rowOf(ops, "old")->inFlight == 1; }));
    const auto kept = settled([&](auto done) { ops.removeServer(oldOne, {.patience = 200ms}, done); });
    QVERIFY2(kept.contains("still has open connections"), kept.constData());
    QCOMPARE(rowOf(ops, "old")->status, "MAINT");
    QCOMPARE(client.failed, 0);
    QCOMPARE(
        settled([&](auto done) { ops.removeServer(oldOne, {.patience = 50ms, .cutsSessions = true}, done); }),
        "done");
    QVERIFY(!rowOf(ops, "old").has_value());
    QVERIFY(until([&] { return client.failed > 0; }));
  }

  void aReloadedOrDeadHaproxyIsNamed() {
    TinyServer server("old");
    auto haproxy =
        std::make_unique<RunningHaproxy>(std::vector<HaproxyConfigServer>{{"old", server.address()}});
    QVERIFY(haproxy->isUp);
    HaproxyRouterOps ops(haproxy->socket());
    QCOMPARE(settled([&](auto done) { ops.drainServer(oldOne, done); }), "done");
    haproxy.reset();
    const auto said = settled([&](auto done) { ops.readyServer(oldOne, done); });
    QVERIFY2(said.contains("is the router running?"), said.constData());
  }
};

QTEST_GUILESS_MAIN(TestHaproxySwap)
#include "tst_haproxy_swap.moc"
