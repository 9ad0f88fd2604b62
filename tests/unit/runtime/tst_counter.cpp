// The number of active work, from a command, a JSON field, a Prometheus server: and never zero for one that
// cannot be read.
#include "core/runtime/docker/docker_target.h"
#include "core/runtime/measure/prometheus_meter.h"
#include "core/runtime/probe/target_counter.h"
#include "core/runtime/process/address_file.h"
#include "core/runtime/process/sandbox_target.h"
#include "tests/unit/remote/scripted_server.h"
#include "tests/unit/runtime/answers.h"
#include "tests/unit/runtime/http_server.h"
#include "tests/unit/runtime/scripted_runtime.h"

#include <QTemporaryDir>
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

WorkCount byQuery(const std::string& url) {
  WorkCount count;
  count.kind = CountKind::Prometheus;
  count.url = url;
  count.query = "sum(jobs)";
  return count;
}

QByteArray prometheusAnswer(const QByteArray& data) {
  const QByteArray body = R"({"status":"success","data":)" + data + "}";
  return "HTTP/1.1 200 OK\r\nContent-Length: " + QByteArray::number(body.size()) +
         "\r\nConnection: close\r\n\r\n" + body;
}

} // namespace

class CounterTest : public QObject {
  Q_OBJECT

  ScriptedRuntime m_runtime;
  PrometheusMeter m_meter{{}};

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
    TargetCounter counter(m_runtime, m_meter);
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
    TargetCounter counter(m_runtime, m_meter);
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

  void aQueryOfAPrometheusServerGivesIt() {
    QByteArray result = R"({"resultType":"vector","result":[{"metric":{},"value":[1,"2.5"]}]})";
    ScriptedServer server([&](QTcpSocket* socket, const QByteArray& received) {
      if (received.contains("query="))
        socket->write(prometheusAnswer(result));
    });
    TargetCounter counter(m_runtime, m_meter);
    const auto spec = byQuery("http://" + server.authority());
    QCOMPARE(*ask(counter, spec), 3LL);
    const QByteArray asked = server.received().at(0);
    QVERIFY2(asked.startsWith("POST /api/v1/query ") && asked.contains("query=sum%28jobs%29"),
             asked.constData());
    result = R"({"resultType":"scalar","result":[1,"0"]})";
    QCOMPARE(*ask(counter, spec), 0LL);
  }

  void aServerThatAsksForASecretGetsIt_data() {
    QTest::addColumn<QByteArray>("expected");
    QTest::addColumn<bool>("isToken");
    QTest::newRow("a token") << QByteArray("Authorization: Bearer s3cret") << true;
    QTest::newRow("a password") << QByteArray("Authorization: Basic b3BzOnMzY3JldA==") << false;
  }
  void aServerThatAsksForASecretGetsIt() {
    QFETCH(QByteArray, expected);
    QFETCH(bool, isToken);
    ScriptedServer server([&](QTcpSocket* socket, const QByteArray& received) {
      if (received.contains("query="))
        socket->write(received.contains(expected)
                          ? prometheusAnswer(R"({"resultType":"scalar","result":[1,"7"]})")
                          : QByteArray("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"));
    });
    auto spec = byQuery("http://" + server.authority());
    PrometheusMeter meter{secretsIn({{"SECRET", "s3cret"}})};
    TargetCounter counter(m_runtime, meter);
    QVERIFY(!ask(counter, spec)); // the control: without it the server refuses
    spec.login = isToken ? PrometheusLogin{"SECRET", "", ""} : PrometheusLogin{"", "ops", "SECRET"};
    const auto counted = ask(counter, spec);
    QVERIFY2(counted.has_value(), errorOf(counted).c_str());
    QCOMPARE(*counted, 7LL);
    spec.login = {"OTHER", "", ""};
    QCOMPARE(ask(counter, spec).error().message, std::string("the environment variable OTHER is not set"));
  }

  void aQueryWithoutASeriesIsNotZero() {
    QByteArray result = R"({"resultType":"vector","result":[]})";
    ScriptedServer server([&](QTcpSocket* socket, const QByteArray& received) {
      if (received.contains("query="))
        socket->write(prometheusAnswer(result));
    });
    TargetCounter counter(m_runtime, m_meter);
    const auto spec = byQuery("http://" + server.authority());
    QCOMPARE(ask(counter, spec).error().toString(),
             std::string("the query that counts active work has no number: no series fits the query"));
    for (const char* bad :
         {R"({"resultType":"scalar","result":[1,"-1"]})", R"({"resultType":"scalar","result":[1,"NaN"]})",
          R"({"resultType":"string","result":[1,"0"]})"}) {
      result = bad;
      QVERIFY2(!ask(counter, spec), bad);
    }
  }

  void theTargetsOfBothRuntimesAskIt_data() {
    QTest::addColumn<bool>("isDocker");
    QTest::newRow("sandbox") << false;
    QTest::newRow("Docker") << true;
  }
  void theTargetsOfBothRuntimesAskIt() {
    QFETCH(bool, isDocker);
    ScriptedServer server([](QTcpSocket* socket, const QByteArray& received) {
      if (received.contains("query="))
        socket->write(prometheusAnswer(R"({"resultType":"scalar","result":[1,"7"]})"));
    });
    QTemporaryDir folder;
    const std::string dir = folder.path().toStdString();
    StackSpec stack;
    stack.project = "rat";
    DockerPlace place;
    place.endpoint.socket = dir + "/docker.sock"; // nobody is there
    place.folder = dir;
    QVERIFY(writeSubnet(dir, "127.79").has_value());
    const auto docker = openDocker(place, stack);
    const auto sandbox = openSandbox(dir, stack, {});
    QVERIFY(docker && sandbox);
    WorkCounter* counter = isDocker ? (*docker)->target().counter : (*sandbox)->target().counter;
    const auto counted = answerOf<long long>(
        [&](auto done) { counter->count(byQuery("http://" + server.authority()), copy, host, done); });
    QVERIFY2(counted.has_value(), errorOf(counted).c_str());
    QCOMPARE(*counted, 7LL);
  }

  void aPrometheusServerThatIsGoneIsNotZero() {
    ScriptedServer server([](QTcpSocket*, const QByteArray&) {});
    const auto spec = byQuery("http://" + server.authority());
    server.close();
    TargetCounter counter(m_runtime, m_meter);
    QCOMPARE(ask(counter, spec).error().kind, ErrorKind::Unreachable);
    QCOMPARE(ask(counter, byQuery("")).error().kind, ErrorKind::Input); // it is not known any more
  }
};

QTEST_GUILESS_MAIN(CounterTest)
#include "tst_counter.moc"
