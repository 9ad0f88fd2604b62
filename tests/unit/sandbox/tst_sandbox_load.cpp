// The load counts what goes wrong: against a platform that behaves nothing fails, and each way to misbehave
// is seen.
#include "app/sandbox/http_server.h"
#include "app/sandbox/load_generator.h"
#include "app/sandbox/load_service.h"
#include "tests/support/manual_clock.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <QtTest>

#include <csignal>
#include <mutex>
#include <thread>

using namespace ratdeck;
using namespace ratdeck::sandbox;

namespace {

enum class Ill {
  Nothing,
  Answers500,
  Answers404,
  Resets,
  Silent,
  CutsStreams,
  LosesPosts,
  DoublesPosts,
  LedgerGone
};

// ratd and its ledger in one scripted server.
class ScriptedPlatform {
public:
  ScriptedPlatform(boost::asio::io_context& io, Ill ill)
      : m_io(io), m_ill(ill),
        m_server(io, [this](std::shared_ptr<Exchange> exchange) { handle(std::move(exchange)); }) {}

  std::uint16_t listen() { return m_server.listenTcp("127.92.0.1", 0).value_or(0); }
  int connections() const { return m_requests; }

private:
  void handle(std::shared_ptr<Exchange> exchange) {
    const auto& request = exchange->request();
    ++m_requests;
    if (request.path == "/ledger")
      return exchange->reply(m_ill == Ill::LedgerGone ? HttpReply{503, "", "text/plain", {}} : ledger());
    if (request.path == "/api/v1/stream")
      return stream(*exchange);
    if (m_requests % 5 == 0 && m_ill == Ill::Resets)
      return; // let go unanswered: the connection closes
    if (m_requests % 5 == 0 && m_ill == Ill::Silent) {
      m_held.push_back(std::move(exchange));
      return;
    }
    if (m_requests % 5 == 0 && (m_ill == Ill::Answers500 || m_ill == Ill::Answers404))
      return exchange->reply({m_ill == Ill::Answers500 ? 500 : 404, "{}", "application/json", {}});
    if (request.method == "POST")
      return exchange->reply(record(request.queryValue("id")));
    exchange->reply({200, "{}", "application/json", {}});
  }

  HttpReply record(const std::string& id) {
    ++m_posts;
    if (m_ill != Ill::LosesPosts || m_posts % 5 != 0)
      m_ledger[id] += m_ill == Ill::DoublesPosts && m_posts % 5 == 0 ? 2 : 1;
    return {201, "{}", "application/json", {}};
  }

  HttpReply ledger() const { return {200, dumpJson({{"ids", m_ledger}}), "application/json", {}}; }

  void stream(Exchange& exchange) {
    exchange.beginStream("text/event-stream");
    exchange.write("event: tick\n\n");
    if (m_ill == Ill::CutsStreams)
      return; // let go before its end
    exchange.write("event: end\n\n");
    exchange.end();
  }

  boost::asio::io_context& m_io;
  Ill m_ill;
  std::map<std::string, int> m_ledger;
  std::vector<std::shared_ptr<Exchange>> m_held;
  int m_requests = 0;
  int m_posts = 0;
  HttpServer m_server;
};

// Runs a load for that time.
Json reportOfLoad(boost::asio::io_context& io, const LoadOptions& options, std::chrono::milliseconds time) {
  SystemClock clock;
  LoadGenerator load(io, options, clock);
  boost::asio::steady_timer end(io);
  Json report;
  end.expires_after(time);
  end.async_wait([&](boost::system::error_code) {
    load.stop([&](Json json) {
      report = std::move(json);
      io.stop();
    });
  });
  load.start();
  io.run_for(std::chrono::seconds(20));
  return report;
}

// Says it is shop 7, closes no connection, and counts them.
class PatientServer {
public:
  explicit PatientServer(boost::asio::io_context& io)
      : m_acceptor(io, {boost::asio::ip::make_address("127.92.0.3"), 0}) {
    accept();
  }
  std::string peer() const { return "127.92.0.3:" + std::to_string(m_acceptor.local_endpoint().port()); }
  int connections() const { return m_connections; }

private:
  struct Connection {
    explicit Connection(boost::asio::ip::tcp::socket taken) : socket(std::move(taken)) {}
    boost::asio::ip::tcp::socket socket;
    std::string request;
  };

