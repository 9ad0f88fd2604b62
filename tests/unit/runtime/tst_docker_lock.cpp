// The stack's lock on an engine by script that keeps containers as Docker does: by name and by id, one a
// name.
#include "core/runtime/docker/docker_lock.h"
#include "core/runtime/docker/lock_record.h"
#include "tests/unit/remote/answers.h"
#include "tests/unit/remote/scripted_docker.h"

#include <curl/curl.h>

#include <optional>

using namespace ratdeck;

namespace {

const std::string name = "ratdeck-lock-shop";
const std::string base = "/v1.41/containers/";

LockHolder holderOf(const std::string& host, const std::string& place = "/run/shop.lock:1:7") {
  return {"uid 0 (root)", host, "boot-of-" + host, place, 12, "20260701-120000-ab12"};
}

// What the engine keeps of the one container that matters here.
class EngineWithOneName {
public:
  EngineWithOneName() {
    docker.on("GET /v1.41/info", [this](const auto&) {
      return ScriptedDocker::json(
          QByteArray::fromStdString(dumpJson({{"ID", "e"}, {"SystemTime", toRfc3339(now)}})));
    });
    docker.on("POST " + std::string("/v1.41/containers/create"),
              [this](const auto& request) { return create(parseJson(request.body).value_or(Json())); });
    docker.on("GET " + base + name + "/json", [this](const auto&) { return inspect(name); });
  }

  void remove() { container.reset(); }
  // Somebody else makes one of the same name, by hand or by another console.
  void replace(const Json& body) {
    remove();
    create(body);
  }

  QByteArray inspect(const std::string& named) const {
    if (!isThere(named))
      return missing();
    return ScriptedDocker::json(
        QByteArray::fromStdString(dumpJson({{"Id", container->id},
                                            {"Name", "/" + name},
                                            {"Created", toRfc3339(container->created)},
                                            {"State", {{"Status", state}}},
                                            {"Config", {{"Labels", container->labels}}}})));
  }

  ScriptedDocker docker;
  WallTime now = fromRfc3339("2026-07-01T12:00:00Z");
  struct Container {
    std::string id, archive;
    Json labels;
    WallTime created;
  };
  std::optional<Container> container;
  std::string state = "created";
  int heartbeats = 0;

private:
  QByteArray missing() const { return ScriptedDocker::json(R"({"message":"No such container"})", 404); }
  bool isThere(const std::string& named) const {
    return container && (named == container->id || named == name);
  }

  QByteArray create(const Json& body) {
    if (container)
      return ScriptedDocker::json(R"({"message":"Conflict. The container name is already in use"})", 409);
    const auto id = "c" + std::to_string(++m_made);
    container = Container{id, {}, memberAt(body, "Labels"), now};
    serve(id);
    return ScriptedDocker::json(QByteArray::fromStdString(dumpJson({{"Id", id}})), 201);
  }

  void serve(const std::string& id) {
    docker.on("GET " + base + id + "/json", [this, id](const auto&) { return inspect(id); });
    docker.on("PUT " + base + id + "/archive", [this, id](const auto& request) {
      if (!isThere(id))
        return missing();
      container->archive = request.body;
      ++heartbeats;
      return ScriptedDocker::json("");
    });
    docker.on("GET " + base + id + "/archive", [this, id](const auto&) {
      return isThere(id) && !container->archive.empty()
                 ? ScriptedDocker::json(QByteArray::fromStdString(container->archive))
                 : missing();
    });
    docker.on("DELETE " + base + id, [this, id](const auto&) {
      if (!isThere(id))
        return missing();
      remove();
      return QByteArray("HTTP/1.1 204 X\r\n\r\n");
    });
  }

  int m_made = 0;
};

// One console's view of it.
struct Console {
  explicit Console(const EngineWithOneName& engine, DockerLock::Intervals intervals = {})
      : client(engine.docker.endpoint()),
        lock(
            client, "shop", [](Callback<std::string> done) { done(std::string("sha256:1")); }, intervals) {}

  Result<std::string> acquire(const LockHolder& holder, bool takesOver = false) {
    Answers<std::string> answers;
    lock.acquire(holder, takesOver, answers.next());
    return answers.wait() ? answers.at(0) : failure(ErrorKind::Timeout, "no answer");
  }
  Result<Done> check() {
    Answers<Done> answers;
    lock.check(answers.next());
    return answers.wait() ? answers.at(0) : failure(ErrorKind::Timeout, "no answer");
  }
  Result<Done> release() {
    Answers<Done> answers;
    lock.release(answers.next());
    return answers.wait() ? answers.at(0) : failure(ErrorKind::Timeout, "no answer");
  }

