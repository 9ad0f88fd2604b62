// What the client says and does when the engine goes away in the midst of things, and when it comes back.
#include "core/remote/docker/docker_containers.h"
#include "core/remote/docker/docker_event_watch.h"
#include "core/remote/docker/docker_execs.h"
#include "core/remote/docker/docker_logs.h"
#include "core/remote/docker/docker_system.h"
#include "tests/e2e/docker/docker_rig.h"

#include <curl/curl.h>

using namespace ratdeck;

namespace {

// Everything that is long on its way when the engine goes: streams, a wait, a command.
struct UnderWay {
  explicit UnderWay(DockerConnection& connection)
      : containers(connection), logs(connection), execs(connection),
        watch(connection, quickly(), [this](DockerLook look) {
          static const char* words[] = {"connected", "event", "lost", "periodic"};
          if (look == DockerLook::Connected || look == DockerLook::Lost)
            looks += QString::fromLatin1(words[int(look)]);
        }) {
    logs.follow(
        "long", 10, [this](const DockerLogLine&) { ++lines; },
        [this](const Result<Done>& result) { ends["logs"] = problemOf(result); });
    containers.wait("long", 1min,
                    [this](const Result<DockerExit>& result) { ends["wait"] = problemOf(result); });
    execs.run("long", {{"/program", "wait"}, "", 1min, 100},
              [this](const Result<DockerExecResult>& result) { ends["exec"] = problemOf(result); });
  }

  static DockerEventWatch::Options quickly() {
    DockerEventWatch::Options options;
    options.filters = {{"type", {"container"}}};
    return options;
  }
  bool isUnderWay() const { return lines > 0 && watch.isConnected(); }

  DockerContainers containers;
  DockerLogs logs;
  DockerExecs execs;
  int lines = 0;
  QStringList looks;
  std::map<std::string, QString> ends;
  DockerEventWatch watch;
};

} // namespace

class TestEngineOutages : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void initTestCase() {
    if (const auto why = DockerRig::whyNot(); !why.isEmpty())
      QSKIP(qPrintable(why));
    curl_global_init(CURL_GLOBAL_DEFAULT);
  }

  void anEngineThatRestartsTakesItsContainersDown() { outage(false, &DockerRig::stop, false); }
  void withLiveRestoreTheContainersRunOn() { outage(true, &DockerRig::stop, true); }
  void anEngineThatWasKilledFindsItsContainersAgain() { outage(true, &DockerRig::crash, true); }

private:
  void outage(bool liveRestore, void (DockerRig::*end)(), bool runsOn) {
    DockerRig rig(DockerRig::Options{.liveRestore = liveRestore});
    const auto trouble = rig.start();
    QVERIFY2(trouble.isEmpty(), qPrintable(trouble));
    QCOMPARE(rig.makeImage("program:1"), QString());
    DockerConnection connection(rig.endpoint());
    DockerContainers containers(connection);
    DockerSystem system(connection);
    const auto info = await<DockerInfo>([&](auto done) { system.info(done); });
    QVERIFY_VALUE(info);
    QCOMPARE(info->liveRestore, liveRestore);
    const auto body = DockerRig::containerOf("program:1", {"out", "up", "wait"});
    QVERIFY_VALUE(await<DockerCreated>([&](auto done) { containers.create("long", body, done); }));
    QVERIFY_VALUE(await<Done>([&](auto done) { containers.start("long", done); }));
    const auto before = await<DockerContainer>([&](auto done) { containers.inspect("long", done); });
    UnderWay underWay(connection);
    QVERIFY(QTest::qWaitFor([&] { return underWay.isUnderWay(); }, 5000));

    (rig.*end)();
    QVERIFY(QTest::qWaitFor(
        [&] { return underWay.ends.size() == 3 && underWay.looks.contains(QStringLiteral("lost")); }, 10000));
    // Either the container's end was still told, or that nobody answers: never that something makes no sense.
    for (const auto& [what, problem] : underWay.ends)
      QVERIFY2(problem == QLatin1String("a value") ||
                   problem.contains(QLatin1String("no Docker Engine answers")),
               qPrintable(QString::fromStdString(what) + QStringLiteral(": ") + problem));
    QCOMPARE(underWay.ends["wait"] == QLatin1String("a value"), !runsOn);
    const auto away = await<DockerContainer>([&](auto done) { containers.inspect("long", done); });
    QCOMPARE(away.error().kind, ErrorKind::Unreachable);
    QCOMPARE(away.error().next, std::string("is dockerd running?"));
    QVERIFY(!underWay.watch.isConnected() && underWay.watch.trouble().has_value());

    const auto again = rig.start();
    QVERIFY2(again.isEmpty(), qPrintable(again));
    const auto after = await<DockerContainer>([&](auto done) { containers.inspect("long", done); });
    QVERIFY_VALUE(after);
    QCOMPARE(after->isRunning(), runsOn);
    QCOMPARE(after->startedAt == before->startedAt && after->restarts == 0, true);
    QVERIFY(QTest::qWaitFor([&] { return underWay.looks.size() >= 3; }, 10000));
    QCOMPARE(underWay.looks.mid(0, 3).join(QLatin1Char(' ')), QStringLiteral("connected lost connected"));
  }
};

QTEST_GUILESS_MAIN(TestEngineOutages)
#include "tst_engine_outages.moc"