  void accept() {
    m_acceptor.async_accept([this](boost::system::error_code error, boost::asio::ip::tcp::socket socket) {
      if (error)
        return;
      ++m_connections;
      answer(std::make_shared<Connection>(std::move(socket)));
      accept();
    });
  }
  void answer(std::shared_ptr<Connection> connection) {
    auto& ref = *connection;
    boost::asio::async_read_until(ref.socket, boost::asio::dynamic_buffer(ref.request), "\r\n\r\n",
                                  [this, connection](boost::system::error_code error, size_t length) {
                                    if (error)
                                      return;
                                    connection->request.erase(0, length);
                                    boost::asio::write(connection->socket, boost::asio::buffer(m_reply),
                                                       error);
                                    answer(connection);
                                  });
  }

  boost::asio::ip::tcp::acceptor m_acceptor;
  int m_connections = 0;
  const std::string m_reply =
      "HTTP/1.1 200 OK\r\nX-Rat-Service: shop\r\nX-Rat-Version: 7\r\nContent-Length: 0\r\n\r\n";
};

// Runs 0.5 s of load with event streams against it; the WebSockets of the load are refused there, and left
// out.
Json reportOf(Ill ill) {
  boost::asio::io_context io(1);
  ScriptedPlatform platform(io, ill);
  auto port = platform.listen();
  LoadOptions options;
  options.rate = 200;
  options.streams = ill == Ill::CutsStreams ? 1 : 0;
  options.ratd = Endpoint{"127.92.0.1", port};
  options.ledger = options.ratd;
  options.timeout = std::chrono::milliseconds(300);
  return reportOfLoad(io, options, std::chrono::milliseconds(500));
}

long long kind(const Json& report, const char* name) {
  return integerAt(memberAt(report, "by_kind"), name);
}
long long posts(const Json& report, const char* name) {
  return integerAt(memberAt(report, "posts"), name, -1);
}

} // namespace

class TestSandboxLoad : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void initTestCase() { std::signal(SIGPIPE, SIG_IGN); }
  void nothingFailsWhereNothingIsWrong();
  void serverErrorsAreCounted();
  void unexpectedClientErrorsAreCounted();
  void resetsAreCountedAndNotRetried();
  void silenceIsATimeout();
  void cutStreamsAreCounted();
  void lostPostsAreSeen();
  void doubledPostsAreSeen();
  void aLedgerThatIsNotReadLeavesLostUnknown();
  void nobodyThereIsRefused();
  void aWebIsAskedOnNewConnectionsAndItsFirstAnswerIsKnown();
  void aLongSuspendIsCountedAndNotFiledOneByOne();
  void repliesAreLetGoOnTheirOwnersThread();
  void everyReplyComesThoughTheLoadIsAbandoned();
  void optionsOutOfRangeAreRefused();
};

void TestSandboxLoad::aLongSuspendIsCountedAndNotFiledOneByOne() {
  boost::asio::io_context io(1);
  ManualClock clock;
  LoadOptions options;
  options.rate = 1000;
  options.streams = 0;
  options.ratd = Endpoint{"127.92.0.3", 9};
  LoadGenerator load(io, options, clock);
  load.start();
  clock.advance(std::chrono::hours(10));
  io.run_for(std::chrono::milliseconds(200));
  Json report;
  load.stop([&](Json json) { report = std::move(json); });
  io.run_for(std::chrono::seconds(20));
  auto filed = static_cast<long long>(memberAt(memberAt(report, "samples"), "boot_ms").size());
  QCOMPARE(integerAt(report, "requests"), 36000001LL); // the one due at the start, too
  QCOMPARE(integerAt(report, "failed"), integerAt(report, "requests"));
  QVERIFY2(filed < 25000, std::to_string(filed).c_str());
  long long classes = 0;
  for (const auto& [name, one] : memberAt(report, "by_class").items())
    classes += integerAt(one, "failed");
  QCOMPARE(classes, integerAt(report, "failed"));
}

