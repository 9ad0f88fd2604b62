// The supervisor's contract, on real processes.
#include "app/sandbox/process_table.h"
#include "core/base/file.h"
#include "tests/unit/sandbox/sandbox_under_test.h"

#include <QtTest>

#include <csignal>
#include <filesystem>
#include <future>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace ratdeck;

namespace {

constexpr int patience = 15000; // ms; a loaded machine is slow

long long number(const Json& json, const char* key) {
  return integerAt(json, key, -1);
}

bool lives(int pid) {
  return sandbox::startTimeOf(pid) != 0;
}

// A child of the test that only waits.
int spawnSleeper() {
  pid_t pid = 0;
  char program[] = "/bin/sleep";
  char time[] = "300";
  char* argv[] = {program, time, nullptr};
  return ::posix_spawn(&pid, program, nullptr, nullptr, argv, environ) == 0 ? pid : 0;
}

} // namespace

class TestSandboxSupervisor : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void init() {
    m_box = std::make_unique<SandboxUnderTest>("127.90");
    QVERIFY(m_box->start());
  }
  void cleanup() { m_box.reset(); }

  void saysWhoItIs();
  void secondPutOfAnIdStartsNothing();
  void stopAnswersWhenTheProcessIsGone();
  void aStopRightAfterTheStartReachesOnlyTheInstance();
  void killsAtTheEndOfTheGrace();
  void theShorterOfTwoGracesCounts();
  void deletesOnlyWhatDoesNotRun();
  void restartsACrashedOneWithBackoff();
  void oneShotRunsOnce();
  void keepsTheLastLines();
  void aCommandOfACopyIsReadWholeAndEndedWhole();
  void runsHealthCommands();
  void aCommandThatTakesTooLongIsEnded();
  void startsAndKeepsTheRouter();
  void badRequestsAreRefusedWithWords();
  void aSubnetHasOneSandbox();
  void aFolderHasOneSupervisor();
  void whatIsDueForOneServiceSurvivesTheClearingOfAnother();
  void asksToShutDownAreAnsweredTogether();
  void shutdownLeavesNothing();
  void downWorksWithADeadSupervisor();
  void downLeavesAReusedPidAlone();

private:
  std::unique_ptr<SandboxUnderTest> m_box;
};

void TestSandboxSupervisor::saysWhoItIs() {
  auto info = m_box->ask("GET", "/v1/info").json();
  QCOMPARE(textAt(info, "name"), std::string("test"));
  QCOMPARE(textAt(info, "subnet"), std::string("127.90"));
  QCOMPARE(number(info, "pid"), static_cast<long long>(m_box->pid()));
  QVERIFY(memberAt(info, "router").is_null());
}

void TestSandboxSupervisor::secondPutOfAnIdStartsNothing() {
  auto first = m_box->put("web-1", "web", "1.10", {{"environment", {{"SECRET", "x"}}}});
  QCOMPARE(first.status, 201);
  auto second = m_box->put("web-1", "web", "1.11");
  QCOMPARE(second.status, 200);
  QCOMPARE(number(second.json(), "pid"), number(first.json(), "pid"));
  QCOMPARE(textAt(second.json(), "address"), std::string("127.90.1.10"));
  QVERIFY(!second.json().contains("environment"));
  QCOMPARE(textAt(second.json(), "state"), std::string("running"));
  QTRY_VERIFY_WITH_TIMEOUT(m_box->isReady("web-1"), patience);
  auto page = askTcp("127.90.1.10", 8080, "GET", "/anything");
  QCOMPARE(page.status, 200);
  QVERIFY(page.head.find("X-Rat-Version: 1.0.0") != std::string::npos);
  QVERIFY(page.head.find("X-Rat-Instance: web-1") != std::string::npos);
  QCOMPARE(memberAt(m_box->ask("GET", "/v1/instances").json(), "instances").size(), size_t(1));
}

void TestSandboxSupervisor::stopAnswersWhenTheProcessIsGone() {
  m_box->put("web-1", "web", "1.10", {{"restart", "unless-stopped"}});
  QTRY_VERIFY_WITH_TIMEOUT(m_box->isReady("web-1"), patience);
  auto pid = static_cast<int>(number(m_box->instance("web-1"), "pid"));
  auto stopped = m_box->stop("web-1");
  QVERIFY(!lives(pid));
  QCOMPARE(number(stopped, "exit_code"), 0);
  QCOMPARE(boolAt(stopped, "forced_kill", true), false);
  QCOMPARE(m_box->stop("web-1"), stopped); // again: the same answer
  QCOMPARE(textAt(m_box->instance("web-1"), "state"), std::string("exited"));
  QCOMPARE(number(m_box->instance("web-1"), "restarts"), 0);
}

