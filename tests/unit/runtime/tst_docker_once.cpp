// A command that is run once in a container of its own, on an engine by script that loses answers: it is
// begun once, whatever becomes of us, and what it printed is read whole.
#include "core/runtime/docker/docker_runtime.h"
#include "tests/support/manual_clock.h"
#include "tests/unit/remote/scripted_docker.h"
#include "tests/unit/runtime/answers.h"
#include "tests/unit/runtime/container_fixture.h"

#include <curl/curl.h>

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

const QByteArray emptyAnswer = "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n";
const std::string base = "/v1.41/containers/";
const std::string name = "shop-task-email-run-r1";

// The engine has one container, or none.
struct Engine {
  ScriptedDocker docker;
  QByteArray state;  // "" = there is none
  QByteArray labels; // of the one that was made
  QByteArray printed;
  int starts = 0;
  std::function<QByteArray()> onStart = [this] {
    state = "exited";
    return emptyAnswer;
  };

  Engine() {
    docker.on("GET " + base + "json", ScriptedDocker::json("[]"));
    docker.on("POST " + base + "create", [this](const ScriptedDocker::Request& request) {
      labels = QByteArray::fromStdString(dumpJson(Json::parse(request.body)["Labels"]));
      state = "created";
      return ScriptedDocker::json(R"({"Id":"c1"})", 201);
    });
    for (const auto& id : {std::string("c1"), name}) {
      docker.on("GET " + base + id + "/json", [this](const auto&) { return inspected(); });
      docker.on("POST " + base + id + "/start", [this](const auto&) {
        ++starts;
        return onStart();
      });
      docker.on("POST " + base + id + "/wait",
                [this](const auto&) { return state.isEmpty() ? none() : waited(); });
      docker.on("DELETE " + base + id, [this](const auto&) {
        state.clear();
        return emptyAnswer;
      });
      docker.on("GET " + base + id + "/logs",
                [this](const auto&) { return ScriptedDocker::stream(printed); });
    }
  }

  static QByteArray none() { return ScriptedDocker::json(R"({"message":"No such container"})", 404); }
  static QByteArray waited() { return ScriptedDocker::json(R"({"StatusCode":0})"); }
  QByteArray inspected() const {
    return state.isEmpty()
               ? none()
               : ScriptedDocker::json(R"({"Id":"c1","Name":"/)" + QByteArray::fromStdString(name) +
                                      R"(","State":{"Status":")" + state + R"("},"Config":{"Labels":)" +
                                      labels + R"(},"HostConfig":{},"NetworkSettings":{"Networks":{}}})");
  }
  QByteArray loseTheAnswer(const char* becomes) {
    state = becomes;
    docker.hangUp();
    return {};
  }
  int asked(const std::string& line) const {
    int times = 0;
    for (const auto& request : docker.requests())
      times += request.line == line;
    return times;
  }
  int removals() const { return asked("DELETE " + base + "c1") + asked("DELETE " + base + name); }
  int makings() const { return asked("POST " + base + "create"); }
};

QByteArray line(char stream, const QByteArray& text) {
  return dockerFrame(stream, "2026-07-01T12:00:00.000000000Z " + text + "\n");
}

} // namespace

class TestDockerOnce : public QObject {
  Q_OBJECT

  ManualClock m_clock;
  StackSpec m_stack = stackWith("environment: {A: b}");
  std::map<std::string, Routes> m_routes;
  std::unique_ptr<Engine> m_engine;
  std::unique_ptr<DockerClient> m_client;
  std::unique_ptr<DockerCopies> m_copies;
  std::unique_ptr<ImageKeeper> m_keeper;
  std::unique_ptr<DockerRuntime> m_runtime;

