// The number of active work, from a command, a JSON field, a Prometheus server: and never zero for one that
// cannot be read.
#include "core/runtime/probe/target_counter.h"
#include "tests/unit/runtime/answers.h"
#include "tests/unit/runtime/http_server.h"
#include "tests/unit/runtime/scripted_runtime.h"

#include <QtTest>

#include <curl/curl.h>

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

const char* const host = "127.0.0.1";
const InstanceId copy("rat-jobs-1");

WorkCount byCommand() {
  WorkCount count;
  count.command = {"/jobs", "--token=s3cret"};
  return count;
}

WorkCount byHttp(std::uint16_t port, const std::string& field) {
  WorkCount count;
  count.kind = CountKind::Http;
  count.port = port;
  count.path = "/stats";
  count.field = field;
  return count;
}

WorkCount byQuery() {
  WorkCount count;
  count.kind = CountKind::Prometheus;
  count.url = "http://p:9090";
  count.query = "sum(jobs)";
  return count;
}

} // namespace

class CounterTest : public QObject {
  Q_OBJECT

  ScriptedRuntime m_runtime;

  Result<long long> ask(TargetCounter& counter, const WorkCount& spec) {
    return answerOf<long long>([&](auto done) { counter.count(spec, copy, host, done); });
  }

private Q_SLOTS:
  void initTestCase() { curl_global_init(CURL_GLOBAL_DEFAULT); }
  void init() { m_runtime.execs.clear(); }

  void aNumberIsOneFromZeroAndNothingElse_data() {
    QTest::addColumn<std::string>("text");
    QTest::addColumn<int>("count");
    const auto row = [](const char* text, int count) {
      QTest::newRow(*text ? text : "nothing") << std::string(text) << count;
    };
    row("0", 0);
    row(" 3\n", 3);
    row("2.2", 3);
    row("", -1);
    row("-1", -1);
    row("nan", -1);
    row("inf", -1);
    row("1e300", -1);
    row("3 jobs", -1);
    row("active: 3", -1);
  }
  void aNumberIsOneFromZeroAndNothingElse() {
    QFETCH(std::string, text);
    QFETCH(int, count);
    const auto read = countOf(text);
    QCOMPARE(read ? int(*read) : -1, count);
  }

  void aFieldIsFoundByItsNames_data() {
    QTest::addColumn<std::string>("field");
    QTest::addColumn<int>("count");
    const auto row = [](const char* field, int count) {
      QTest::newRow(field) << std::string(field) << count;
    };
    row("total", 7);
    row("jobs.active", 3);
    row("queues.1.length", 5);
    row("jobs", -1);
    row("jobs.idle", -1);
    row("queues.2.length", -1);
    row("queues.x", -1);
    row("jobs..active", -1);
    row("name", -1);
  }
  void aFieldIsFoundByItsNames() {
    QFETCH(std::string, field);
    QFETCH(int, count);
    const auto read =
        countIn(R"({"total":7,"name":"3","jobs":{"active":3},"queues":[{"length":4},{"length":5}]})", field);
    QCOMPARE(read ? int(*read) : -1, count);
    QVERIFY(!countIn("no JSON", field));
  }

  void aCommandPrintsIt() {
    TargetCounter counter(m_runtime);
    m_runtime.execs.insert_or_assign(copy.value, ExecReport{0, "4\n"});
    QCOMPARE(*ask(counter, byCommand()), 4LL);
    m_runtime.execs.insert_or_assign(copy.value, ExecReport{1, "s3cret was refused"});
    const auto failed = ask(counter, byCommand());
    QCOMPARE(failed.error().toString(), std::string("the command that counts active work ended with 1"));
    m_runtime.execs.insert_or_assign(copy.value, ExecReport{0, "s3cret"});
    QVERIFY(ask(counter, byCommand()).error().toString().find("s3cret") == std::string::npos);
    m_runtime.execs.insert_or_assign(copy.value, failure(ErrorKind::Unreachable, "nobody"));
    QCOMPARE(ask(counter, byCommand()).error().kind, ErrorKind::Unreachable);
    QCOMPARE(ask(counter, WorkCount{}).error().kind, ErrorKind::Input); // its command is not known
  }

  void aCopyAnswersIt() {
    std::string line;
    HttpServer::Reply reply{200, R"({"jobs":{"active":6}})"};
    HttpServer server(host, 0, [&](const std::string& asked) {
      line = asked;
      return reply;
    });
    TargetCounter counter(m_runtime);
    QCOMPARE(*ask(counter, byHttp(server.port(), "jobs.active")), 6LL);
    QCOMPARE(line, std::string("GET /stats HTTP/1.1"));
    reply = {503, R"({"jobs":{"active":0}})"};
    QCOMPARE(ask(counter, byHttp(server.port(), "jobs.active")).error().kind, ErrorKind::Refused);
    reply = {200, "2"};
    QCOMPARE(*ask(counter, byHttp(server.port(), "")), 2LL);
    const auto port = server.port();
    server.kill();
    QCOMPARE(ask(counter, byHttp(port, "")).error().kind, ErrorKind::Unreachable);
  }

  void aPrometheusServerIsAskedByWhoeverKnowsHow() {
    TargetCounter without(m_runtime);
    QCOMPARE(ask(without, byQuery()).error().kind, ErrorKind::Input);
    std::string asked;
    double value = 2.5;
    TargetCounter counter(m_runtime, {},
                          [&](const std::string& url, const std::string& query, Callback<double> done) {
                            asked = url + " " + query;
                            QTimer::singleShot(0, [done, value] { done(value); });
                          });
    QCOMPARE(*ask(counter, byQuery()), 3LL);
    QCOMPARE(asked, std::string("http://p:9090 sum(jobs)"));
    value = -1;
    QVERIFY(!ask(counter, byQuery()));
  }
};

QTEST_GUILESS_MAIN(CounterTest)
#include "tst_counter.moc"
