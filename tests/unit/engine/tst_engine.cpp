// The engine's loop on a target of the test's own: what it does, in which order, and what the journal says
// after.
#include <QTemporaryDir>
#include <QtTest>

#include "core/engine/engine_handle.h"
#include "core/journal/event_record.h"
#include "core/journal/reader.h"
#include "core/journal/recovery.h"
#include "core/journal/store.h"
#include "core/journal/writer.h"
#include "core/plan/planner.h"
#include "core/plan/try_plan.h"
#include "tests/unit/engine/fake_target.h"

#include <QDeadlineTimer>

#include <algorithm>
#include <atomic>
#include <numeric>

using namespace ratdeck;

namespace {

const SystemClock systemClock;

// The machine's clock, and ahead of it by as much as the test says: time that passes, or that was slept
// through.
class ShiftedClock final : public Clock {
public:
  Instant now() const override {
    auto now = systemClock.now();
    return {now.boot + m_shift.load(), now.wall + m_shift.load()};
  }
  void advance(Duration by) { m_shift = m_shift.load() + by; }
  Duration shift() const { return m_shift; }

private:
  std::atomic<Duration> m_shift{Duration::zero()};
};

StackSpec stackOf(const std::string& image) {
  ServiceSpec service;
  service.name = "web";
  service.image = image;
  service.normalised = {{"image", image}};
  StackSpec stack;
  stack.project = "shop";
  stack.services["web"] = service;
  stack.normalised = {{"name", "shop"}, {"services", {{"web", {{"image", image}}}}}};
  return stack;
}

Plan planOf(int revision, Duration keepWarm) {
  ServicePlan service;
  service.service = "web";
  service.wave = 1;
  service.fromVersion = "1";
  service.toVersion = "2";
  service.fromRevision = 1;
  service.oldCopies = {{InstanceId("shop-web-1"), 1, "127.0.0.1"}};
  service.newCopies = {{InstanceId("shop-web-2"), 2}};
  service.isRouted = true;
  service.monitor = service.keepWarm = keepWarm;
  service.gate.probes = {{ProbeKind::Tcp, "tcp", {}, 80, "/", 0, "", 1s}};
  service.gate.interval = 20ms;
  service.gate.worstCase = 1s;
  Plan plan;
  plan.project = "shop";
  plan.runtime = "fake";
  plan.revision = revision;
  plan.waves = {{1, "wave 1", {"web"}}};
  plan.services["web"] = service;
  plan.hash = planHash(plan);
  return plan;
}

struct Rig {
  QTemporaryDir folder;
  std::string stack = "teststack";
  bool isTargetNew = false;
  bool hasTargetLock = false;
  std::optional<StackHold> held;
  std::shared_ptr<FakeWorld> world = std::make_shared<FakeWorld>();
  std::shared_ptr<RevisionStore> revisions;
  RolloutState state;
  std::string journal;
  std::vector<std::string> events, warnings;
  ShiftedClock clock;
  std::unique_ptr<EngineHandle> engine;
  std::optional<Error> rejected;
  std::string fault;
  bool hasEnded = false;

  Rig() : revisions(std::make_shared<RevisionStore>(path("revisions"))) {
    if (!revisions->save({1, {}, {}, stackOf("web:1")}))
      qFatal("no revision");
    auto& old = world->instances[InstanceId("shop-web-1")];
    old.id = InstanceId("shop-web-1");
    old.service = "web";
    old.number = 1;
    old.address = "127.0.0.1";
    world->routed.insert(old.id);
    makeEngine();
  }

  std::string path(const char* name) const { return folder.path().toStdString() + "/" + name; }

  void makeEngine() {
    EngineConfig config;
    config.stack = stack;
    config.isTargetNew = isTargetNew;
    config.hold = std::exchange(held, {});
    config.journalRoot = path("journals");
    config.keysFolder = path("keys");
    config.lockPath = path("lock");
    config.clock = &clock;
    config.revisions = revisions;
    config.makeTarget = [world = world, locks = hasTargetLock]() -> Result<std::unique_ptr<StackTarget>> {
      return std::make_unique<FakeTarget>(world, locks);
    };
    state = RolloutState();
    events.clear();
    hasEnded = false;
    rejected.reset();
    fault.clear();
    engine = std::make_unique<EngineHandle>(config);
    QObject::connect(engine.get(), &EngineHandle::opened, engine.get(),
                     [this](const QString&, const QString& path) { journal = path.toStdString(); });
    QObject::connect(engine.get(), &EngineHandle::published, engine.get(), [this](const EventBatch& batch) {
      for (const auto& event : *batch) {
        apply(state, event);
        events.push_back(toString(event.type));
      }
    });
    QObject::connect(engine.get(), &EngineHandle::rejected, engine.get(),
                     [this](const Error& error) { rejected = error; });
    QObject::connect(engine.get(), &EngineHandle::faulted, engine.get(),
                     [this](const QString& what) { fault = what.toStdString(); });
    QObject::connect(engine.get(), &EngineHandle::ended, engine.get(), [this] { hasEnded = true; });
    QObject::connect(engine.get(), &EngineHandle::warned, engine.get(),
                     [this](const QString& what) { warnings.push_back(what.toStdString()); });
  }