namespace {

LoadOptions loadOnNobody() {
  LoadOptions options;
  options.rate = 50;
  options.streams = 0;
  options.ratd = Endpoint{"127.92.0.4", 9};
  return options;
}

} // namespace

void TestSandboxLoad::repliesAreLetGoOnTheirOwnersThread() {
  boost::asio::io_context io(1);
  LoadService service(io);
  QVERIFY(service.start(loadOnNobody()).has_value());
  std::vector<std::string> log;
  std::mutex mutex;
  auto owner = std::this_thread::get_id();
  auto token = [&] {
    return std::shared_ptr<void>(nullptr, [&](void*) {
      std::lock_guard guard(mutex);
      log.push_back(std::this_thread::get_id() == owner ? "here" : "elsewhere");
    });
  };
  service.live([held = token()](const Result<Json>&) {});
  service.stop([held = token()](const Result<Json>&) {});
  service.abandon();
  io.run_for(std::chrono::milliseconds(100));
  QCOMPARE(log, (std::vector<std::string>{"here", "here"}));
}

void TestSandboxLoad::everyReplyComesThoughTheLoadIsAbandoned() {
  boost::asio::io_context io(1);
  LoadService service(io);
  std::vector<std::string> log;
  auto told = [&](const char* what) {
    return [&log, what](const Result<Json>& report) {
      log.push_back(std::string(what) + (report ? " answered" : ": " + report.error().message));
    };
  };
  QVERIFY(service.start(loadOnNobody()).has_value());
  service.live(told("live"));
  service.stop(told("stop"));
  service.abandon();
  io.run_for(std::chrono::milliseconds(100));
  QCOMPARE(log, (std::vector<std::string>{"live: no load runs", "stop: no load runs"}));
  log.clear();
  io.restart();
  auto work = boost::asio::make_work_guard(io);
  QVERIFY(service.start(loadOnNobody()).has_value());
  service.stop([&](const Result<Json>& report) {
    told("stop")(report);
    io.stop();
  });
  io.run_for(std::chrono::seconds(20));
  QCOMPARE(log, (std::vector<std::string>{"stop answered"}));
}

void TestSandboxLoad::nothingFailsWhereNothingIsWrong() {
  auto report = reportOf(Ill::Nothing);
  QVERIFY(integerAt(report, "requests") >= 90);
  QCOMPARE(integerAt(report, "failed", -1), 0);
  QVERIFY(posts(report, "sent") >= 15);
  QCOMPARE(posts(report, "acknowledged"), posts(report, "sent"));
  QCOMPARE(posts(report, "lost"), 0);
  QCOMPARE(posts(report, "doubled"), 0);
  const auto& samples = memberAt(report, "samples");
  for (const char* column : {"boot_ms", "latency_us", "failed", "class"})
    QCOMPARE(static_cast<long long>(memberAt(samples, column).size()), integerAt(report, "requests"));
  QVERIFY(numberAt(report, "p99_ms") >= numberAt(report, "p50_ms"));
}

void TestSandboxLoad::serverErrorsAreCounted() {
  auto report = reportOf(Ill::Answers500);
  QVERIFY(kind(report, "status_5xx") >= 15);
  QCOMPARE(kind(report, "status_5xx"), integerAt(report, "failed"));
  const auto& first = memberAt(report, "failures").at(0);
  QCOMPARE(textAt(first, "kind"), std::string("status_5xx"));
  QCOMPARE(integerAt(first, "status"), 500);
}

void TestSandboxLoad::unexpectedClientErrorsAreCounted() {
  QVERIFY(kind(reportOf(Ill::Answers404), "unexpected_4xx") >= 15);
}

