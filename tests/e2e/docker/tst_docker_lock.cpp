// Who may change a stack on a real engine: consoles of different machines, as far as one machine can play
// them (each has state, configuration and locks of its own), and what becomes of a lock that is lost, left
// behind, or outlives a restart of the engine.
#include <QtTest>

#include "core/engine/deployment.h"
#include "core/engine/engine_handle.h"
#include "core/runtime/docker/docker_lock.h"
#include "core/runtime/docker/docker_target.h"
#include "core/runtime/docker/lock_record.h"
#include "core/spec/compose/loader.h"
#include "tests/e2e/docker/docker_rig.h"

#include <QDirIterator>
#include <QElapsedTimer>
#include <QFile>
#include <QStandardPaths>

#include <curl/curl.h>

#include <functional>

using namespace ratdeck;

namespace {

const SystemClock systemClock;

// Each takes two seconds to stop, one after the other.
const char* const stackText = R"(
x-copy: &copy
  image: lock-test:1
  entrypoint: [/program]
  command: [stubborn, wait]
  stop_grace_period: 2s
  network_mode: none
services:
  first: { <<: *copy }
  second: { <<: *copy, depends_on: [first] }
  third: { <<: *copy, depends_on: [second] }
)";

struct Ended {
  int exitCode = -1;
  QString out, err;
};

// A console of one machine: what it keeps lies in a folder of its own.
class Console {
public:
  Console(const DockerRig& rig, const QString& project)
      : m_folder(QStringLiteral("/tmp/rl-XXXXXX")), m_socket(rig.endpoint().socket), m_project(project) {
    QFile file(m_folder.filePath(QStringLiteral("compose.yml")));
    if (!file.open(QIODevice::WriteOnly) || file.write(stackText) < 0)
      qFatal("no Compose file");
  }
  ~Console() {
    if (m_process) {
      m_process->kill();
      m_process->waitForFinished();
    }
  }

  std::string path(const char* name) const {
    return m_folder.filePath(QString::fromLatin1(name)).toStdString();
  }
  QString folder() const { return m_folder.path(); }

  void begin(QStringList words) {
    auto environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("DOCKER_HOST"),
                       QStringLiteral("unix://") + QString::fromStdString(m_socket));
    for (const char* name : {"XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "DOCKER_CONFIG"})
      environment.insert(QString::fromLatin1(name), m_folder.filePath(QString::fromLatin1(name)));
    words += {QStringLiteral("--runtime"), QStringLiteral("docker"),
              QStringLiteral("-f"),        m_folder.filePath(QStringLiteral("compose.yml")),
              QStringLiteral("-p"),        m_project,
              QStringLiteral("-y")};
    m_process = std::make_unique<QProcess>();
    m_process->setProcessEnvironment(environment);
    m_process->setStandardInputFile(QProcess::nullDevice());
    bindToOurLife(*m_process);
    m_process->start(QStringLiteral(RATDECKCTL), words);
  }
  void beginDeploy(const QString& tag, const QStringList& more = {}) {
    QStringList words = {QStringLiteral("deploy")};
    for (const char* service : {"first", "second", "third"})
      words += {QStringLiteral("--set"), QString::fromLatin1(service) + QStringLiteral("=:") + tag};
    begin(words + more);
  }
  bool isRunning() const { return m_process->state() != QProcess::NotRunning; }
  Ended end(int milliseconds = 60000) {
    m_process->waitForFinished(milliseconds);
    Ended ended;
    if (!isRunning() && m_process->exitStatus() == QProcess::NormalExit)
      ended.exitCode = m_process->exitCode();
    ended.out = QString::fromUtf8(m_process->readAllStandardOutput());
    ended.err = QString::fromUtf8(m_process->readAllStandardError());
    return ended;
  }
  Ended deploy(const QString& tag, const QStringList& more = {}) {
    beginDeploy(tag, more);
    return end();
  }
  Ended resume() {
    begin({QStringLiteral("resume-unfinished"), QStringLiteral("--resume")});
    return end();
  }
  void kill() {
    m_process->kill();
    m_process->waitForFinished();
  }
  // Whether a journal of this console has an event of this type.
  bool hasEvent(const char* type) const {
    QDirIterator journals(m_folder.path(), {QStringLiteral("*.ratlog")}, QDir::Files,
                          QDirIterator::Subdirectories);
    while (journals.hasNext()) {
      QFile file(journals.next());
      if (file.open(QIODevice::ReadOnly) && file.readAll().contains("\"" + QByteArray(type) + "\""))
        return true;
    }
    return false;
  }
  // The journals of rollouts that are over say nothing of the next one.
  void forgetEvents() {
    QDirIterator journals(m_folder.path(), {QStringLiteral("*.ratlog*")}, QDir::Files,
                          QDirIterator::Subdirectories);
    while (journals.hasNext())
      QFile::remove(journals.next());
  }

private:
  QTemporaryDir m_folder;
  std::string m_socket;
  QString m_project;
  std::unique_ptr<QProcess> m_process;
};

std::string toText(const Ended& ended) {
  return "exit " + std::to_string(ended.exitCode) + "\n" + ended.out.toStdString() + ended.err.toStdString();
}

#define QVERIFY_EXIT(ended, code)                                                                            \
  do {                                                                                                       \
    const Ended endedRun = (ended);                                                                          \
    QVERIFY2(endedRun.exitCode == (code), toText(endedRun).c_str());                                         \
  } while (false)

// The same target as if nothing had ever locked it: the control of the fence.
class Unfenced final : public StackTarget {
public:
  explicit Unfenced(std::unique_ptr<StackTarget> inner) : m_inner(std::move(inner)) {}
  Target target() override {
    auto target = m_inner->target();
    target.lock = nullptr;
    return target;
  }
  void observe(Callback<World> done) override { m_inner->observe(std::move(done)); }
  void prepare(const Preparation& preparation, std::function<void(const std::string&)> onStep,
               Callback<std::map<std::string, std::string>> done) override {
    m_inner->prepare(preparation, std::move(onStep), std::move(done));
  }
  void readMountedFiles(const StackSpec& stack, const std::set<std::string>& services,
                        Callback<std::vector<MountedFile>> done) override {
    m_inner->readMountedFiles(stack, services, std::move(done));
  }

private:
  std::unique_ptr<StackTarget> m_inner;
};

} // namespace

