#include "answers.h"
#include "fake_supervisor.h"

#include "core/runtime/process/process_runtime.h"

#include <QTemporaryDir>

#include <curl/curl.h>

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

ProcessRuntime::Layout layout() {
  ProcessRuntime::Layout known;
  known.addresses = AddressPlan("127.96");
  (void)known.addresses.add({"postgres", "ratd", "ratq"});
  known.hosts = {{"postgres", "postgres"}, {"ratd", "ratd"}, {"ratq", "ratq"}, {"query", "ratq"}};
  known.routes = {{"ratd", {{8080, RouteProtocol::Http}, {8090, RouteProtocol::Http}}}};
  return known;
}

StartRequest startRequest() {
  StartRequest request;
  request.id = InstanceId("rat-ratd-2");
  request.number = 2;
  request.revision = 7;
  request.rollout = RolloutId("r1");
  request.specHash = "abc";
  request.service.name = "ratd";
  request.service.image = "rat/ratd:2.0.0";
  request.service.restart = "unless-stopped";
  request.service.environment.emplace("RATQ_ADDR", Secret("http://query:50051"));
  request.service.environment.emplace("RAT_LISTEN_ADDR", Secret("0.0.0.0:8080"));
  return request;
}

const Json running = {{"id", "rat-ratd-2"},   {"service", "ratd"},
                      {"number", 2},          {"image", "rat/ratd:2.0.0"},
                      {"spec_hash", "abc"},   {"revision", 7},
                      {"rollout", "r1"},      {"address", "127.96.2.11"},
                      {"state", "running"},   {"restarts", 3},
                      {"exit_code", nullptr}, {"started_at", "2026-07-01T12:00:00.500000000Z"}};

} // namespace

class ProcessRuntimeTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  std::string dir() const { return m_folder.path().toStdString(); }

