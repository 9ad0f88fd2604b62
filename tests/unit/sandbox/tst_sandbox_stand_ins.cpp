// The stand-ins as a whole stack wired directly, and every fault they can show.
#include "tests/unit/sandbox/sandbox_under_test.h"

#include <QtTest>

#include <chrono>
#include <memory>

using namespace ratdeck;

namespace {

constexpr int patience = 20000; // ms; a loaded machine is slow

long long number(const Json& json, const char* key) {
  return integerAt(json, key, -1);
}

} // namespace

class TestSandboxStandIns : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void init() {
    m_box = std::make_unique<SandboxUnderTest>("127.91");
    QVERIFY(m_box->start());
  }
  void cleanup() { m_box.reset(); }

  void theStackAnswersThroughEveryHop();
  void loadOverTheStackFailsNothing();
  void aBreakBehindRatdShowsAtThePortal();
  void neverHealthyAndNotReady();
  void flapAlternates();
  void errorsAndSlowReachRunningCopies();
  void crashesBeforeAndAfterServing();
  void startFaults();
  void abruptExitCutsWhatIsInFlight();
  void aGracefulExitFinishesWhatIsInFlight();
  void activeRunsAreTrackedAndLostWithTheRunner();
  void rateLimitIsHonouredWhenSet();
  void anAnswerTakesTheTimeThatWorkTakes();

private:
  // postgres, minio, ratq, runner, ratd and portal, each ready.
  void startStack(const Json& ratdEnvironment = Json::object());
  bool start(const std::string& id, const std::string& service, const std::string& host,
             const Json& environment = Json::object()) {
    m_box->put(id, service, host, {{"environment", environment}});
    return QTest::qWaitFor([&] { return m_box->isReady(id); }, patience);
  }
  Answer ratd(const std::string& target, const std::string& method = "GET", const std::string& body = {}) {
    return askTcp(m_box->address("6.10"), 8080, method, target, body);
  }
  Answer portal(const std::string& target) { return askTcp(m_box->address("7.10"), 3000, "GET", target); }
  void fault(const std::string& service, const std::string& kind, const std::string& value = {},
             const std::string& scope = "default") {
    auto answer =
        m_box->ask("PUT", "/v1/faults/" + service, {{"kind", kind}, {"value", value}, {"scope", scope}});
    QVERIFY2(answer.status == 200, answer.body.c_str());
  }
  std::string exitOf(const std::string& id) {
    (void)QTest::qWaitFor([&] { return textAt(m_box->instance(id), "state") == "exited"; }, patience);
    return std::to_string(number(m_box->instance(id), "exit_code"));
  }
  std::string log(const std::string& id) {
    return m_box->ask("GET", "/v1/instances/" + id + "/logs?tail=50").body;
  }

  std::unique_ptr<SandboxUnderTest> m_box;
};

void TestSandboxStandIns::startStack(const Json& ratdEnvironment) {
  Json environment{
      {"DATABASE_URL", "postgres://rat:rat@" + m_box->address("1.10") + ":5432/rat?sslmode=disable"},
      {"S3_ENDPOINT", m_box->address("2.10") + ":9000"},
      {"RATQ_ADDR", "http://" + m_box->address("4.10") + ":50051"},
      {"RUNNER_ADDR", "http://" + m_box->address("5.10") + ":50052"}};
  environment.update(ratdEnvironment);
  QVERIFY(start("postgres-1", "postgres", "1.10"));
  QVERIFY(start("minio-1", "minio", "2.10"));
  QVERIFY(start("ratq-1", "ratq", "4.10"));
  QVERIFY(start("runner-1", "runner", "5.10"));
  QVERIFY(start("ratd-1", "ratd", "6.10", environment));
  QVERIFY(start("portal-1", "portal", "7.10", {{"API_URL", "http://" + m_box->address("6.10") + ":8080"}}));
}