void TestSandboxSupervisor::aStopRightAfterTheStartReachesOnlyTheInstance() {
  for (int round = 0; round < 60; ++round) {
    auto id = "web-" + std::to_string(round);
    QCOMPARE(m_box->put(id, "web", "1.10").status, 201);
    auto stopped = m_box->stop(id, 20000);
    QCOMPARE(boolAt(stopped, "forced_kill", true), false);
    QVERIFY(number(stopped, "took_ms") < 10000);
  }
  QCOMPARE(m_box->ask("GET", "/v1/info").status, 200);
}

void TestSandboxSupervisor::killsAtTheEndOfTheGrace() {
  m_box->ask("PUT", "/v1/faults/web", {{"kind", "ignore-sigterm"}});
  m_box->put("web-1", "web", "1.10");
  QTRY_VERIFY_WITH_TIMEOUT(m_box->isReady("web-1"), patience);
  auto stopped = m_box->stop("web-1", 300);
  QCOMPARE(boolAt(stopped, "forced_kill"), true);
  QCOMPARE(textAt(stopped, "signal"), std::string("SIGKILL"));
  QVERIFY(number(stopped, "took_ms") >= 300);
}

void TestSandboxSupervisor::theShorterOfTwoGracesCounts() {
  m_box->ask("PUT", "/v1/faults/web", {{"kind", "ignore-sigterm"}});
  m_box->put("web-1", "web", "1.10");
  QTRY_VERIFY_WITH_TIMEOUT(m_box->isReady("web-1"), patience);
  auto patient = std::async(std::launch::async, [this] { return m_box->stop("web-1", 120000); });
  auto hasBegun = [this] {
    return m_box->ask("GET", "/v1/instances/web-1/logs").body.find("SIGTERM ignored") != std::string::npos;
  };
  QTRY_VERIFY_WITH_TIMEOUT(hasBegun(), patience);
  QCOMPARE(boolAt(m_box->stop("web-1", 100), "forced_kill"), true);
  auto first = patient.get();
  QCOMPARE(boolAt(first, "forced_kill"), true);
  QVERIFY(number(first, "took_ms") < 60000);
}

void TestSandboxSupervisor::deletesOnlyWhatDoesNotRun() {
  m_box->put("web-1", "web", "1.10");
  QCOMPARE(m_box->ask("DELETE", "/v1/instances/web-1").status, 409);
  m_box->stop("web-1");
  QCOMPARE(m_box->ask("DELETE", "/v1/instances/web-1").status, 200);
  QCOMPARE(m_box->ask("DELETE", "/v1/instances/web-1").status, 200);
  QCOMPARE(m_box->ask("GET", "/v1/instances/web-1").status, 404);
}

void TestSandboxSupervisor::restartsACrashedOneWithBackoff() {
  m_box->ask("PUT", "/v1/faults/web", {{"kind", "crash"}});
  m_box->put("web-1", "web", "1.10", {{"restart", "unless-stopped"}});
  m_box->put("web-2", "web", "1.11", {{"restart", "on-failure:2"}});
  m_box->put("web-3", "web", "1.12"); // no policy: stays down
  QTRY_VERIFY_WITH_TIMEOUT(number(m_box->instance("web-1"), "restarts") >= 3, patience);
  QTRY_COMPARE_WITH_TIMEOUT(number(m_box->instance("web-2"), "restarts"), 2, patience);
  QTRY_COMPARE_WITH_TIMEOUT(textAt(m_box->instance("web-3"), "state"), std::string("exited"), patience);
  QCOMPARE(number(m_box->instance("web-3"), "exit_code"), 2);
  QCOMPARE(number(m_box->instance("web-3"), "restarts"), 0);
  m_box->stop("web-1");
  auto restarts = number(m_box->instance("web-1"), "restarts");
  // Longer than the longest backoff it had reached.
  QVERIFY(!QTest::qWaitFor([&] { return number(m_box->instance("web-1"), "restarts") != restarts; }, 1000));
}