  enum class Known { NotBegun, MayHaveBegun, OnlyAwaited };
  Result<ExecReport> run(Known known = Known::NotBegun) {
    StartRequest request;
    request.id = InstanceId(name);
    request.number = 1;
    request.revision = 7;
    request.rollout = RolloutId("r1");
    request.service = m_stack.services.at("web");
    request.stack = m_stack;
    request.isOnce = true;
    request.mayHaveBegun = known != Known::NotBegun;
    request.isOnlyAwaited = known == Known::OnlyAwaited;
    return answerOf<ExecReport>([&](auto done) { m_runtime->runOnce(request, 5s, done); });
  }
  // Another engine of ours, to which nothing was told.
  void beginAnew() {
    cleanup();
    m_client = std::make_unique<DockerClient>(m_engine->docker.endpoint());
    m_copies = std::make_unique<DockerCopies>(*m_client, "shop", "", "a1");
    m_keeper = std::make_unique<ImageKeeper>(*m_client, m_clock, "shop", "a1");
    m_runtime =
        std::make_unique<DockerRuntime>(*m_client, *m_copies, m_stack, m_routes, nullptr, *m_keeper, "");
  }

private Q_SLOTS:
  void initTestCase() { curl_global_init(CURL_GLOBAL_DEFAULT); }
  void init() {
    m_engine = std::make_unique<Engine>();
    beginAnew();
  }
  void cleanup() {
    m_runtime.reset();
    m_copies.reset();
    m_keeper.reset();
    m_client.reset();
  }

  void allOfItsStdoutIsReadAndNoNotice() {
    m_engine->printed = line(2, "NOTICE:  relation exists, skipping");
    for (int version = 1; version <= 60; ++version)
      m_engine->printed += line(1, QByteArray::number(version) + ".sql");
    const auto ended = run();
    QVERIFY2(ended.has_value(), errorOf(ended).c_str());
    QVERIFY(ended->printed.text.starts_with("1.sql\n2.sql\n") && ended->printed.text.ends_with("60.sql\n"));
    QVERIFY(!ended->printed.isCut);
    QVERIFY(ended->output.find("NOTICE") != std::string::npos);
  }