void TestSandboxStandIns::theStackAnswersThroughEveryHop() {
  startStack();
  auto health = ratd("/health").json();
  QCOMPARE(textAt(health, "status"), std::string("ok"));
  QCOMPARE(textAt(health, "version"), std::string("1.0.0"));
  auto ready = ratd("/health/ready");
  QVERIFY2(ready.status == 200, ready.body.c_str());
  for (const char* check : {"postgres", "s3", "runner", "query"})
    QCOMPARE(textAt(memberAt(ready.json(), "checks"), check), std::string("ok"));
  auto query = portal("/api/v1/query?sql=select%201");
  QCOMPARE(query.status, 200);
  QVERIFY2(query.head.find("X-Rat-Service: portal") != std::string::npos, query.head.c_str());
  QVERIFY2(query.head.find("X-Rat-Upstream: ratq 1.0.0 ratq-1") != std::string::npos, query.head.c_str());
  QVERIFY(portal("/api/v1/preview").head.find("X-Rat-Upstream: runner 1.0.0 runner-1") != std::string::npos);
  QVERIFY(portal("/").body.find("ratd 1.0.0") != std::string::npos);
  QVERIFY(ratd("/metrics").body.find("ratd_info") != std::string::npos);
  QVERIFY(ratd("/api/v1/plugins").json().is_array());
  QCOMPARE(askTcp(m_box->address("6.10"), 8090, "GET", "/health").status, 200);
  QCOMPARE(ratd("/api/v1/records", "POST", R"({"id":"a-1"})").status, 201);
  auto ledger = askTcp(m_box->address("1.10"), 5432, "GET", "/ledger?prefix=a-").json();
  QCOMPARE(number(memberAt(ledger, "ids"), "a-1"), 1);
  QVERIFY(portal("/stream?seconds=0").body.find("event: end") != std::string::npos);
  QCOMPARE(m_box->exec("ratd-1", {"/ratd", "healthcheck"}), 0);
  QCOMPARE(m_box->exec("portal-1", {"wget", "-qO-", "http://127.0.0.1:3000"}), 0);
  QCOMPARE(m_box->exec("minio-1", {"mc", "ready", "local"}), 0);
}

void TestSandboxStandIns::loadOverTheStackFailsNothing() {
  startStack();
  auto started = m_box->ask("POST", "/v1/load",
                            {{"rate", 50},
                             {"streams", 1},
                             {"targets",
                              {{"portal", m_box->address("7.10") + ":3000"},
                               {"ratd", m_box->address("6.10") + ":8080"},
                               {"ledger", m_box->address("1.10") + ":5432"}}}});
  QCOMPARE(started.status, 201);
  QCOMPARE(m_box->ask("POST", "/v1/load", {{"targets", {{"ratd", "127.91.6.10:8080"}}}}).status, 409);
  QTRY_VERIFY_WITH_TIMEOUT(number(m_box->ask("GET", "/v1/load").json(), "requests") >= 150, patience);
  auto report = m_box->ask("DELETE", "/v1/load").json();
  QVERIFY2(number(report, "failed") == 0, dumpJson(memberAt(report, "failures")).c_str());
  const auto& posts = memberAt(report, "posts");
  QVERIFY(number(posts, "acknowledged") >= 20);
  QCOMPARE(number(posts, "lost"), 0);
  QCOMPARE(number(posts, "doubled"), 0);
  const auto& streams = memberAt(report, "streams");
  QVERIFY(number(streams, "completed") >= 2);
  QCOMPARE(number(streams, "completed"), number(streams, "started"));
}

void TestSandboxStandIns::aBreakBehindRatdShowsAtThePortal() {
  startStack();
  QCOMPARE(portal("/api/v1/query").status, 200);
  m_box->stop("ratq-1");
  QCOMPARE(portal("/api/v1/query").status, 502);
  QTRY_COMPARE_WITH_TIMEOUT(ratd("/health/ready").status, 503, patience);
  QCOMPARE(ratd("/health").status, 200);
  m_box->stop("postgres-1");
  QCOMPARE(ratd("/api/v1/records?id=b-1", "POST").status, 500);
  m_box->stop("ratd-1");
  QCOMPARE(portal("/").status, 502);
}