private Q_SLOTS:
  void initTestCase() { curl_global_init(CURL_GLOBAL_DEFAULT); }

  void startsACopyWithItsAddressPortsAndMappedEnvironment() {
    FakeSupervisor supervisor(dir());
    supervisor.on("PUT /v1/instances/rat-ratd-2", 201, running);
    ProcessRuntime runtime(dir(), layout());
    const auto info = answerOf<InstanceInfo>([&](auto done) { runtime.start(startRequest(), done); });
    QVERIFY2(info.has_value(), errorOf(info).c_str());
    QCOMPARE(info->address, std::string("127.96.2.11"));
    QCOMPARE(info->restarts, 3);
    QCOMPARE(info->state, InstanceState::Running);
    QCOMPARE(toRfc3339(info->startedAt), std::string("2026-07-01T12:00:00.500000000Z"));
    const Json expected = {
        {"service", "ratd"},
        {"number", 2},
        {"image", "rat/ratd:2.0.0"},
        {"spec_hash", "abc"},
        {"revision", 7},
        {"rollout", "r1"},
        {"plays", "ratd"},
        {"address", "127.96.2.11"},
        {"ports", {8080, 8090}},
        {"environment", {{"RATQ_ADDR", "http://127.96.3.1:50051"}, {"RAT_LISTEN_ADDR", "0.0.0.0:8080"}}},
        {"restart", "unless-stopped"},
        {"labels", Json::object()},
        {"one_shot", false},
        {"runs_commands", false}};
    QCOMPARE(dumpJson(supervisor.bodies.at(0)), dumpJson(expected));
  }

  void givesJobsNoPortsAndNamesTheirRole() {
    StartRequest request = startRequest();
    request.service.isOneShot = true;
    request.service.policy.sandboxPlays = "minio-init";
    request.service.restart.clear();
    const Json body = instanceRequest(request, layout());
    QCOMPARE(dumpJson(body.at("ports")), dumpJson(Json::array()));
    QCOMPARE(dumpJson(body.at("plays")), dumpJson(Json("minio-init")));
    QCOMPARE(dumpJson(body.at("restart")), dumpJson(Json("no")));
    QCOMPARE(dumpJson(body.at("one_shot")), dumpJson(Json(true)));
  }

  void listsCopiesInOrder() {
    FakeSupervisor supervisor(dir());
    Json exited = running;
    exited.update({{"id", "rat-ratd-1"}, {"number", 1}, {"state", "exited"}, {"exit_code", 3}});
    supervisor.on("GET /v1/instances", 200, {{"instances", {running, exited}}});
    ProcessRuntime runtime(dir(), layout());
    const auto list = answerOf<std::vector<InstanceInfo>>([&](auto done) { runtime.list(done); });
    QVERIFY2(list.has_value(), errorOf(list).c_str());
    QCOMPARE(list->size(), size_t(2));
    QCOMPARE(list->at(0).id.value, std::string("rat-ratd-1"));
    QCOMPARE(list->at(0).state, InstanceState::Exited);
    QCOMPARE(list->at(0).exitCode, 3);
  }

  void stopsWithSignalAndGrace() {
    FakeSupervisor supervisor(dir());
    supervisor.on("POST /v1/instances/rat-ratd-2/stop", 200,
                  {{"exit_code", 137}, {"signal", 9}, {"forced_kill", true}, {"took_ms", 1500}});
    ProcessRuntime runtime(dir(), layout());
    const StopRequest request{InstanceId("rat-ratd-2"), "SIGINT", 1500ms};
    const auto report = answerOf<StopReport>([&](auto done) { runtime.stop(request, done); });
    QVERIFY2(report.has_value(), errorOf(report).c_str());
    QVERIFY(report->forcedKill);
    QVERIFY(report->took == 1500ms);
    QCOMPARE(dumpJson(supervisor.bodies.at(0)), dumpJson(Json({{"signal", "SIGINT"}, {"grace_ms", 1500}})));
  }

  void takesACopyThatIsGoneAsStoppedAndRemoved() {
    FakeSupervisor supervisor(dir());
    supervisor.handle([](const std::string&, const Json&) {
      return FakeSupervisor::Reply{404, R"({"error":{"message":"no such instance"}})"};
    });
    ProcessRuntime runtime(dir(), layout());
    const InstanceId id("rat-ratd-2");
    QVERIFY(answerOf<StopReport>([&](auto done) { runtime.stop({id}, done); }).has_value());
    QVERIFY(answerOf<Done>([&](auto done) { runtime.remove(id, done); }).has_value());
    // The control: where there must be a copy, its absence is an error.
    const auto exec = answerOf<ExecReport>([&](auto done) { runtime.exec(id, {"true"}, 1s, done); });
    QCOMPARE(exec.error().kind, ErrorKind::NotFound);
  }

  void refusesToRemoveWhatRuns() {
    FakeSupervisor supervisor(dir());
    supervisor.on("DELETE /v1/instances/rat-ratd-2", 409,
                  {{"error", {{"message", "it runs"}, {"next", "stop it"}}}});
    ProcessRuntime runtime(dir(), layout());
    const auto removed = answerOf<Done>([&](auto done) { runtime.remove(InstanceId("rat-ratd-2"), done); });
    QCOMPARE(removed.error().kind, ErrorKind::Conflict);
    QCOMPARE(removed.error().toString(), std::string("it runs; stop it"));
  }

  void reportsWhatACommandSaid() {
    FakeSupervisor supervisor(dir());
    supervisor.on("POST /v1/instances/x/exec", 200,
                  {{"exit_code", 1}, {"output", "not ready"}, {"timed_out", false}});
    supervisor.on("POST /v1/instances/y/exec", 200, {{"exit_code", 0}, {"output", ""}, {"timed_out", true}});
    ProcessRuntime runtime(dir(), layout());
    const auto failed = answerOf<ExecReport>([&](auto done) {
      runtime.exec(InstanceId("x"), {"a", "b"}, 2s, done);
    });
    QCOMPARE(failed->exitCode, 1);
    QCOMPARE(failed->output, std::string("not ready"));
    QCOMPARE(dumpJson(supervisor.bodies.at(0)),
             dumpJson(Json({{"argv", Json::array({"a", "b"})}, {"timeout_ms", 2000}})));
    const auto late =
        answerOf<ExecReport>([&](auto done) { runtime.exec(InstanceId("y"), {"a"}, 2s, done); });
    QCOMPARE(late->exitCode, 124);
    QVERIFY(!late->output.empty());
  }

  void tellsStdoutApartWhereTheSupervisorDoes() {
    FakeSupervisor supervisor(dir());
    supervisor.on(
        "POST /v1/instances/x/exec", 200,
        {{"exit_code", 0}, {"output", "NOTICE\n1.sql\n"}, {"stdout", "1.sql\n"}, {"is_cut", false}});
    supervisor.on("POST /v1/instances/y/exec", 200,
                  {{"exit_code", 0}, {"output", "1.sql\n"}}); // an older one
    ProcessRuntime runtime(dir(), layout());
    const auto look = [&](const char* id) {
      return answerOf<ExecReport>([&](auto done) { runtime.exec(InstanceId(id), {"a"}, 2s, done); });
    };
    QCOMPARE(look("x")->printed.text, std::string("1.sql\n"));
    QVERIFY(!look("x")->printed.isCut);
    QVERIFY(look("y")->printed.isCut);
  }

  void whatMayHaveBegunAndIsGoneIsNotBegunAgain() {
    FakeSupervisor supervisor(dir());
    supervisor.on("GET /v1/instances/rat-ratd-2", 404, {{"error", {{"message", "no such instance"}}}});
    supervisor.on("PUT /v1/instances/rat-ratd-2", 201, running);
    ProcessRuntime runtime(dir(), layout());
    auto request = startRequest();
    request.isOnce = true;
    const auto run = [&] {
      supervisor.calls.clear();
      return answerOf<ExecReport>([&](auto done) { runtime.runOnce(request, 2s, done); });
    };
    request.mayHaveBegun = true;
    QCOMPARE(run()->exitCode, -1);
    QCOMPARE(supervisor.calls, std::vector<std::string>{"GET /v1/instances/rat-ratd-2"});
    // The control begins it; it is taken away meanwhile, and is not begun once more.
    request.mayHaveBegun = false;
    QCOMPARE(run()->exitCode, -1);
    QCOMPARE(supervisor.calls.front(), std::string("PUT /v1/instances/rat-ratd-2"));
    QCOMPARE(run()->exitCode, -1);
    QCOMPARE(supervisor.calls, std::vector<std::string>{"GET /v1/instances/rat-ratd-2"});
  }

  void readsTheLastLines() {
    FakeSupervisor supervisor(dir());
    supervisor.on("GET /v1/instances/x/logs?tail=2", 200, {{"lines", {"one", "two"}}});
    ProcessRuntime runtime(dir(), layout());
    const auto lines =
        answerOf<std::vector<std::string>>([&](auto done) { runtime.output(InstanceId("x"), 2, done); });
    QVERIFY(*lines == (std::vector<std::string>{"one", "two"}));
  }

  void keepsIdsInsideOnePartOfThePath() {
    QCOMPARE(SupervisorClient::inPath("rat-ratd-1"), std::string("rat-ratd-1"));
    QCOMPARE(SupervisorClient::inPath("../a?b"), std::string("..%2Fa%3Fb"));
    QCOMPARE(SupervisorClient::inPath(".."), std::string("%2E%2E"));
  }

  void saysThatNoSupervisorAnswers() {
    ProcessRuntime runtime(dir() + "/none", layout());
    const auto list = answerOf<std::vector<InstanceInfo>>([&](auto done) { runtime.list(done); });
    QCOMPARE(list.error().kind, ErrorKind::Unreachable);
    QVERIFY(!list.error().next.empty());
  }

  void tellsNonsenseFromAnswers() {
    QCOMPARE(readSupervisorAnswer(200, "<html>").error().kind, ErrorKind::Internal);
    QCOMPARE(readSupervisorAnswer(500, "<html>").error().kind, ErrorKind::Internal);
    QCOMPARE(readSupervisorAnswer(400, "{}").error().kind, ErrorKind::Input);
    QVERIFY(readSupervisorAnswer(200, "").has_value());
    QVERIFY(!readInstance(Json::object()).has_value());
  }

  void answersNothingOnceItIsDestroyed() {
    FakeSupervisor supervisor(dir());
    bool isAnswered = false;
    {
      ProcessRuntime runtime(dir(), layout());
      runtime.list([&](Result<std::vector<InstanceInfo>>) { isAnswered = true; });
      QVERIFY(waitUntil([&] { return !supervisor.calls.empty(); }, 5000));
    }
    // Another one's answer comes later than the dropped one would have.
    ProcessRuntime other(dir(), layout());
    (void)answerOf<Done>([&](auto done) { other.remove(InstanceId("x"), done); });
    QVERIFY(!isAnswered);
  }
};

QTEST_GUILESS_MAIN(ProcessRuntimeTest)
#include "tst_process_runtime.moc"
