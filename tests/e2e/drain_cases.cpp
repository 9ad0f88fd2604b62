#include "tests/e2e/drain_cases.h"

#include "tests/support/size.h"
#include "tests/support/text.h"

#include <QFile>
#include <QtTest>

#include <algorithm>

namespace ratdeck {

namespace {

// Of 90 s and 30 s, a tenth where the tests run in passing.
Duration scaled(Duration time) {
  return isFullSize() ? time : time / 10;
}

Duration runLength() {
  return scaled(90s);
}

QByteArray durationText(Duration time) {
  return QByteArray::fromStdString(toGoString(time));
}

const std::string allRunning = "running running running";
const std::string allDone = "success success success";
const std::string allFailed = "failed failed failed";

int longWait() {
  return isFullSize() ? 240000 : 60000; // milliseconds
}

} // namespace

DrainCases::DrainCases(CtlRig& rig, const std::string& ratd, std::function<QString(const QString&)> make)
    : m_rig(rig), m_api(ratd), m_make(std::move(make)) {}

DrainCases::~DrainCases() {
  for (const char* name :
       {"DRAIN_DEADLINE", "DRAIN_ACTION", "DRAIN_EXTENSION", "DRAIN_FIELD", "RUNNER_HEALTH"})
    qunsetenv(name);
}

void DrainCases::set(const QByteArray& deadline, const QByteArray& action, const QByteArray& extension) {
  qputenv("DRAIN_DEADLINE", deadline);
  qputenv("DRAIN_ACTION", action);
  qputenv("DRAIN_EXTENSION", extension);
}

QString DrainCases::nextVersion() {
  const auto version = QStringLiteral("%1.0.0").arg(++m_version);
  const auto problem = m_make(version);
  if (!problem.isEmpty())
    qWarning("%s", qPrintable(problem));
  return version;
}

std::unique_ptr<QProcess> DrainCases::begin(const QString& service, const QString& version) {
  const auto before = m_rig.newestJournal();
  auto engine = m_rig.begin({QStringLiteral("deploy"), QStringLiteral("--service"), service,
                             QStringLiteral("--yes"), QStringLiteral("--output"), QStringLiteral("json")},
                            version);
  m_runs.clear();
  if (m_rig.waitForEvent(before, "StartRequested", service.toStdString()))
    m_runs = m_api.beginRuns(3, runLength());
  return engine;
}

CliResult DrainCases::finish(QProcess& engine) {
  if (!QTest::qWaitFor([&] { return engine.state() == QProcess::NotRunning; }, 2 * longWait())) {
    engine.kill();
    engine.waitForFinished();
  }
  return resultOf(engine);
}

CliResult DrainCases::deploy(const QString& service) {
  auto engine = begin(service, nextVersion());
  return finish(*engine);
}

bool DrainCases::hasEvent(const std::string& type, const std::string& key, const std::string& value) const {
  const auto lines = m_rig.journal(m_rig.newestJournal());
  return std::any_of(lines.begin(), lines.end(), [&](const JournalLine& line) {
    return line.type == type && (key.empty() || textAt(memberAt(line.data, "detail"), key.c_str()) == value);
  });
}

double DrainCases::secondsOf(const std::string& type) const {
  QFile file(QString::fromStdString(m_rig.newestJournal()));
  if (!file.open(QIODevice::ReadOnly))
    return -1;
  for (const auto& line : file.readAll().split('\n'))
    if (const auto record = parseJson(line.toStdString()); record && textAt(*record, "type") == type)
      return numberAt(*record, "mono", -1e9) / 1e9;
  return -1;
}

void DrainCases::atTheDeadlineItIsUndoneAndTheRunsFinish() {
  set(durationText(scaled(30s)), "undo");
  const auto before = m_rig.versionsOf("runner");
  const auto result = deploy(QStringLiteral("runner"));
  QCOMPARE(m_runs.size(), 3u);
  QVERIFY2(result.exitCode == 3, result.toString().c_str());
  QCOMPARE(textAt(result.json, "result"), "rolled_back");
  QVERIFY(memberAt(result.json, "runs_lost").empty());
  QVERIFY(m_rig.versionsOf("runner") == before);
  QVERIFY(hasEvent("DrainHookDone"));
  QVERIFY(hasEvent("DrainHealthObserved", "health", "not serving"));
  QVERIFY(hasEvent("BackHookDone"));
  // The old runner takes new runs again; what it was busy with went on all the time.
  const auto later = m_api.beginRuns(1, 100ms);
  QCOMPARE(m_api.waitForStatus(later, "success"), std::string("success"));
  QCOMPARE(m_api.waitForStatus(m_runs, allDone, longWait()), allDone);
}

void DrainCases::atTheDeadlineTheRunsAreEndedAndNamed() {
  QVERIFY(m_api.setReaper(30, 15));
  set(durationText(scaled(30s)), "end");
  const auto result = deploy(QStringLiteral("runner"));
  QCOMPARE(m_runs.size(), 3u);
  QVERIFY2(result.exitCode == 0, result.toString().c_str());
  QVERIFY(hasEvent("DrainDeadlinePassed", "action", "end"));
  auto lost = memberAt(result.json, "runs_lost").get<std::vector<std::string>>();
  auto runs = m_runs;
  std::sort(lost.begin(), lost.end());
  std::sort(runs.begin(), runs.end());
  QVERIFY2(lost == runs, result.toString().c_str());
  QCOMPARE(numberAt(result.json, "runs_reaped_within_s"), 45 * 60.0);
  QVERIFY(!textAt(result.json, "runs_reaped_by").empty());
  QCOMPARE(m_api.waitForStatus(m_runs, allFailed, longWait()),
           allFailed); // the new runner knows none of them
}

void DrainCases::atTheDeadlineItIsExtended() {
  set(durationText(scaled(30s)), "extend", durationText(scaled(300s)));
  const auto result = deploy(QStringLiteral("runner"));
  QCOMPARE(m_runs.size(), 3u);
  QVERIFY2(result.exitCode == 0, result.toString().c_str());
  QVERIFY(hasEvent("DrainDeadlinePassed", "action", "extend"));
  QVERIFY(memberAt(result.json, "runs_lost").empty());
  QCOMPARE(m_api.statusOf(m_runs), allDone);
  QVERIFY(secondsOf("DrainFinished") < secondsOf("TrafficSwitched"));
  // The control: an extension that is too short, with nobody to ask at its end.
  set(durationText(scaled(10s)), "extend", durationText(scaled(10s)));
  const auto tooShort = deploy(QStringLiteral("runner"));
  QVERIFY2(tooShort.exitCode == 3, tooShort.toString().c_str());
  QCOMPARE(m_api.waitForStatus(m_runs, allDone, longWait()), allDone);
}

void DrainCases::atTheDeadlineAPersonIsAskedAndMayExtend() {
  set(durationText(scaled(30s)), "wait");
  const auto before = m_rig.newestJournal();
  auto terminal = m_rig.beginAtTerminal({QStringLiteral("deploy"), QStringLiteral("--service"),
                                         QStringLiteral("runner"), QStringLiteral("--yes")},
                                        nextVersion());
  QVERIFY(m_rig.waitForEvent(before, "StartRequested", "runner"));
  m_runs = m_api.beginRuns(3, runLength());
  QVERIFY2(terminal->shows("type: extend runner 10m", longWait()), terminal->text().c_str());
  QCOMPARE(m_api.statusOf(m_runs), allRunning);
  terminal->type("extend 10m they are nearly done");
  QVERIFY2(terminal->shows("10 min more: they are nearly done"), terminal->text().c_str());
  terminal->type("extend runner 90s once more");
  QVERIFY2(terminal->shows("more: once more"), terminal->text().c_str());
  QVERIFY2(terminal->shows("the oldest"), terminal->text().c_str());
  QCOMPARE(terminal->exitCode(longWait()), 0);
  QCOMPARE(m_api.statusOf(m_runs), allDone);
  QVERIFY(hasEvent("DrainDeadlinePassed", "action", "wait"));
  // The control: nobody can be asked, and it is undone.
  const auto alone = deploy(QStringLiteral("runner"));
  QVERIFY2(alone.exitCode == 3, alone.toString().c_str());
  QVERIFY(hasEvent("DrainDeadlinePassed", "action", "undo"));
  QCOMPARE(m_api.waitForStatus(m_runs, allDone, longWait()), allDone);
}

void DrainCases::aRestartOfTheEngineKeepsTheDeadline() {
  const auto deadline = scaled(50s);
  set(durationText(deadline), "undo");
  const auto before = m_rig.newestJournal();
  const auto version = nextVersion();
  auto engine = begin(QStringLiteral("runner"), version);
  QVERIFY(m_rig.waitForEvent(before, "DrainHookDone", {}));
  // A good part of the time has passed by then, so that one begun anew would be seen.
  const auto isUnderWay = [this] {
    return seconds(SystemClock().now().boot.time_since_epoch()) > secondsOf("DrainStarted") + 1.5;
  };
  QVERIFY(QTest::qWaitFor(isUnderWay, 10000));
  engine->kill(); // SIGKILL
  QVERIFY(engine->waitForFinished());
  const auto resumed = m_rig.run({QStringLiteral("resume-unfinished"), QStringLiteral("--resume"),
                                  QStringLiteral("--output"), QStringLiteral("json")},
                                 version, 2 * longWait());
  QVERIFY2(resumed.exitCode == 3, resumed.toString().c_str());
  const auto waited = secondsOf("DrainDeadlinePassed") - secondsOf("DrainStarted");
  const auto since = secondsOf("DrainDeadlinePassed") - secondsOf("RolloutResumed");
  QVERIFY2(waited >= seconds(deadline) && waited < seconds(deadline) + 2, std::to_string(waited).c_str());
  QVERIFY2(since < waited - 1, std::to_string(since).c_str()); // else it would have begun anew
  QCOMPARE(m_api.waitForStatus(m_runs, allDone, longWait()), allDone);
}

void DrainCases::aNumberOfTheServicesOwnIsWaitedFor() {
  set("60s", "undo");
  if (isFullSize())
    set("600s", "undo");
  const auto result = deploy(QStringLiteral("ratd"));
  QCOMPARE(m_runs.size(), 3u);
  QVERIFY2(result.exitCode == 0, result.toString().c_str());
  QCOMPARE(m_api.statusOf(m_runs), allDone);
  QVERIFY(secondsOf("DrainFinished") < secondsOf("TrafficSwitched"));
  // The control: a field that is not there is no zero.
  set(durationText(scaled(30s)), "undo");
  qputenv("DRAIN_FIELD", "nothing");
  const auto unread = deploy(QStringLiteral("ratd"));
  qunsetenv("DRAIN_FIELD");
  QVERIFY2(unread.exitCode == 3, unread.toString().c_str());
  const auto lines = m_rig.journal(m_rig.newestJournal());
  QVERIFY(std::any_of(lines.begin(), lines.end(), [](const JournalLine& line) {
    const auto& detail = memberAt(line.data, "detail");
    return line.type == "RunsObserved" && integerAt(detail, "count") == -1 &&
           textAt(detail, "why").find("no number at nothing") != std::string::npos;
  }));
}

void DrainCases::aRunnerWithoutAHealthServiceIsDrainedAllTheSame() {
  set("600s", "undo");
  qputenv("RUNNER_HEALTH", "0");
  QCOMPARE(deploy(QStringLiteral("runner")).exitCode, 0); // the one that has none
  QVERIFY(!hasEvent("DrainHealthObserved", "health", "unimplemented"));
  const auto result = deploy(QStringLiteral("runner"));
  qunsetenv("RUNNER_HEALTH");
  QVERIFY2(result.exitCode == 0, result.toString().c_str());
  QVERIFY(hasEvent("DrainHealthObserved", "health", "unimplemented"));
  QCOMPARE(m_api.statusOf(m_runs), allDone);
}

} // namespace ratdeck