void TestSandboxSupervisor::oneShotRunsOnce() {
  m_box->put("init-1", "minio-init", "1.10", {{"restart", "on-failure"}, {"one_shot", true}});
  QTRY_COMPARE_WITH_TIMEOUT(textAt(m_box->instance("init-1"), "state"), std::string("exited"), patience);
  QCOMPARE(number(m_box->instance("init-1"), "exit_code"), 0);
  QCOMPARE(number(m_box->instance("init-1"), "restarts"), 0);
}

void TestSandboxSupervisor::keepsTheLastLines() {
  m_box->put("web-1", "web", "1.10");
  QTRY_VERIFY_WITH_TIMEOUT(m_box->isReady("web-1"), patience);
  auto lines = memberAt(m_box->ask("GET", "/v1/instances/web-1/logs?tail=1").json(), "lines");
  QCOMPARE(lines.size(), size_t(1));
  QVERIFY(lines[0].get<std::string>().find("listening") != std::string::npos);
  QVERIFY(std::filesystem::exists(m_box->folder() + "/logs/web-1.log"));
}

void TestSandboxSupervisor::aCommandOfACopyIsReadWholeAndEndedWhole() {
  const auto command = "echo NOTICE >&2; for i in $(seq 60); do echo $i.sql; done; sleep 300 & echo $!; wait";
  m_box->put("task-1", "web", "1.10",
             {{"restart", "no"}, {"runs_commands", true}, {"command", {"/bin/sh", "-c", command}}});
  const auto said = [&] {
    return m_box->ask("GET", "/v1/instances/task-1/logs?tail=40").json();
  };
  const auto lastOf = [&] {
    const auto text = textAt(said(), "stdout");
    const auto at = text.find("60.sql\n");
    return at == text.npos || text.back() != '\n' ? std::string() : text.substr(at + 7);
  };
  QTRY_VERIFY_WITH_TIMEOUT(!lastOf().empty(), patience);
  const auto log = said();
  QVERIFY(textAt(log, "stdout").starts_with("1.sql\n2.sql\n"));
  QVERIFY(!boolAt(log, "is_cut", true));
  QCOMPARE(memberAt(log, "lines").size(), size_t(40));
  const int grandchild = std::stoi(lastOf());
  QVERIFY(lives(grandchild));
  QCOMPARE(
      number(m_box->ask("POST", "/v1/instances/task-1/stop", {{"signal", "SIGKILL"}, {"grace_ms", 0}}).json(),
             "exit_code"),
      137);
  QTRY_VERIFY_WITH_TIMEOUT(!lives(grandchild), patience);
}

void TestSandboxSupervisor::runsHealthCommands() {
  m_box->put("pg-1", "postgres", "1.10");
  m_box->put("ratq-1", "ratq", "1.11");
  m_box->put("ratq-2", "ratq", "1.12", {{"environment", {{"GRPC_HEALTH", "1"}}}});
  for (const char* id : {"pg-1", "ratq-1", "ratq-2"})
    QTRY_VERIFY_WITH_TIMEOUT(m_box->isReady(id), patience);
  std::string said;
  QCOMPARE(m_box->exec("pg-1", {"/bin/sh", "-c", "pg_isready -U rat"}, &said), 0);
  QVERIFY2(said.find("127.90.1.10:5432") != std::string::npos, said.c_str());
  QCOMPARE(m_box->exec("pg-1", {"wget", "-qO-", "http://localhost:1/"}, &said), 1);
  QVERIFY2(said.find("refused") != std::string::npos, said.c_str());
  QCOMPARE(m_box->exec("ratq-1", {"python", "-c", "grpc.insecure_channel('localhost:50051')"}, &said), 0);
  QCOMPARE(m_box->exec("pg-1", {"python", "-c", "grpc.insecure_channel('localhost:5432')"}, &said), 1);
  QCOMPARE(m_box->exec("ratq-1", {"grpc_health_probe", "-addr=:50051"}, &said), 0);
  QVERIFY2(said.find("no health service") != std::string::npos, said.c_str());
  QCOMPARE(m_box->exec("ratq-2", {"grpc_health_probe", "-addr=:50051"}, &said), 0);
  QVERIFY2(said.find("SERVING") != std::string::npos, said.c_str());
  const auto signal = [&](const char* name) {
    return m_box->ask("POST", "/v1/instances/ratq-2/signal", {{"signal", name}}).status;
  };
  QCOMPARE(signal("SIGUSR1"), 200);
  QTRY_COMPARE_WITH_TIMEOUT(m_box->exec("ratq-2", {"grpc_health_probe", "-addr=:50051"}, &said), 1, patience);
  QVERIFY2(said.find("NOT_SERVING") != std::string::npos, said.c_str());
  QCOMPARE(signal("SIGUSR2"), 200);
  QTRY_COMPARE_WITH_TIMEOUT(m_box->exec("ratq-2", {"grpc_health_probe", "-addr=:50051"}, &said), 0, patience);
  QCOMPARE(signal("SIGNOTHING"), 400);
  QCOMPARE(m_box->ask("POST", "/v1/instances/ratq-9/signal", {{"signal", "SIGUSR1"}}).status, 404);
  QCOMPARE(m_box->exec("ratq-1", {"/unknown/check"}, &said), 0);
}