void TestSandboxStandIns::neverHealthyAndNotReady() {
  fault("web", "never-healthy");
  fault("ratq", "never-healthy");
  fault("portal", "never-healthy");
  QVERIFY(start("web-1", "web", "8.10"));
  m_box->put("ratq-1", "ratq", "4.10");
  m_box->put("portal-1", "portal", "7.10");
  QCOMPARE(askTcp(m_box->address("8.10"), 8080, "GET", "/health").status, 503);
  QTRY_COMPARE_WITH_TIMEOUT(portal("/").status, 503, patience);
  QTRY_VERIFY_WITH_TIMEOUT(m_box->isReady("ratq-1"), patience);
  QCOMPARE(m_box->exec("ratq-1", {"python", "-c", "insecure_channel('localhost:50051')"}), 1);
  fault("ratd", "not-ready");
  startStack();
  QCOMPARE(ratd("/health").status, 200);
  QCOMPARE(ratd("/health/ready").status, 503);
}

void TestSandboxStandIns::flapAlternates() {
  fault("web", "flap", "60ms");
  fault("ratq", "flap", "200ms");
  QVERIFY(start("web-1", "web", "8.10"));
  QVERIFY(start("ratq-1", "ratq", "4.10"));
  auto web = [&] {
    return askTcp(m_box->address("8.10"), 8080, "GET", "/health").status;
  };
  auto ratq = [&] {
    return m_box->exec("ratq-1", {"python", "-c", "insecure_channel('localhost:50051')"});
  };
  for (int round = 0; round < 2; ++round) {
    QTRY_COMPARE_WITH_TIMEOUT(web(), 503, patience);
    QTRY_COMPARE_WITH_TIMEOUT(web(), 200, patience);
    QTRY_COMPARE_WITH_TIMEOUT(ratq(), 1, patience);
    QTRY_COMPARE_WITH_TIMEOUT(ratq(), 0, patience);
  }
}

void TestSandboxStandIns::errorsAndSlowReachRunningCopies() {
  QVERIFY(start("web-1", "web", "8.10"));
  auto get = [&](const char* target) {
    return askTcp(m_box->address("8.10"), 8080, "GET", target).status;
  };
  auto failedOf = [&](int count) {
    int failed = 0;
    for (int i = 0; i < count; ++i)
      failed += get("/x") == 500 ? 1 : 0;
    return failed;
  };
  QCOMPARE(failedOf(10), 0);
  fault("web", "errors", "0.5");
  QTRY_VERIFY_WITH_TIMEOUT(failedOf(2) > 0, patience);
  QCOMPARE(failedOf(10), 5);
  QCOMPARE(get("/health"), 200);
  fault("web", "slow", "300ms");
  auto began = std::chrono::steady_clock::now();
  get("/x");
  get("/x");
  QVERIFY(std::chrono::steady_clock::now() - began >= std::chrono::milliseconds(300));
  QCOMPARE(m_box->ask("DELETE", "/v1/faults/web").status, 200);
  QTRY_COMPARE_WITH_TIMEOUT(failedOf(4), 0, patience);
  fault("web", "errors", "1", "next");
  QCOMPARE(failedOf(4), 0);
  QVERIFY(start("web-2", "web", "8.11"));
  QCOMPARE(askTcp(m_box->address("8.11"), 8080, "GET", "/x").status, 500);
}

void TestSandboxStandIns::crashesBeforeAndAfterServing() {
  fault("web", "crash");
  m_box->put("web-1", "web", "8.10");
  QCOMPARE(exitOf("web-1"), std::string("2"));
  m_box->ask("DELETE", "/v1/faults/web");
  fault("web", "crash-after", "100ms");
  fault("web", "exit-code", "42");
  m_box->put("web-2", "web", "8.11");
  QCOMPARE(exitOf("web-2"), std::string("42"));
  QVERIFY(log("web-2").find("listening") != std::string::npos);
}

void TestSandboxStandIns::startFaults() {
  fault("ratd", "migrate-fail");
  m_box->put("ratd-1", "ratd", "6.10");
  QCOMPARE(exitOf("ratd-1"), std::string("1"));
  QVERIFY2(log("ratd-1").find("migration") != std::string::npos, log("ratd-1").c_str());
  fault("web", "start-slow", "700ms");
  auto began = std::chrono::steady_clock::now();
  QVERIFY(start("web-1", "web", "8.10"));
  QVERIFY(std::chrono::steady_clock::now() - began >= std::chrono::milliseconds(700));
}