  // Holds the stack as a command does before it makes an engine; that one is made then.
  void holdAndMakeEngine(const std::string& rollout, const std::string& tookOver = {}) {
    hasTargetLock = true;
    world->lockedBy = rollout;
    auto here = StackLock::acquire(path("lock"), "the test");
    if (!here)
      qFatal("no lock");
    held = StackHold{RolloutId(rollout), std::move(*here), rollout, tookOver};
    makeEngine();
  }

  void start(Duration keepWarm = 0s) {
    StartRollout request;
    request.plan = planOf(2, keepWarm);
    request.actor = "tester";
    request.hasPerson = false;
    engine->startRollout(request, {2, {}, {}, stackOf("web:2")});
  }
  void startTry() {
    StartRollout request;
    request.plan = tryPlan(planOf(2, 0s));
    request.actor = "tester";
    request.hasPerson = false;
    engine->startRollout(request, {2, {}, {}, stackOf("web:2")});
  }
  bool ends() {
    return QTest::qWaitFor([this] { return hasEnded; }, 20000);
  }
  bool isRejected() {
    return QTest::qWaitFor([this] { return rejected.has_value(); }, 5000);
  }
  long long count(const char* type) const { return std::count(events.begin(), events.end(), type); }
  void hold() {
    Command command;
    command.kind = CommandKind::Hold;
    engine->submit(command);
  }
  // Begins a rollout and lets the engine go while it drains; its journal's path.
  std::string leaveUnfinished() {
    world->inFlight[InstanceId("shop-web-1")] = 1;
    start();
    if (!sees("InFlightObserved"))
      qFatal("it did not get as far as its drain");
    engine.reset();
    return journal;
  }
  bool sees(const char* type) {
    return QTest::qWaitFor([&] { return std::find(events.begin(), events.end(), type) != events.end(); },
                           20000);
  }
};

} // namespace