void TestSandboxSupervisor::aCommandThatTakesTooLongIsEnded() {
  m_box->put("web-1", "web", "1.10");
  auto answer = m_box->ask("POST", "/v1/instances/web-1/exec",
                           {{"argv", {"curl", "http://127.90.250.250:80/"}}, {"timeout_ms", 1}});
  QCOMPARE(answer.status, 200);
  QVERIFY(number(answer.json(), "exit_code") != 0);
}

void TestSandboxSupervisor::startsAndKeepsTheRouter() {
  auto socket = m_box->folder() + "/router.sock";
  std::string config =
      "global\n  stats socket " + socket +
      " mode 600 level admin\ndefaults\n  mode http\n  timeout connect 1s\n  timeout client 5s\n"
      "  timeout server 5s\nfrontend f\n  bind 127.90.9.1:8080\n";
  auto put = m_box->ask("PUT", "/v1/router", {{"config", config}});
  QCOMPARE(put.status, 200);
  auto pid = number(put.json(), "pid");
  QCOMPARE(askTcp("127.90.9.1", 8080, "GET", "/").status, 503);
  auto router = memberAt(m_box->ask("GET", "/v1/info").json(), "router");
  QCOMPARE(textAt(router, "socket"), socket);
  QCOMPARE(number(router, "pid"), pid);
  QCOMPARE(number(m_box->ask("PUT", "/v1/router", {{"config", config + "# more\n"}}).json(), "pid"), pid);
  QVERIFY(readFile(m_box->folder() + "/haproxy.cfg", 65536)->ends_with("# more\n"));
  ::kill(static_cast<int>(pid), SIGKILL);
  QTRY_COMPARE_WITH_TIMEOUT(askTcp("127.90.9.1", 8080, "GET", "/").status, 503, patience);
}

void TestSandboxSupervisor::badRequestsAreRefusedWithWords() {
  auto message = [](const Answer& answer) {
    return textAt(memberAt(answer.json(), "error"), "message");
  };
  QCOMPARE(m_box->ask("GET", "/v1/nothing").status, 404);
  QCOMPARE(m_box->ask("PUT", "/v1/instances/x", {{"service", "web"}}).status, 400);
  auto fault = m_box->ask("PUT", "/v1/faults/web", {{"kind", "explode"}});
  QCOMPARE(fault.status, 400);
  QVERIFY(message(fault).find("explode") != std::string::npos);
  auto router = m_box->ask("PUT", "/v1/router", {{"config", "nonsense\n"}});
  QCOMPARE(router.status, 400);
  QVERIFY2(message(router).find("nonsense") != std::string::npos, message(router).c_str());
  QCOMPARE(m_box->ask("GET", "/v1/load").status, 404);
  QCOMPARE(m_box->ask("POST", "/v1/load", Json::object()).status, 400);
}

void TestSandboxSupervisor::aSubnetHasOneSandbox() {
  auto folder = m_box->folder() + "/other";
  auto second = runProgram({sandboxProgram(), "supervise", "--dir", folder, "--name", "other", "--subnet",
                            "127.90", "--daemonize"});
  QCOMPARE(second.exitCode, 2);
}

void TestSandboxSupervisor::aFolderHasOneSupervisor() {
  auto second = runProgram({sandboxProgram(), "supervise", "--dir", m_box->folder(), "--name", "other",
                            "--subnet", "127.91", "--daemonize"});
  QCOMPARE(second.exitCode, 3);
  QCOMPARE(m_box->ask("GET", "/v1/info").status, 200);
}