  DockerClient client;
  DockerLock lock;
};

std::string textOf(const Result<std::string>& result) {
  return result ? "got it: " + *result : result.error().toString();
}

} // namespace

class TestDockerLock : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void initTestCase() { curl_global_init(CURL_GLOBAL_DEFAULT); }

  void acquiringLooksAndCreatesAndTheAgeOfWhatWasMadeIsTheFirstSignOfLife() {
    EngineWithOneName engine;
    Console console(engine);
    QCOMPARE(textOf(console.acquire(holderOf("alpha"))), std::string("got it: "));
    QCOMPARE(engine.docker.log(),
             QStringLiteral("GET /_ping|GET /v1.41/containers/ratdeck-lock-shop/json|POST "
                            "/v1.41/containers/create"));
    QCOMPARE(engine.heartbeats, 0);
    Console another(engine);
    engine.now += 59s;
    QVERIFY(!another.acquire(holderOf("beta"), true)); // it is alive all the same
    QVERIFY(console.check());
    const auto labels = engine.container->labels;
    QCOMPARE(textAt(labels, "ratdeck.host"), std::string("alpha"));
    QVERIFY(!labels.contains("com.docker.compose.service") && !labels.contains("com.docker.compose.project"));
    QVERIFY(console.release());
    QVERIFY(!engine.container);
  }

  void aSecondConsoleIsToldWhoWhereSinceWhenAndHowLately() {
    EngineWithOneName engine;
    Console first(engine), second(engine);
    QVERIFY(first.acquire(holderOf("alpha")));
    engine.now += 7s;
    const auto refused = second.acquire(holderOf("beta"));
    QCOMPARE(
        textOf(refused),
        std::string("this stack is being changed by uid 0 (root) on alpha (process 12, rollout "
                    "20260701-120000-ab12) since 2026-07-01T12:00:00Z, last heartbeat 7 s ago; wait until "
                    "it ends; if that process is gone, its lock can be taken over with --take-over once the "
                    "last heartbeat is 60 s old"));
    QCOMPARE(refused.error().kind, ErrorKind::Refused);
    QVERIFY(first.check()); // the control: it has still got it
  }

  void anothersLockIsTakenOverOnlyWhenAskedForAndSilentForAMinute_data() {
    QTest::addColumn<int>("silence");
    QTest::addColumn<bool>("takesOver");
    QTest::addColumn<bool>("gets");
    QTest::newRow("young") << 59 << true << false;
    QTest::newRow("old, not asked") << 3600 << false << false;
    QTest::newRow("old and asked") << 60 << true << true;
    QTest::newRow("a clock that was set back") << -30 << true << false;
  }
  void anothersLockIsTakenOverOnlyWhenAskedForAndSilentForAMinute() {
    QFETCH(int, silence);
    QFETCH(bool, takesOver);
    QFETCH(bool, gets);
    EngineWithOneName engine;
    Console first(engine), second(engine);
    QVERIFY(first.acquire(holderOf("alpha")));
    engine.now += std::chrono::seconds(silence);
    const auto result = second.acquire(holderOf("beta"), takesOver);
    QVERIFY2(result.has_value() == gets, textOf(result).c_str());
    if (gets) {
      QVERIFY2(result->starts_with("uid 0 (root) on alpha"), result->c_str());
      const auto lost = first.check();
      QVERIFY(!lost);
      QVERIFY2(lost.error().message.find("on beta") != std::string::npos, lost.error().message.c_str());
      QVERIFY(first.release()); // leaves the other's alone
      QVERIFY(second.check());
    } else {
      QVERIFY(first.check());
    }
  }

  void whatTheSameConsoleLeftBehindIsTakenOverAtOnce_data() {
    QTest::addColumn<QString>("host");
    QTest::addColumn<QString>("place");
    QTest::addColumn<bool>("gets");
    QTest::newRow("the same") << "alpha"
                              << "/run/shop.lock:1:7" << true;
    QTest::newRow("another host") << "beta"
                                  << "/run/shop.lock:1:7" << false;
    QTest::newRow("another lock of the host") << "alpha"
                                              << "/home/shop.lock:1:8" << false;
    QTest::newRow("no lock of the host") << "alpha"
                                         << "" << false;
  }
  void whatTheSameConsoleLeftBehindIsTakenOverAtOnce() {
    QFETCH(QString, host);
    QFETCH(QString, place);
    QFETCH(bool, gets);
    EngineWithOneName engine;
    {
      Console killed(engine);
      QVERIFY(killed.acquire(holderOf("alpha")));
    }
    Console next(engine);
    const auto result = next.acquire(holderOf(host.toStdString(), place.toStdString()));
    QVERIFY2(result.has_value() == gets, textOf(result).c_str());
  }

  void whoIsFasterHasItAndTheOtherIsToldSo() {
    EngineWithOneName engine;
    Console first(engine), second(engine);
    Answers<std::string> firsts, seconds;
    first.lock.acquire(holderOf("alpha"), false, firsts.next());
    second.lock.acquire(holderOf("beta"), false, seconds.next());
    QVERIFY(firsts.wait() && seconds.wait());
    QVERIFY(firsts.at(0).has_value() != seconds.at(0).has_value());
    const auto& loser = firsts.at(0) ? seconds.at(0) : firsts.at(0);
    QCOMPARE(loser.error().kind, ErrorKind::Refused);
  }

  void aNameThatIsTakenBeforeItIsSeenIsLookedForAgain() {
    EngineWithOneName engine;
    Console first(engine), second(engine);
    QVERIFY(first.acquire(holderOf("alpha")));
    int looks = 0;
    engine.docker.on("GET " + base + name + "/json", [&](const auto&) {
      return ++looks < 3 ? ScriptedDocker::json(R"({"message":"No such container"})", 404)
                         : engine.inspect(name);
    });
    const auto refused = second.acquire(holderOf("beta"));
    QVERIFY2(textOf(refused).starts_with("this stack is being changed by uid 0 (root) on alpha"),
             textOf(refused).c_str());
    QCOMPARE(looks, 3);
  }

  void aContainerOfThatNameThatIsNoLockIsLeftAlone() {
    EngineWithOneName engine;
    engine.replace({{"Labels", {{"a", "b"}}}});
    Console console(engine);
    const auto result = console.acquire(holderOf("alpha"), true);
    QVERIFY2(textOf(result).find("which is no lock of ratdeck") != std::string::npos, textOf(result).c_str());
    QVERIFY(engine.container);
  }

  void aLockThatWasRemovedIsNoticedWithinAWatchAndSaidOnce_data() {
    QTest::addColumn<bool>("isGone");
    QTest::newRow("gone") << true;
    QTest::newRow("on its way, with its name still") << false;
  }
  void aLockThatWasRemovedIsNoticedWithinAWatchAndSaidOnce() {
    QFETCH(bool, isGone);
    EngineWithOneName engine;
    Console console(engine, {20ms, 60ms});
    QVERIFY(console.acquire(holderOf("alpha")));
    int losses = 0;
    std::string why;
    console.lock.adopt(console.lock.handOver(), [&](const Error& error) {
      ++losses;
      why = error.message;
    });
    QVERIFY(QTest::qWaitFor([&] { return engine.heartbeats >= 3; }, 5000));
    QCOMPARE(losses, 0); // the control
    if (isGone)
      engine.remove();
    else
      engine.state = "removing";
    QVERIFY(QTest::qWaitFor([&] { return losses > 0; }, 5000));
    QVERIFY2(why.find("was removed") != std::string::npos, why.c_str());
    QVERIFY(!console.check());
    QCOMPARE(losses, 1);
  }

  void anEngineThatDoesNotAnswerHasNotTakenTheLockAway() {
    EngineWithOneName engine;
    Console console(engine, {20ms, 60ms});
    QVERIFY(console.acquire(holderOf("alpha")));
    int losses = 0;
    console.lock.adopt(console.lock.handOver(), [&](const Error&) { ++losses; });
    engine.docker.on("GET " + base + "c1/json", ScriptedDocker::json(R"({"message":"oh"})", 500));
    engine.docker.forget();
    QVERIFY(QTest::qWaitFor([&] { return engine.docker.requests().size() >= 3; }, 5000));
    QCOMPARE(losses, 0);
    const auto unknown = console.check();
    QVERIFY(!unknown && unknown.error().kind != ErrorKind::Refused);
  }

  void theLossMayDestroyTheLock() {
    EngineWithOneName engine;
    auto console = std::make_unique<Console>(engine, DockerLock::Intervals{20ms, 60ms});
    QVERIFY(console->acquire(holderOf("alpha")));
    console->lock.adopt(console->lock.handOver(), [&](const Error&) { console.reset(); });
    engine.remove();
    QVERIFY(QTest::qWaitFor([&] { return !console; }, 5000));
  }
};

QTEST_GUILESS_MAIN(TestDockerLock)
#include "tst_docker_lock.moc"