void TestSandboxLoad::resetsAreCountedAndNotRetried() {
  auto report = reportOf(Ill::Resets);
  QVERIFY(kind(report, "reset") >= 15);
  QCOMPARE(kind(report, "reset"), integerAt(report, "failed"));
}

void TestSandboxLoad::silenceIsATimeout() {
  QVERIFY(kind(reportOf(Ill::Silent), "timeout") >= 15);
}

void TestSandboxLoad::cutStreamsAreCounted() {
  auto report = reportOf(Ill::CutsStreams);
  QVERIFY(kind(report, "stream_cut") >= 1);
  QVERIFY(integerAt(memberAt(report, "streams"), "cut") >= 1);
}

void TestSandboxLoad::lostPostsAreSeen() {
  auto report = reportOf(Ill::LosesPosts);
  QCOMPARE(integerAt(report, "failed"), 0); // each looked well to its sender
  QVERIFY(posts(report, "lost") >= 3);
  QCOMPARE(posts(report, "doubled"), 0);
}

void TestSandboxLoad::doubledPostsAreSeen() {
  auto report = reportOf(Ill::DoublesPosts);
  QVERIFY(posts(report, "doubled") >= 3);
  QCOMPARE(posts(report, "lost"), 0);
}

void TestSandboxLoad::aLedgerThatIsNotReadLeavesLostUnknown() {
  auto report = reportOf(Ill::LedgerGone);
  QVERIFY(memberAt(memberAt(report, "posts"), "lost").is_null());
  QVERIFY(!boolAt(memberAt(report, "posts"), "ledger_read", true));
}

void TestSandboxLoad::nobodyThereIsRefused() {
  boost::asio::io_context io(1);
  LoadOptions options;
  options.rate = 100;
  options.streams = 0;
  {
    HttpServer closed(io, [](std::shared_ptr<Exchange>) {});
    options.ratd = Endpoint{"127.92.0.2", closed.listenTcp("127.92.0.2", 0).value_or(1)};
  }
  const auto report = reportOfLoad(io, options, std::chrono::milliseconds(200));
  QVERIFY(integerAt(report, "requests") >= 15);
  QCOMPARE(kind(report, "refused"), integerAt(report, "requests"));
}

void TestSandboxLoad::aWebIsAskedOnNewConnectionsAndItsFirstAnswerIsKnown() {
  for (const bool isNew : {true, false}) {
    boost::asio::io_context io(1);
    PatientServer server(io);
    const auto options =
        readLoadOptions({{"rate", 200}, {"new_connections", isNew}, {"targets", {{"web", server.peer()}}}});
    QVERIFY(options.has_value());
    QCOMPARE(options->streams, 0);
    const auto report = reportOfLoad(io, *options, std::chrono::milliseconds(300));
    const auto requests = integerAt(report, "requests");
    QVERIFY(requests >= 40);
    QCOMPARE(integerAt(report, "failed", -1), 0);
    QCOMPARE(server.connections() == requests, isNew);
    const auto& first = memberAt(report, "first_answer_boot_ms");
    const auto began = integerAt(report, "started_boot_ns") / 1000000;
    QCOMPARE(first.size(), size_t(1));
    QVERIFY(integerAt(first, "shop 7") >= began && integerAt(first, "shop 7") < began + 300);
  }
}

void TestSandboxLoad::optionsOutOfRangeAreRefused() {
  QVERIFY(readLoadOptions({{"targets", {{"ratd", "127.92.0.1:8080"}}}}).has_value());
  QVERIFY(!readLoadOptions(Json::object()));
  QVERIFY(!readLoadOptions({{"targets", {{"ratd", "nowhere:"}}}}));
  QVERIFY(!readLoadOptions({{"targets", {{"ratd", "127.92.0.1:8080"}}}, {"rate", 0}}));
  QVERIFY(!readLoadOptions({{"targets", {{"ratd", "127.92.0.1:8080"}}}, {"streams", -1}}));
}

QTEST_APPLESS_MAIN(TestSandboxLoad)
#include "tst_sandbox_load.moc"