class TestDockerLock : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void initTestCase() {
    if (const auto why = DockerRig::whyNot(); !why.isEmpty())
      QSKIP(qPrintable(why));
    curl_global_init(CURL_GLOBAL_DEFAULT);
    DockerRig::Options options;
    options.liveRestore = true;
    m_rig = std::make_unique<DockerRig>(options);
    const auto trouble = m_rig->start();
    QVERIFY2(trouble.isEmpty(), qPrintable(trouble));
    for (const char* tag : {"1", "2"}) {
      const auto made = m_rig->makeImage(std::string("lock-test:") + tag, tag);
      QVERIFY2(made.isEmpty(), qPrintable(made));
    }
  }
  void cleanupTestCase() { m_rig.reset(); }

  void twoConsolesAtTheSameTimeOneGoesOnAndTheOtherIsRefusedInOneLine() {
    Console alpha(*m_rig, QStringLiteral("two")), beta(*m_rig, QStringLiteral("two"));
    QVERIFY_EXIT(alpha.deploy(QStringLiteral("1")), 0);
    QVERIFY(!isLocked("two"));
    alpha.beginDeploy(QStringLiteral("2"));
    beta.beginDeploy(QStringLiteral("2"));
    const auto first = alpha.end(), second = beta.end();
    const auto& loser = first.exitCode == 0 ? second : first;
    QVERIFY2(std::min(first.exitCode, second.exitCode) == 0, (toText(first) + toText(second)).c_str());
    QVERIFY2(loser.exitCode == 2, toText(loser).c_str());
    QVERIFY2(
        loser.err.startsWith(QStringLiteral("ratdeckctl: this stack is being changed by uid 0 (root) on ")),
        qPrintable(loser.err));
    QCOMPARE(loser.err.count(QLatin1Char('\n')), 1);
    QVERIFY2(loser.err.contains(QStringLiteral("last heartbeat ")), qPrintable(loser.err));
    QVERIFY(!isLocked("two"));
    QCOMPARE(imagesOf("two"), QStringLiteral("lock-test:2 lock-test:2 lock-test:2"));
  }

  // Each has its own revisions, and both begin with number 1.
  void whatAnotherConsoleDeployedIsComparedByWhatItRuns() {
    Console alpha(*m_rig, QStringLiteral("turns")), beta(*m_rig, QStringLiteral("turns"));
    QVERIFY_EXIT(alpha.deploy(QStringLiteral("1")), 0);
    const auto before = snapshot("turns");
    QVERIFY_EXIT(beta.deploy(QStringLiteral("1")), 0);
    QCOMPARE(snapshot("turns"), before); // nothing to do
    QVERIFY_EXIT(beta.deploy(QStringLiteral("2")), 0);
    QCOMPARE(imagesOf("turns"), QStringLiteral("lock-test:2 lock-test:2 lock-test:2"));
    beta.begin({QStringLiteral("rollback")});
    QVERIFY_EXIT(beta.end(), 0);
    QCOMPARE(imagesOf("turns"), QStringLiteral("lock-test:1 lock-test:1 lock-test:1"));
  }

  void aKilledConsoleLeavesALockThatItsOwnResumeTakesOverAndNobodyElses() {
    Console alpha(*m_rig, QStringLiteral("killed")), beta(*m_rig, QStringLiteral("killed"));
    QVERIFY_EXIT(alpha.deploy(QStringLiteral("1")), 0);
    alpha.forgetEvents();
    alpha.beginDeploy(QStringLiteral("2"));
    QVERIFY(QTest::qWaitFor([&] { return alpha.hasEvent("StopRequested"); }, 20000));
    alpha.kill();
    QVERIFY(isLocked("killed"));
    const auto before = snapshot("killed");
    QVERIFY_EXIT(beta.deploy(QStringLiteral("2")), 2);
    const auto young = beta.deploy(QStringLiteral("2"), {QStringLiteral("--take-over")});
    QVERIFY2(young.exitCode == 2 && young.err.contains(QStringLiteral("60 s old")), toText(young).c_str());
    QCOMPARE(snapshot("killed"), before);
    const auto resumed = alpha.resume();
    QVERIFY2(resumed.exitCode == 0, toText(resumed).c_str());
    QVERIFY2(resumed.out.contains(QStringLiteral("the stack's lock was taken over from uid 0 (root) on ")),
             qPrintable(resumed.out));
    QVERIFY(!isLocked("killed"));
  }

  void aLockThatIsRemovedByHandStopsTheRolloutWithinTwoSecondsAndAResumeGoesOn() {
    Console alpha(*m_rig, QStringLiteral("removed"));
    QVERIFY_EXIT(alpha.deploy(QStringLiteral("1")), 0);
    alpha.forgetEvents();
    alpha.beginDeploy(QStringLiteral("2"));
    QVERIFY(QTest::qWaitFor([&] { return alpha.hasEvent("StopRequested"); }, 20000));
    removeLock("removed");
    QElapsedTimer since;
    since.start();
    const auto stopped = alpha.end();
    QVERIFY2(since.elapsed() < 2000, qPrintable(QString::number(since.elapsed())));
    const auto after = snapshot("removed");
    QVERIFY2(stopped.exitCode == 130, toText(stopped).c_str());
    QVERIFY2(stopped.err.contains(QStringLiteral(
                 "the lock of this stack was lost: its container ratdeck-lock-removed was removed")),
             qPrintable(stopped.err));
    QVERIFY(!QTest::qWaitFor([&] { return snapshot("removed") != after; }, 3000));
    QVERIFY_EXIT(alpha.resume(), 0);
    QVERIFY(!isLocked("removed"));
    QCOMPARE(imagesOf("removed"), QStringLiteral("lock-test:2 lock-test:2 lock-test:2"));
  }

  void withoutTheFenceItGoesOnChangingThings_data() {
    QTest::addColumn<bool>("isFenced");
    QTest::newRow("fenced") << true;
    QTest::newRow("the control, without a fence") << false;
  }
  void withoutTheFenceItGoesOnChangingThings() {
    QFETCH(bool, isFenced);
    const std::string project = isFenced ? "fenced" : "unfenced";
    Console folders(*m_rig, QString::fromStdString(project));
    QVERIFY_EXIT(folders.deploy(QStringLiteral("1")), 0);
    auto place = openPlace(folders, project);
    auto held = await<StackHold>([&](Callback<StackHold> done) {
      holdStack({RolloutId("20260701-120000-ab12"), folders.path("lock"), "the test", false},
                place->target().lock, std::move(done));
    });
    QVERIFY_VALUE(held);
    auto deployment = prepare(*place, folders, project);
    QVERIFY_VALUE(deployment);
    EngineHandle engine(
        configOf(folders, project, isFenced ? std::optional(handedOver(*held, *place)) : std::nullopt));
    bool hasStopped = false, hasEnded = false;
    QString fault;
    QObject::connect(&engine, &EngineHandle::published, &engine, [&](const EventBatch& batch) {
      for (const auto& event : *batch)
        hasStopped = hasStopped || event.type == EventType::StopRequested;
    });
    QObject::connect(&engine, &EngineHandle::faulted, &engine, [&](const QString& what) { fault = what; });
    QObject::connect(&engine, &EngineHandle::ended, &engine, [&] { hasEnded = true; });
    StartRollout request;
    request.plan = deployment->plan;
    engine.startRollout(request, deployment->revision);
    QVERIFY(QTest::qWaitFor([&] { return hasStopped; }, 20000));
    removeLock(project);
    QVERIFY(QTest::qWaitFor([&] { return !fault.isEmpty(); }, 2000) == isFenced);
    const auto after = snapshot(project);
    QCOMPARE(QTest::qWaitFor([&] { return snapshot(project) != after; }, 4000), !isFenced);
    if (isFenced)
      return;
    QVERIFY(QTest::qWaitFor([&] { return hasEnded; }, 40000));
    QCOMPARE(imagesOf(project), QStringLiteral("lock-test:2 lock-test:2 lock-test:2"));
  }

  void composeNeitherShowsTheLockNorTripsOverIt() {
    const auto compose = QStandardPaths::findExecutable(QStringLiteral("docker-compose"));
    if (compose.isEmpty())
      QSKIP("docker-compose is not installed");
    Console alpha(*m_rig, QStringLiteral("composed"));
    QVERIFY_EXIT(alpha.deploy(QStringLiteral("1")), 0);
    DockerClient client(m_rig->endpoint());
    DockerLock lock(client, "composed", anImage);
    QVERIFY_VALUE(await<std::string>([&](auto done) { lock.acquire(someHolder(), false, done); }));
    const auto run = [&](const QStringList& words) {
      const auto socket = QStringLiteral("unix://") + QString::fromStdString(m_rig->endpoint().socket);
      return runTool(compose, QStringList{QStringLiteral("-H"), socket, QStringLiteral("-p"),
                                          QStringLiteral("composed"), QStringLiteral("-f"),
                                          QString::fromStdString(alpha.path("compose.yml"))} +
                                  words);
    };
    const auto shown = run({QStringLiteral("ps")});
    QVERIFY(shown && shown->contains("composed-first-1") && !shown->contains("lock-composed"));
    QVERIFY(run({QStringLiteral("down"), QStringLiteral("--remove-orphans")}).has_value());
    QCOMPARE(snapshot("composed"), QString());
    QVERIFY(isLocked("composed"));
    QVERIFY_VALUE(await<Done>([&](auto done) { lock.check(std::move(done)); }));
    QVERIFY_VALUE(await<Done>([&](auto done) { lock.release(std::move(done)); }));
  }

  void aLockAndItsHeartbeatOutliveARestartOfTheEngine() {
    DockerClient client(m_rig->endpoint());
    DockerLock lock(client, "restart", anImage, {100ms, 300ms});
    QVERIFY_VALUE(await<std::string>([&](auto done) { lock.acquire(someHolder(), false, done); }));
    int losses = 0;
    lock.adopt(lock.handOver(), [&](const Error&) { ++losses; });
    const auto heartbeat = [&] {
      const auto file = await<DockerFile>(
          [&](auto done) { client.files.read(lock.name(), lockHeartbeatPath, std::move(done)); });
      return file ? heartbeatIn(*file) : std::nullopt;
    };
    QVERIFY(QTest::qWaitFor([&] { return heartbeat().has_value(); }, 5000));
    const auto first = heartbeat();
    QVERIFY(QTest::qWaitFor([&] { return heartbeat() > first; }, 5000));
    m_rig->stop();
    const auto trouble = m_rig->start();
    QVERIFY2(trouble.isEmpty(), qPrintable(trouble));
    const auto restarted = heartbeat();
    QVERIFY(restarted.has_value());
    QVERIFY(QTest::qWaitFor([&] { return heartbeat() > restarted; }, 10000));
    QCOMPARE(losses, 0);
    QVERIFY_VALUE(await<Done>([&](auto done) { lock.check(std::move(done)); }));
    QVERIFY_VALUE(await<Done>([&](auto done) { lock.release(std::move(done)); }));
    QVERIFY(!isLocked("restart"));
  }