  void whatIsTooLongIsNotTakenForWhole() {
    for (int i = 0; i < 6; ++i)
      m_engine->printed += line(1, QByteArray(50'000, 'x'));
    QVERIFY(run()->printed.isCut);
  }

  // A log driver from which Docker reads nothing: its end is known, and what it printed is not.
  void whatCannotBeReadIsNotTakenForEmpty() {
    m_engine->docker.on(
        "GET " + base + name + "/logs",
        ScriptedDocker::json(R"({"message":"configured logging driver does not support"})", 501));
    const auto ended = run();
    QVERIFY2(ended.has_value(), errorOf(ended).c_str());
    QCOMPARE(ended->exitCode, 0);
    QVERIFY(ended->printed.isCut);
  }

  void aStartWhoseAnswerIsLostIsLookedForAndNotRepeated() {
    m_engine->onStart = [this] {
      return m_engine->loseTheAnswer("running");
    };
    QVERIFY(!run().has_value());
    QCOMPARE(m_engine->removals(), 0);
    const auto ended = run();
    QVERIFY2(ended.has_value(), errorOf(ended).c_str());
    QCOMPARE(ended->exitCode, 0);
    QCOMPARE(m_engine->starts, 1);
    QCOMPARE(m_engine->makings(), 1);
    QCOMPARE(m_engine->removals(), 0);
  }

  // It never arrived: the container stands as it was made.
  void aStartThatDidNotArriveIsSentAgain() {
    m_engine->onStart = [this] {
      if (m_engine->starts == 1)
        return m_engine->loseTheAnswer("created");
      m_engine->state = "exited";
      return emptyAnswer;
    };
    QVERIFY(!run().has_value());
    QCOMPARE(run()->exitCode, 0);
    QCOMPARE(m_engine->starts, 2);
    QCOMPARE(m_engine->makings(), 1);
    QCOMPARE(m_engine->removals(), 0);
  }

  void aStartThatWasRefusedIsTakenAwayAndMadeAnew() {
    m_engine->onStart = [this] {
      if (m_engine->starts == 1)
        return ScriptedDocker::json(R"({"message":"exec: no such file"})", 400);
      m_engine->state = "exited";
      return emptyAnswer;
    };
    QVERIFY(!run().has_value());
    QCOMPARE(m_engine->removals(), 1);
    QCOMPARE(run()->exitCode, 0);
    QCOMPARE(m_engine->makings(), 2);
  }

  void oneThatWasBegunAndIsGoneIsNotBegunAgain() {
    m_engine->onStart = [this] {
      return m_engine->loseTheAnswer("");
    };
    QVERIFY(!run().has_value());
    const auto ended = run();
    QVERIFY2(ended.has_value(), errorOf(ended).c_str());
    QCOMPARE(ended->exitCode, -1);
    QVERIFY(ended->output.find("is not run again") != std::string::npos);
    QCOMPARE(m_engine->makings(), 1);
  }

  void oneThatGoesAwayWhileItIsWaitedForIsNotBegunAgain() {
    m_engine->onStart = [this] {
      m_engine->state = "running";
      return emptyAnswer;
    };
    m_engine->docker.on("POST " + base + name + "/wait", Engine::none());
    QCOMPARE(run()->exitCode, -1);
    m_engine->state.clear();
    QCOMPARE(run()->exitCode, -1);
    QCOMPARE(m_engine->makings(), 1);
  }

  void oneThatAnEngineBeforeMayHaveBegunIsOnlyLookedFor() {
    QCOMPARE(run(Known::MayHaveBegun)->exitCode, -1);
    QCOMPARE(m_engine->makings(), 0);
    QCOMPARE(run()->exitCode, 0); // the control
    QCOMPARE(m_engine->makings(), 1);
    beginAnew();
    QCOMPARE(run(Known::MayHaveBegun)->exitCode, 0); // as it ended
    QCOMPARE(m_engine->makings(), 1);
    QCOMPARE(m_engine->starts, 1);
  }

  // The engine before was killed between making and starting it: that did nothing yet.
  void oneThatWasMadeAndNotStartedIsMadeAnew() {
    QVERIFY(run().has_value());
    m_engine->state = "created";
    beginAnew();
    QCOMPARE(run(Known::MayHaveBegun)->exitCode, 0);
    QCOMPARE(m_engine->makings(), 2);
    for (const auto& request : m_engine->docker.requests())
      QVERIFY(request.line != "DELETE " + base + "c1" ||
              request.query.find("force=false") != std::string::npos);
  }

  void nothingBeginsOfOneThatIsOnlyAwaited_data() {
    QTest::addColumn<bool>("isSameEngine");
    QTest::newRow("made by an engine that was killed") << false;
    QTest::newRow("made by this one, and its start did not arrive") << true;
  }
  void nothingBeginsOfOneThatIsOnlyAwaited() {
    QFETCH(bool, isSameEngine);
    m_engine->onStart = [this] {
      return m_engine->loseTheAnswer("created");
    };
    QVERIFY(!run().has_value());
    const int starts = m_engine->starts;
    if (!isSameEngine)
      beginAnew();
    m_engine->onStart = [this] {
      m_engine->state = "exited";
      return emptyAnswer;
    };
    QCOMPARE(run(Known::OnlyAwaited)->exitCode, -1);
    QCOMPARE(m_engine->starts, starts);
    QCOMPARE(m_engine->makings(), 1);
    QCOMPARE(run(Known::MayHaveBegun)->exitCode, 0); // the control
    QCOMPARE(m_engine->starts, starts + 1);
    QCOMPARE(run(Known::OnlyAwaited)->exitCode, 0); // as it ended
    QCOMPARE(m_engine->starts, starts + 1);
  }

  void onceItWasClearedItMayBeginAnew() {
    QCOMPARE(run()->exitCode, 0);
    QVERIFY(answerOf<ExecReport>([&](auto done) { m_runtime->endOnce(InstanceId(name), done); }));
    QCOMPARE(run()->exitCode, 0);
    QCOMPARE(m_engine->starts, 2);
  }
};

QTEST_GUILESS_MAIN(TestDockerOnce)
#include "tst_docker_once.moc"
