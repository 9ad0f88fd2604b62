#include "answers.h"
#include "http_server.h"
#include "scripted_runtime.h"

#include "core/runtime/probe/probe_judgement.h"
#include "core/runtime/probe/target_prober.h"
#include "core/runtime/rat_runs_feed.h"

#include <QTemporaryFile>

#include <curl/curl.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

const char* const host = "127.96.10.1";

// A gRPC server with or without grpc.health.v1.
struct GrpcServer {
  explicit GrpcServer(bool hasHealth) {
    grpc::EnableDefaultHealthCheckService(hasHealth);
    grpc::ServerBuilder builder;
    builder.AddListeningPort(std::string(host) + ":0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterCallbackGenericService(&nothing);
    server = builder.BuildAndStart();
  }
  ~GrpcServer() { server->Shutdown(std::chrono::system_clock::time_point()); }
  int port = 0;
  grpc::CallbackGenericService nothing; // answers UNIMPLEMENTED
  std::unique_ptr<grpc::Server> server;
};

// Routes ratd to one address.
struct OneRoute final : Router {
  explicit OneRoute(std::string address) : frontend(std::move(address)) {}
  bool routes(const std::string&) const override { return true; }
  void join(const std::string&, const InstanceId&, const std::string&, Callback<Done>) override {}
  void drain(const std::string&, const InstanceId&, Callback<Done>) override {}
  void giveBack(const std::string&, const InstanceId&, const std::string&, Callback<Done>) override {}
  void leave(const std::string&, const InstanceId&, Callback<Done>) override {}
  void sample(Callback<std::vector<RouterSample>>) override {}
  void look(Callback<std::vector<RouterSample>>) override {}
  std::string frontendOf(const std::string& service, std::uint16_t) const override {
    return service == "ratd" ? frontend : std::string();
  }
  std::string frontend;
};

ProbeSpec probeOf(ProbeKind kind, int port) {
  ProbeSpec spec;
  spec.kind = kind;
  spec.name = "check";
  spec.port = std::uint16_t(port);
  return spec;
}

} // namespace

class ProberTest : public QObject {
  Q_OBJECT

  ScriptedRuntime m_runtime;

  Result<ProbeResult> ask(const ProbeSpec& spec, const std::string& address = host) {
    TargetProber prober(m_runtime);
    return answerOf<ProbeResult>(
        [&](auto done) { prober.probe(spec, InstanceId("rat-ratd-1"), address, done); });
  }

private Q_SLOTS:
  void initTestCase() { curl_global_init(CURL_GLOBAL_DEFAULT); }

  void judgesHttpByItsStatus_data() {
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("body");
    QTest::addColumn<int>("expected");
    QTest::addColumn<bool>("passed");
    QTest::addColumn<QString>("detail");
    const QString none;
    QTest::newRow("200") << 200 << none << 0 << true << QStringLiteral("200");
    QTest::newRow("ready") << 200 << QStringLiteral("{\"status\":\"ready\"}") << 200 << true
                           << QStringLiteral("200 ready");
    QTest::newRow("204") << 204 << none << 0 << true << QStringLiteral("204");
    QTest::newRow("302") << 302 << none << 0 << true << QStringLiteral("302");
    QTest::newRow("404") << 404 << QStringLiteral("no\nsuch  page\n") << 0 << false
                         << QStringLiteral("404 no such page");
    QTest::newRow("not ready")
        << 503 << QStringLiteral("{\"status\":\"not_ready\",\"checks\":{\"s3\":\"refused\"}}") << 200 << false
        << QStringLiteral("503 not_ready {\"status\":\"not_ready\",\"checks\":{\"s3\":\"refused\"}} "
                          "(expected 200)");
    QTest::newRow("another") << 204 << none << 200 << false << QStringLiteral("204 (expected 200)");
  }
  void judgesHttpByItsStatus() {
    QFETCH(int, status);
    QFETCH(QString, body);
    QFETCH(int, expected);
    QFETCH(bool, passed);
    QFETCH(QString, detail);
    ProbeSpec spec;
    spec.expectedStatus = expected;
    HttpResponse response;
    response.status = status;
    response.body = body.toStdString();
    const ProbeResult result = judgeHttp(spec, response);
    QCOMPARE(result.passed, passed);
    QCOMPARE(QString::fromStdString(result.detail), detail);
  }