void TestSandboxStandIns::abruptExitCutsWhatIsInFlight() {
  QVERIFY(start("web-1", "web", "8.10"));
  fault("web", "slow", "5s");
  fault("web", "abrupt-exit");
  PendingRequest request(m_box->address("8.10"), 8080, "/x");
  QCOMPARE(askTcp(m_box->address("8.10"), 8080, "GET", "/health").status,
           200); // the first has been read by now
  m_box->stop("web-1");
  QCOMPARE(request.finish().status, 0);
}

void TestSandboxStandIns::aGracefulExitFinishesWhatIsInFlight() {
  QVERIFY(start("web-1", "web", "8.10"));
  fault("web", "slow", "500ms");
  PendingRequest request(m_box->address("8.10"), 8080, "/x");
  QCOMPARE(askTcp(m_box->address("8.10"), 8080, "GET", "/health").status, 200);
  m_box->stop("web-1");
  auto answer = request.finish();
  QCOMPARE(answer.status, 200);
  QVERIFY(answer.head.find("Connection: close") != std::string::npos);
  QCOMPARE(exitOf("web-1"), std::string("0"));
  QCOMPARE(askTcp(m_box->address("8.10"), 8080, "GET", "/x").status, 0);
}

void TestSandboxStandIns::activeRunsAreTrackedAndLostWithTheRunner() {
  startStack();
  auto total = [&](const char* status) {
    return number(ratd(std::string("/api/v1/runs?limit=1&status=") + status).json(), "total");
  };
  fault("runner", "runs", "2x300s");
  QTRY_COMPARE_WITH_TIMEOUT(total("running"), 2, patience);
  QCOMPARE(ratd("/api/v1/runs", "POST", R"({"pipeline":"short","duration_ms":100})").status, 202);
  QTRY_COMPARE_WITH_TIMEOUT(total("success"), 1, patience);
  QCOMPARE(total("running"), 2);
  m_box->stop("runner-1");
  m_box->ask("DELETE", "/v1/instances/runner-1");
  QVERIFY(start("runner-2", "runner", "5.10"));
  QTRY_COMPARE_WITH_TIMEOUT(total("failed"), 2, patience);
  QCOMPARE(total("running"), 0);
}

void TestSandboxStandIns::rateLimitIsHonouredWhenSet() {
  startStack({{"RATE_LIMIT", "5"}});
  int limited = 0;
  for (int i = 0; i < 30; ++i)
    limited += ratd("/api/v1/plugins").status == 429 ? 1 : 0;
  QVERIFY(limited > 0);
  QCOMPARE(ratd("/health").status, 200);
}

void TestSandboxStandIns::anAnswerTakesTheTimeThatWorkTakes() {
  const auto address = m_box->address("9.10");
  QProcess program;
  program.start(QString::fromStdString(sandboxProgram()),
                {QStringLiteral("serve"), QStringLiteral("--service"), QStringLiteral("shop"),
                 QStringLiteral("--address"), QString::fromStdString(address), QStringLiteral("--start-ms"),
                 QStringLiteral("0"), QStringLiteral("--work-ms"), QStringLiteral("50"),
                 QStringLiteral("--long-work-ms"), QStringLiteral("300"), QStringLiteral("--long-work-every"),
                 QStringLiteral("3")});
  QVERIFY(QTest::qWaitFor([&] { return askTcp(address, 8080, "GET", "/health").status == 200; }, patience));
  std::vector<bool> wasLong;
  for (int i = 0; i < 6; ++i) {
    QElapsedTimer timer;
    timer.start();
    QCOMPARE(askTcp(address, 8080, "GET", "/").status, 200);
    QVERIFY(timer.elapsed() >= 49);
    wasLong.push_back(timer.elapsed() >= 299);
  }
  QCOMPARE(wasLong, (std::vector<bool>{false, false, true, false, false, true}));
  program.terminate();
  QVERIFY(program.waitForFinished(patience));
}

QTEST_GUILESS_MAIN(TestSandboxStandIns)
#include "tst_sandbox_stand_ins.moc"