class TestEngine : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void startsJoinsDrainsLeavesAndStopsInThatOrder() {
    Rig rig;
    rig.start();
    QVERIFY(rig.ends());
    QCOMPARE(rig.state.result, RolloutResult::Succeeded);
    const std::vector<std::string> expected = {"start shop-web-2 web:2",  "join shop-web-2",
                                               "drain shop-web-1",        "leave shop-web-1",
                                               "stop shop-web-1 SIGTERM", "remove shop-web-1"};
    QVERIFY2(rig.world->log == expected, qPrintable(QString::fromStdString([&] {
               std::string text;
               for (const auto& line : rig.world->log)
                 text += line + "\n";
               return text;
             }())));
    auto report = verifyJournal(rig.journal);
    QVERIFY(report && report->isIntact() && report->isClosed);
    QCOMPARE(report->result, "succeeded");
  }

  void removesOnlyTheNewCopyWhenItsGateFailsAndKeepsTheEvidence() {
    Rig rig;
    rig.world->unwell.insert(InstanceId("shop-web-2"));
    rig.start();
    QVERIFY(rig.ends());
    QCOMPARE(exitCodeOf(rig.state), 3);
    const std::vector<std::string> expected = {"start shop-web-2 web:2", "evidence shop-web-2",
                                               "stop shop-web-2 SIGTERM", "remove shop-web-2"};
    QVERIFY(rig.world->log == expected);
    QVERIFY(rig.world->routed == std::set<InstanceId>{InstanceId("shop-web-1")});
  }

  void aTryStartsFromItsOwnSpecRoutesNothingAndLeavesNoRevision() {
    Rig rig;
    auto routed = rig.world->routed;
    rig.startTry();
    QVERIFY(rig.ends());
    QCOMPARE(rig.state.result, RolloutResult::Succeeded);
    const std::vector<std::string> expected = {"start shop-web-2 web:2", "stop shop-web-2 SIGTERM",
                                               "remove shop-web-2"};
    QVERIFY(rig.world->log == expected);
    QVERIFY(rig.world->routed == routed);
    QVERIFY(rig.revisions->numbers() == std::vector<int>{1});
    QVERIFY(!rig.revisions->serviceAt(2, "web"));
    rig.makeEngine();
    rig.start(); // the deploy has the number and the names that the try had
    QVERIFY(rig.ends());
    QCOMPARE(rig.state.result, RolloutResult::Succeeded);
    QVERIFY(rig.revisions->numbers() == (std::vector<int>{1, 2}));
  }

  void aTryThatWasLeftBehindStandsInTheWayUntilItIsUndone() {
    Rig rig;
    rig.world->unwell.insert(InstanceId("shop-web-2"));
    rig.startTry();
    QVERIFY(rig.sees("InstanceStarted"));
    auto path = rig.journal;
    rig.engine.reset();
    rig.makeEngine();
    rig.start();
    QVERIFY(rig.isRejected());
    QVERIFY2(rig.rejected->message.find("the try") == 0, rig.rejected->message.c_str());
    rig.makeEngine();
    rig.engine->resumeRollout(path, {"tester", {}, 0, true});
    QVERIFY(rig.ends());
    QCOMPARE(rig.state.result, RolloutResult::Aborted);
    QCOMPARE(rig.world->log.back(), "remove shop-web-2");
    QCOMPARE(rig.revisions->nextNumber(), 2);
    QVERIFY(!rig.revisions->serviceAt(2, "web"));
  }

  void waitsUntilNothingIsInFlightOnTheOldCopy() {
    Rig rig;
    rig.world->inFlight[InstanceId("shop-web-1")] = 2;
    rig.start();
    QVERIFY(rig.sees("InFlightObserved"));
    QVERIFY(std::find(rig.world->log.begin(), rig.world->log.end(), "leave shop-web-1") ==
            rig.world->log.end());
    rig.world->inFlight[InstanceId("shop-web-1")] = 0;
    QVERIFY(rig.ends());
    QCOMPARE(rig.state.result, RolloutResult::Succeeded);
  }

  void givesTheOldCopyItsTrafficBackAtItsAddressWhenTheNewOneGoesBad() {
    Rig rig;
    rig.world->inFlight[InstanceId("shop-web-1")] = 1;
    rig.start(5s);
    QVERIFY(rig.sees("InFlightObserved"));
    rig.world->inFlight[InstanceId("shop-web-1")] = 0;
    rig.world->unwell.insert(InstanceId("shop-web-2"));
    QVERIFY(rig.ends());
    QCOMPARE(exitCodeOf(rig.state), 3);
    const auto& log = rig.world->log;
    QCOMPARE(std::count(log.begin(), log.end(), "give back shop-web-1 at 127.0.0.1"), 1);
    QVERIFY(rig.world->routed == std::set<InstanceId>{InstanceId("shop-web-1")});
  }

  void triesAgainInTimeThoughNothingElseHappens() {
    Rig rig;
    rig.world->refusals = {{"start", 1}, {"sample", 1000000}};
    rig.start();
    QVERIFY(rig.sees("InstanceStarted"));
    rig.world->refusals.clear();
    QVERIFY(rig.ends());
    QCOMPARE(rig.state.result, RolloutResult::Succeeded);
    QCOMPARE(std::count(rig.events.begin(), rig.events.end(), "EffectFailed"), 1);
  }

  void asksOnceMoreForWhatItLetGoBefore() {
    Rig rig;
    rig.world->refusals = {{"leave", 1}, {"give back", 3}};
    rig.start();
    QVERIFY(rig.sees("EffectFailed")); // the old copy does not leave yet
    rig.world->unwell.insert(InstanceId("shop-web-2"));
    QVERIFY(rig.ends()); // nor does it take its traffic back: it leaves, and another one takes its place
    QCOMPARE(exitCodeOf(rig.state), 3);
    const auto& log = rig.world->log;
    QCOMPARE(std::count(log.begin(), log.end(), "leave shop-web-1"), 1);
    QVERIFY(rig.world->routed == std::set<InstanceId>{InstanceId("shop-web-3")});
  }

  void anotherEngineGoesOnFromTheJournalWhereOneWasStopped() {
    Rig rig;
    rig.world->inFlight[InstanceId("shop-web-1")] = 1;
    rig.start();
    QVERIFY(rig.sees("InFlightObserved"));
    rig.engine.reset(); // stops at once; the rollout is unfinished
    JournalStore store(rig.path("journals"), systemClock);
    auto unfinished = store.unfinished("teststack");
    QVERIFY(unfinished && unfinished->size() == 1);
    rig.world->inFlight[InstanceId("shop-web-1")] = 0;
    rig.makeEngine();
    rig.engine->resumeRollout(unfinished->front().path, {"tester", {}, 0, false});
    QVERIFY(rig.ends());
    QCOMPARE(rig.state.result, RolloutResult::Succeeded);
    QCOMPARE(std::count(rig.world->log.begin(), rig.world->log.end(), "start shop-web-2 web:2"), 1);
    QCOMPARE(std::count(rig.world->log.begin(), rig.world->log.end(), "stop shop-web-1 SIGTERM"), 1);
  }

  void refusesToStartWhileAnEarlierRolloutIsUnfinishedAndNamesIt() {
    Rig rig;
    auto unfinished = summaryOf(rig.leaveUnfinished()).header.rollout;
    auto before = rig.world->log;
    rig.makeEngine();
    StartRollout request;
    request.plan = planOf(3, 0s);
    rig.engine->startRollout(request, {3, {}, {}, stackOf("web:3")});
    QVERIFY(rig.isRejected());
    QVERIFY(rig.rejected->kind == ErrorKind::Refused);
    auto text = rig.rejected->toString();
    QVERIFY2(text.find("resume-unfinished --rollout " + unfinished.value) != std::string::npos, text.c_str());
    QVERIFY(rig.world->log == before);
    QCOMPARE(rig.revisions->nextNumber(), 3);
  }

  void aTargetThatIsNewHasNothingOfAnUnfinishedRollout() {
    Rig rig;
    rig.leaveUnfinished();
    rig.world->inFlight.clear();
    rig.isTargetNew = true;
    rig.makeEngine();
    StartRollout request;
    request.plan = planOf(3, 0s);
    rig.engine->startRollout(request, {3, {}, {}, stackOf("web:3")});
    QVERIFY(rig.ends());
    QCOMPARE(rig.state.result, RolloutResult::Succeeded);
  }

  void refusesToResumeARolloutThatALaterOneHasOvertaken() {
    Rig rig;
    auto path = rig.leaveUnfinished();
    auto before = rig.world->log;
    QVERIFY(rig.revisions->save({3, {}, {}, stackOf("web:3")}));
    rig.makeEngine();
    rig.engine->resumeRollout(path, {"tester", {}, 0, true});
    QVERIFY(rig.isRejected());
    QVERIFY(rig.rejected->kind == ErrorKind::Refused);
    QVERIFY(rig.world->log == before);
  }

  void refusesToResumeARolloutOfAnotherStack() {
    Rig rig;
    auto path = rig.leaveUnfinished();
    auto before = rig.world->log;
    auto size = QFileInfo(QString::fromStdString(path)).size();
    rig.stack = "otherstack";
    rig.makeEngine();
    rig.engine->resumeRollout(path, {"tester", {}, 0, false});
    QVERIFY(rig.isRejected());
    QVERIFY(rig.rejected->kind == ErrorKind::Refused);
    QVERIFY2(rig.rejected->message.find("another stack") != std::string::npos, rig.rejected->message.c_str());
    QVERIFY(rig.world->log == before);
    QCOMPARE(QFileInfo(QString::fromStdString(path)).size(), size);
  }

  void aRolloutThatWasNeverBegunEndsAtOnceAsFailed_data() {
    QTest::addColumn<bool>("undo");
    QTest::newRow("resumed") << false;
    QTest::newRow("undone") << true;
  }
  void aRolloutThatWasNeverBegunEndsAtOnceAsFailed() {
    QFETCH(bool, undo);
    Rig rig;
    QVERIFY(rig.revisions->save({2, {}, {}, stackOf("web:2")}));
    JournalStore store(rig.path("journals"), systemClock);
    auto rollout = store.nextRolloutId();
    auto path = store.pathOf("teststack", rollout);
    QVERIFY(path && QDir().mkpath(QFileInfo(QString::fromStdString(*path)).path()));
    auto key = SigningKey::openOrMake(rig.path("keys"));
    QVERIFY(key);
    QVERIFY(JournalWriter::create(*path, headerOf(planOf(2, 0s), rollout, "teststack", "tester", bootId()),
                                  *key, systemClock)); // and the engine is killed here
    rig.engine->resumeRollout(*path, {"tester", {}, 0, undo});
    QVERIFY(rig.ends());
    QCOMPARE(exitCodeOf(rig.state), 1);
    QVERIFY2(rig.state.endReason.find("nothing was begun") != std::string::npos, rig.state.endReason.c_str());
    QVERIFY(rig.world->log.empty());
    auto report = verifyJournal(*path);
    QVERIFY(report && report->isIntact() && report->isClosed);
    QCOMPARE(report->result, "failed");
  }

  void oneEngineAStackTheSecondIsRefused() {
    Rig rig;
    rig.world->inFlight[InstanceId("shop-web-1")] = 1;
    rig.start();
    QVERIFY(rig.sees("InFlightObserved"));
    auto first = std::move(rig.engine);
    rig.makeEngine();
    rig.start();
    QVERIFY(QTest::qWaitFor([&] { return rig.rejected.has_value(); }, 5000));
    QVERIFY(rig.rejected->kind == ErrorKind::Refused);
  }

  void aTargetWithALockIsChangedByNobodyWhoDoesNotHoldIt() {
    Rig rig;
    rig.hasTargetLock = true;
    rig.makeEngine();
    rig.start();
    QVERIFY(rig.isRejected());
    QVERIFY(rig.world->log.empty());
  }

  void theLockIsLetGoAtTheEndAndNotBefore() {
    Rig rig;
    rig.holdAndMakeEngine("r-1", "uid 7 on beta");
    rig.start();
    QVERIFY(rig.ends());
    QCOMPARE(rig.state.result, RolloutResult::Succeeded);
    QCOMPARE(rig.world->log.back(), std::string("release r-1"));
    QCOMPARE(std::count(rig.world->log.begin(), rig.world->log.end(), "release r-1"), 1);
    QVERIFY(rig.world->lockedBy.empty());
    QVERIFY(QString::fromStdString(rig.journal).contains(QStringLiteral("r-1")));
    QFile journal(QString::fromStdString(rig.journal));
    QVERIFY(journal.open(QIODevice::ReadOnly));
    QVERIFY(journal.readAll().contains(R"("took_over":"uid 7 on beta")"));
    QVERIFY(StackLock::acquire(rig.path("lock"), "the next"));
  }

  void aLostLockStopsItBeforeTheNextChangeAndAResumeGoesOn_data() {
    QTest::addColumn<bool>("isFenced");
    QTest::newRow("fenced") << true;
    QTest::newRow("the control: without a fence it goes on changing things") << false;
  }
  void aLostLockStopsItBeforeTheNextChangeAndAResumeGoesOn() {
    QFETCH(bool, isFenced);
    Rig rig;
    rig.world->inFlight[InstanceId("shop-web-1")] = 1;
    if (isFenced)
      rig.holdAndMakeEngine("r-1");
    rig.start();
    QVERIFY(rig.sees("InFlightObserved"));
    const auto before = rig.world->log;
    rig.world->lockedBy = "r-2";
    rig.world->inFlight[InstanceId("shop-web-1")] = 0;
    QVERIFY(QTest::qWaitFor([&] { return !rig.fault.empty() || rig.hasEnded; }, 20000));
    QCOMPARE(rig.hasEnded, !isFenced);
    QCOMPARE(rig.world->log == before, isFenced);
    if (!isFenced)
      return;
    QVERIFY2(rig.fault.find("r-2 has it now") != std::string::npos, rig.fault.c_str());
    QCOMPARE(rig.world->lockedBy, std::string("r-2")); // the other's is left alone
    rig.engine.reset();
    const auto path = rig.journal;
    rig.holdAndMakeEngine("r-1");
    rig.engine->resumeRollout(path, {});
    QVERIFY(rig.ends());
    QCOMPARE(rig.state.result, RolloutResult::Succeeded);
  }

  void anEngineThatIsStoppedInTheMidstLeavesTheLock() {
    Rig rig;
    rig.holdAndMakeEngine("r-1");
    rig.leaveUnfinished();
    QCOMPARE(rig.world->lockedBy, std::string("r-1"));
  }

  void refusesARevisionThatSomebodyElseHasTaken() {
    Rig rig;
    QVERIFY(rig.revisions->save({2, {}, {}, stackOf("web:9")}));
    rig.start();
    QVERIFY(QTest::qWaitFor([&] { return rig.rejected.has_value(); }, 5000));
    QVERIFY(rig.world->log.empty());
  }

  void aQuietWaitIsNotAwayAndAGapIs() {
    Rig rig;
    rig.world->refusals["sample"] = 1000000; // nothing else comes to the engine either
    rig.start(1h);
    QVERIFY(rig.sees("TrafficSwitched"));
    QVERIFY(QTest::qWaitFor(
        [&] {
          rig.clock.advance(200ms);
          return rig.clock.shift() > 40s;
        },
        60000));
    rig.hold();
    QVERIFY(rig.sees("RolloutHeld"));
    QCOMPARE(rig.count("AwayNoticed"), 0);
    rig.clock.advance(40s);
    QVERIFY(rig.sees("ReturnNoticed"));
    QCOMPARE(rig.count("AwayNoticed"), 1);
  }

  void aFinishedRolloutIsFinishedThoughItsHeadCannotBeSigned() {
    Rig rig;
    rig.world->inFlight[InstanceId("shop-web-1")] = 1;
    rig.start();
    QVERIFY(rig.sees("InFlightObserved"));
    auto head = QString::fromStdString(rig.journal + ".head");
    QVERIFY(QFile::remove(head) && QDir().mkpath(head + QStringLiteral("/in the way")));
    rig.world->inFlight[InstanceId("shop-web-1")] = 0;
    QVERIFY(rig.ends());
    QCOMPARE(rig.state.phase, RolloutPhase::Ended);
    QCOMPARE(rig.state.result, RolloutResult::Succeeded);
    QVERIFY(summaryOf(rig.journal).isClosed);
    QCOMPARE(rig.warnings.size(), size_t(1));
    QVERIFY2(rig.warnings.front().find("head") != std::string::npos, rig.warnings.front().c_str());
  }

  void shuttingDownDeliversWhatIsOnTheDiskAlready() {
    Rig rig;
    rig.start(1h);
    QVERIFY(rig.sees("TrafficSwitched"));
    rig.hold();
    QDeadlineTimer limit(20000);
    auto isOnDisk = [&] { // read without the event loop: nothing is delivered meanwhile
      QFile file(QString::fromStdString(rig.journal));
      return file.open(QIODevice::ReadOnly) && file.readAll().contains("RolloutHeld");
    };
    while (!isOnDisk() && !limit.hasExpired()) {
    }
    QCOMPARE(rig.count("RolloutHeld"), 0);
    rig.engine->shutDown();
    QCOMPARE(rig.count("RolloutHeld"), 1);
  }

  // Who listens lets go of one batch after the other.
  void publishesALongJournalInBatches() {
    Rig rig;
    const auto path = rig.leaveUnfinished();
    constexpr size_t more = 2500;
    {
      auto recovered = recoverJournal(path, bootId(), *SigningKey::openOrMake(rig.path("keys")), rig.clock);
      QVERIFY(recovered.has_value());
      Event second;
      second.type = EventType::Sampled;
      second.at = rig.clock.now();
      second.detail = {{"services", Json::object()}};
      const std::vector<Event> seconds(more, second);
      QVERIFY(recovered->writer.append(recordsOf(seconds), Durability::Sync).has_value());
    }
    rig.makeEngine();
    std::vector<size_t> sizes;
    QObject::connect(rig.engine.get(), &EngineHandle::published, rig.engine.get(),
                     [&](const EventBatch& batch) { sizes.push_back(batch->size()); });
    rig.world->inFlight.clear();
    rig.engine->resumeRollout(path, {"tester", {}, 0, false});
    QVERIFY(rig.ends());
    QVERIFY(sizes.size() > 3 && sizes[0] == 1000 && sizes[1] == 1000);
    QCOMPARE(*std::max_element(sizes.begin(), sizes.end()), size_t(1000));
    QVERIFY(std::accumulate(sizes.begin(), sizes.end(), size_t(0)) > more);
    QCOMPARE(rig.state.result, RolloutResult::Succeeded); // in order, and whole: it is folded from them
  }

  void publishesOnlyWhatIsOnTheDisk() {
    Rig rig;
    size_t seen = 0;
    bool wasAlwaysThere = true;
    QObject::connect(
        rig.engine.get(), &EngineHandle::published, rig.engine.get(), [&](const EventBatch& batch) {
          seen += batch->size();
          auto report = verifyJournal(rig.journal);
          wasAlwaysThere = wasAlwaysThere && report && report->records >= static_cast<long long>(seen);
        });
    rig.start();
    QVERIFY(rig.ends());
    QVERIFY(seen > 10);
    QVERIFY(wasAlwaysThere);
  }
};

QTEST_GUILESS_MAIN(TestEngine)
#include "tst_engine.moc"