  void keepsEvidenceShortAndWhole() {
    HttpResponse response;
    response.status = 500;
    for (int i = 0; i < 300; ++i)
      response.body += "ü"; // two bytes each
    response.body = "x" + response.body;
    const ProbeResult result = judgeHttp({}, response);
    QVERIFY(result.detail.size() < 220);
    const QString text = QString::fromStdString(result.detail);
    QVERIFY(!text.contains(QChar(QChar::ReplacementCharacter)));
    QVERIFY(text.endsWith(QStringLiteral("ü…")));
  }

  void asksHttpOnAFreshConnectionEachTime() {
    std::vector<std::string> lines;
    HttpServer server(host, 0, [&](const std::string& line) {
      lines.push_back(line);
      return HttpServer::Reply{200, R"({"status":"ready"})"};
    });
    ProbeSpec spec = probeOf(ProbeKind::Http, server.port());
    spec.path = "/health/ready";
    TargetProber prober(m_runtime);
    for (int i = 0; i < 3; ++i) {
      const auto result =
          answerOf<ProbeResult>([&](auto done) { prober.probe(spec, InstanceId(), host, done); });
      QVERIFY(result && result->passed);
      QCOMPARE(result->detail, std::string("200 ready"));
    }
    QCOMPARE(server.connections, 3);
    QCOMPARE(lines.back(), std::string("GET /health/ready HTTP/1.1"));
  }

  void takesTheAddressesOwnPortWhereItHasOne() {
    HttpServer server(host, 0, [](const std::string&) { return HttpServer::Reply{}; });
    const auto result =
        ask(probeOf(ProbeKind::Http, 1), std::string(host) + ":" + std::to_string(server.port()));
    QVERIFY(result && result->passed);
  }

  void reportsARefusedConnectionAsAnAnswer() {
    for (const ProbeKind kind : {ProbeKind::Http, ProbeKind::Tcp, ProbeKind::GrpcHealth}) {
      const auto result = ask(probeOf(kind, 9));
      QVERIFY2(result.has_value(), errorOf(result).c_str());
      QVERIFY(!result->passed);
      QVERIFY(!result->detail.empty());
    }
  }

  void connectsByTcp() {
    HttpServer server(host, 0, [](const std::string&) { return HttpServer::Reply{}; });
    QVERIFY(ask(probeOf(ProbeKind::Tcp, server.port()))->passed);
  }

  void passesAGrpcServerThatServes() {
    GrpcServer server(true);
    QVERIFY(ask(probeOf(ProbeKind::GrpcHealth, server.port))->passed);
    server.server->GetHealthCheckService()->SetServingStatus(false);
    QVERIFY(!ask(probeOf(ProbeKind::GrpcHealth, server.port))->passed);
  }

  void passesAGrpcServerWithoutAHealthService() {
    GrpcServer server(false);
    const auto result = ask(probeOf(ProbeKind::GrpcHealth, server.port));
    QVERIFY2(result && result->passed, result ? result->detail.c_str() : errorOf(result).c_str());
  }

  void runsCommandsInsideTheCopy() {
    ProbeSpec spec = probeOf(ProbeKind::Exec, 0);
    spec.command = {"/ratd", "healthcheck"};
    m_runtime.log.clear();
    QVERIFY(ask(spec, "")->passed);
    QCOMPARE(m_runtime.log.at(0), std::string("exec rat-ratd-1 /ratd healthcheck"));
    m_runtime.execs["rat-ratd-1"] = ExecReport{1, "connection\nrefused\n"};
    const auto failed = ask(spec, "");
    QVERIFY(!failed->passed);
    QCOMPARE(failed->detail, std::string("exit code 1: connection refused"));
    m_runtime.execs["rat-ratd-1"] = failure(ErrorKind::Conflict, "the copy does not run");
    QCOMPARE(ask(spec, "")->detail, std::string("the copy does not run"));
    m_runtime.execs.clear();
  }

  void doesNotJudgeACopyWhoseRuntimeIsSilent() {
    ProbeSpec spec = probeOf(ProbeKind::Exec, 0);
    spec.command = {"/ratd", "healthcheck"};
    for (const ErrorKind kind : {ErrorKind::Unreachable, ErrorKind::Timeout}) {
      m_runtime.execs["rat-ratd-1"] = failure(kind, "no supervisor");
      QCOMPARE(ask(spec, "").error().kind, kind);
      m_runtime.execs.clear();
    }
  }