private:
  static void anImage(Callback<std::string> done) {
    QTimer::singleShot(0, [done] { done(std::string("lock-test:1")); });
  }
  static LockHolder someHolder() { return {"uid 0 (root)", "alpha", "boot", "/run/lock:1:1", 7, "r-1"}; }

  bool isLocked(const std::string& project) {
    const auto there = m_rig->raw("GET", "/containers/ratdeck-lock-" + project + "/json");
    return there && there->status == 200;
  }
  void removeLock(const std::string& project) {
    const auto removed = m_rig->raw("DELETE", "/containers/ratdeck-lock-" + project);
    QVERIFY(removed && removed->status == 204);
  }

  Json containersOf(const std::string& project) {
    const auto list = m_rig->raw("GET", "/containers/json?all=true&filters=%7B%22label%22:[%22com.docker."
                                        "compose.project=" +
                                            project + "%22]%7D");
    return list ? parseJson(list->body).value_or(Json()) : Json();
  }
  // Which containers of the project there are, and in which state.
  QString snapshot(const std::string& project) {
    QStringList lines;
    for (const Json& container : containersOf(project))
      lines += QString::fromStdString(textAt(container, "Id") + " " + textAt(container, "State"));
    lines.sort();
    return lines.join(QLatin1Char('\n'));
  }
  QString imagesOf(const std::string& project) {
    QStringList images;
    for (const Json& container : containersOf(project))
      images += QString::fromStdString(textAt(container, "Image"));
    images.sort();
    return images.join(QLatin1Char(' '));
  }

  StackSpec stackOf(const Console& folders, const std::string& project) {
    compose::LoadRequest request;
    request.files = {folders.path("compose.yml")};
    request.projectName = project;
    for (const char* service : {"first", "second", "third"})
      request.setImages[service] = ":2";
    auto loaded = compose::load(request);
    return loaded ? loaded->stack : StackSpec();
  }
  std::unique_ptr<StackTarget> openPlace(const Console& folders, const std::string& project) {
    DockerPlace place;
    place.endpoint = m_rig->endpoint();
    place.folder = folders.path("router");
    place.store = RevisionStore(folders.path("revisions")).id().value_or("");
    auto target = openDocker(place, stackOf(folders, project));
    return target ? std::move(*target) : nullptr;
  }
  Result<Deployment> prepare(StackTarget& place, const Console& folders, const std::string& project) {
    auto world = await<World>([&](Callback<World> done) { place.observe(std::move(done)); });
    if (!world)
      return failure(world.error());
    RevisionStore revisions(folders.path("revisions"));
    return prepareDeployment({stackOf(folders, project), *world, {}, false}, revisions,
                             systemClock.now().wall);
  }
  static StackHold handedOver(StackHold held, StackTarget& place) {
    held.token = place.target().lock->handOver();
    return held;
  }
  EngineConfig configOf(const Console& folders, const std::string& project,
                        const std::optional<StackHold>& hold) {
    EngineConfig config;
    config.stack = "stack";
    config.journalRoot = folders.path("journals");
    config.keysFolder = folders.path("keys");
    config.lockPath = folders.path("engine.lock");
    config.hold = hold;
    config.clock = &systemClock;
    config.revisions = std::make_shared<RevisionStore>(folders.path("revisions"));
    config.makeTarget = [this, &folders, project,
                         isFenced = hold.has_value()]() -> Result<std::unique_ptr<StackTarget>> {
      auto target = openPlace(folders, project);
      if (isFenced)
        return target;
      return std::make_unique<Unfenced>(std::move(target));
    };
    return config;
  }

  std::unique_ptr<DockerRig> m_rig;
};

QTEST_GUILESS_MAIN(TestDockerLock)
#include "tst_docker_lock.moc"