void TestSandboxSupervisor::whatIsDueForOneServiceSurvivesTheClearingOfAnother() {
  auto runsAfter = [&](const std::string& cleared) {
    m_box->ask("PUT", "/v1/faults/runner", {{"kind", "runs"}, {"value", "2x300s"}});
    m_box->ask("DELETE", "/v1/faults/" + cleared);
    m_box->put("pg-1", "postgres", "1.10");
    m_box->put("runner-1", "runner", "2.10");
    for (const char* id : {"pg-1", "runner-1"})
      if (!QTest::qWaitFor([&] { return m_box->isReady(id); }, patience))
        return false;
    m_box->put(
        "ratd-1", "ratd", "3.10",
        {{"environment",
          {{"DATABASE_URL", "postgres://rat@127.90.1.10:5432/rat"}, {"RUNNER_ADDR", "127.90.2.10:50052"}}}});
    return QTest::qWaitFor(
        [&] {
          auto page = askTcp("127.90.3.10", 8080, "GET", "/api/v1/runs?limit=1").json();
          return number(page, "total") == 2;
        },
        cleared == "web" ? patience : 2000);
  };
  QVERIFY(runsAfter("web"));
  cleanup();
  init();
  QVERIFY(!runsAfter("runner")); // the control
}

void TestSandboxSupervisor::asksToShutDownAreAnsweredTogether() {
  m_box->put("web-1", "web", "1.10");
  QTRY_VERIFY_WITH_TIMEOUT(m_box->isReady("web-1"), patience);
  m_box->ask("PUT", "/v1/faults/web", {{"kind", "slow"}, {"value", "1s"}});
  PendingRequest request("127.90.1.10", 8080, "/x"); // keeps the instance for a second
  auto down = [this] {
    return m_box->ask("POST", "/v1/shutdown").status;
  };
  auto first = std::async(std::launch::async, down);
  QTRY_COMPARE_WITH_TIMEOUT(m_box->ask("PUT", "/v1/router").status, 409, patience);
  QCOMPARE(down(), 200);
  QCOMPARE(first.get(), 200);
}

void TestSandboxSupervisor::shutdownLeavesNothing() {
  m_box->put("web-1", "web", "1.10");
  m_box->put("web-2", "web", "1.11");
  auto one = static_cast<int>(number(m_box->instance("web-1"), "pid"));
  auto two = static_cast<int>(number(m_box->instance("web-2"), "pid"));
  QCOMPARE(m_box->ask("POST", "/v1/shutdown").status, 200);
  QVERIFY(!lives(one) && !lives(two));
  QTRY_VERIFY_WITH_TIMEOUT(!lives(m_box->pid()), patience);
  QVERIFY(std::filesystem::is_empty(m_box->folder() + "/pids"));
  QVERIFY(!std::filesystem::exists(m_box->folder() + "/supervisor.sock"));
}

void TestSandboxSupervisor::downWorksWithADeadSupervisor() {
  m_box->put("web-1", "web", "1.10");
  auto instance = static_cast<int>(number(m_box->instance("web-1"), "pid"));
  auto sleeper = spawnSleeper(); // a process of the sandbox that outlived its supervisor
  QVERIFY(sandbox::ProcessTable(m_box->folder() + "/pids").add("left-over", sleeper).has_value());
  m_box->killSupervisor();
  auto down = runProgram({sandboxProgram(), "down", "--dir", m_box->folder()});
  QCOMPARE(down.exitCode, 0);
  QVERIFY2(down.output.find("left-over") != std::string::npos, down.output.c_str());
  QVERIFY(!lives(sleeper));
  QTRY_VERIFY_WITH_TIMEOUT(!lives(instance), patience);
  QVERIFY(std::filesystem::is_empty(m_box->folder() + "/pids"));
  ::waitpid(sleeper, nullptr, 0);
}

void TestSandboxSupervisor::downLeavesAReusedPidAlone() {
  auto stranger = spawnSleeper();
  auto record = Json{{"pid", stranger}, {"start_time", sandbox::startTimeOf(stranger) + 1}};
  QVERIFY(writeFile(m_box->folder() + "/pids/gone.json", dumpJson(record)).has_value());
  m_box->killSupervisor();
  runProgram({sandboxProgram(), "down", "--dir", m_box->folder()});
  QVERIFY(lives(stranger));
  ::kill(stranger, SIGKILL);
  ::waitpid(stranger, nullptr, 0);
}

QTEST_GUILESS_MAIN(TestSandboxSupervisor)
#include "tst_sandbox_supervisor.moc"