  void refusesProbesThatCannotBeAsked() {
    QCOMPARE(ask(probeOf(ProbeKind::Exec, 0)).error().kind, ErrorKind::Input);
    QCOMPARE(ask(probeOf(ProbeKind::Tcp, 0)).error().kind, ErrorKind::Input);
    QCOMPARE(ask(probeOf(ProbeKind::Tcp, 1), "").error().kind, ErrorKind::Input);
  }

  void answersNothingOnceItIsDestroyed() {
    bool isAnswered = false;
    ProbeSpec spec = probeOf(ProbeKind::Exec, 0);
    spec.command = {"true"};
    {
      TargetProber prober(m_runtime);
      prober.probe(spec, InstanceId("x"), "", [&](Result<ProbeResult>) { isAnswered = true; });
    }
    QVERIFY(ask(spec, "")->passed);
    QVERIFY(!isAnswered);
  }

  void readsActiveRunsThroughTheRouter() {
    std::vector<std::string> lines;
    HttpServer server(host, 0, [&](const std::string& line) {
      lines.push_back(line);
      if (line.find("/admin/retention/config") != std::string::npos)
        return HttpServer::Reply{
            200, R"({"config":{"stuck_run_timeout_minutes":30,"reaper_interval_minutes":15}})"};
      const bool isRunning = line.find("status=running") != std::string::npos;
      return HttpServer::Reply{200, isRunning ? R"({"runs":[{"id":"r1","status":"running"}],"total":1})"
                                              : R"({"runs":[],"total":0})"};
    });
    OneRoute router(std::string(host) + ":" + std::to_string(server.port()));
    RatRunsFeed feed(router, {"ratd", 8080, "/api/v1/runs"});
    const auto runs = answerOf<ActiveWork>([&](auto done) { feed.activeRuns(done); });
    QVERIFY2(runs.has_value(), errorOf(runs).c_str());
    QCOMPARE(runs->count, 1LL);
    QCOMPARE(runs->runs.size(), size_t(1));
    QCOMPARE(runs->runs.at(0).id, std::string("r1"));
    QCOMPARE(runs->runs.at(0).ageSeconds, -1.0);
    QCOMPARE(*runs->reapedWithin, Duration(45min));
    const auto asked = lines.size();
    QVERIFY(answerOf<ActiveWork>([&](auto done) { feed.activeRuns(done); })->reapedWithin);
    QCOMPARE(lines.size(), asked + 2); // the reaper's settings are not read again
    RatRunsFeed unrouted(router, {"other", 8080, "/api/v1/runs"});
    QCOMPARE(answerOf<ActiveWork>([&](auto done) { unrouted.activeRuns(done); }).error().kind,
             ErrorKind::NotFound);
    RatRunsFeed tokenless(router, {"ratd", 8080, "/api/v1/runs"}, failure(ErrorKind::NotFound, "no token"));
    QCOMPARE(answerOf<ActiveWork>([&](auto done) { tokenless.activeRuns(done); }).error().message,
             std::string("no token"));
    RatRunsFeed elsewhere(router, {"ratd", 8080, "/jobs"});
    QCOMPARE(answerOf<ActiveWork>([&](auto done) { elsewhere.activeRuns(done); }).error().kind,
             ErrorKind::Input);
  }

  void theTokenIsThatOfTheServicesEnvironmentOrOfAFile() {
    StackSpec stack;
    stack.policy.activeRuns = ActiveRunsSpec{"ratd", 8080, "/api/v1/runs"};
    QVERIFY(runsTokenOf(stack)->isEmpty());
    stack.services["ratd"].environment["API_TOKEN"] = Secret("s3cret");
    stack.policy.activeRuns->tokenEnv = "API_TOKEN";
    QCOMPARE(runsTokenOf(stack)->reveal(), std::string("s3cret"));
    stack.policy.activeRuns->tokenEnv = "OTHER";
    QCOMPARE(runsTokenOf(stack).error().kind, ErrorKind::NotFound);
    QTemporaryFile file;
    QVERIFY(file.open() && file.write("from-file\n") > 0 && file.flush());
    stack.policy.activeRuns->tokenEnv.clear();
    stack.policy.activeRuns->tokenFile = file.fileName().toStdString();
    QCOMPARE(runsTokenOf(stack)->reveal(), std::string("from-file"));
    stack.policy.activeRuns->tokenFile += ".gone";
    QVERIFY(!runsTokenOf(stack));
  }
};

QTEST_GUILESS_MAIN(ProberTest)
#include "tst_prober.moc"
