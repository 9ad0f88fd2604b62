// The window's model: facts come in, one view comes out.
#include "core/rollout/rollout.h"
#include "tests/support/cpu_time.h"
#include "tests/support/rollout_plans.h"
#include "tests/support/watched_rollout.h"
#include "tests/unit/rollout/rollout_texts.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

// Goes on by a millisecond whenever it is looked at, so that a slice is as many looks as it may last.
class TickingClock final : public Clock {
public:
  Instant now() const override {
    m_clock.advance(1ms);
    return m_clock.now();
  }

private:
  mutable ManualClock m_clock;
};

// Turns of the event loop in which something else than the model has its chance, and what the longest gap
// between two of them cost this thread.
class Turns : public QObject {
public:
  Turns() {
    connect(&m_timer, &QTimer::timeout, this, [this] {
      ++count;
      const auto now = cpuTime();
      const auto took = now - std::exchange(m_last, now);
      longest = std::max(longest, took);
    });
    m_timer.start(0);
  }
  int count = 0;
  Duration longest{};

private:
  QTimer m_timer;
  Duration m_last = cpuTime();
};

using Batches = std::vector<std::shared_ptr<const std::vector<Event>>>;

// A rollout up to its question, and seconds of its router up to `count` events, as an engine that takes it
// over publishes them.
Batches longJournal(size_t count) {
  WatchedRollout watched(planWithWaveGate("go"));
  watched.begin();
  watched.runUntil("ApprovalRequested go");
  const Event second = sampledAt(watched.world.now(), {{"a", {300, 0, 0, 0, 1}}, {"b", {100, 0, 0, 0, 1}}});
  Batches batches;
  for (std::vector<Event> events = watched.world.events(); count > 0; events.clear()) {
    events.resize(std::min(count, size_t(1000)), second);
    count -= events.size();
    batches.push_back(std::make_shared<const std::vector<Event>>(events));
  }
  return batches;
}

void begin(ConsoleModel& model, const Batches& journal) {
  model.showTarget(targetOf(planWithWaveGate("go")));
  model.beginRollout("r-1");
  for (const auto& batch : journal)
    model.addEvents(batch);
}

} // namespace

class ConsoleModelTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void withoutATargetNothingIsClaimed() {
    ManualClock clock;
    ConsoleModel model(clock);
    const auto& view = model.view();
    QCOMPARE(view.mode, ConsoleMode::NoTarget);
    QCOMPARE(view.headline.word, QStringLiteral("NO TARGET"));
    QCOMPARE(view.users.state, UsersState::NotMeasured);
    QVERIFY(!view.canChange && view.rows.empty() && view.band.isEmpty());
  }

  void aTargetIsLookedAtThenShown() {
    ManualClock clock;
    ConsoleModel model(clock);
    model.showTarget(targetOf(planWithWaveGate("go")));
    QCOMPARE(model.view().headline.word, QStringLiteral("LOOKING"));
    QCOMPARE(model.view().band, QStringLiteral("SANDBOX"));
    QCOMPARE(model.view().title, QStringLiteral("rat · the sandbox default"));
    model.showStack(stackOf(planWithWaveGate("go"), clock.now()));
    model.refresh();
    QCOMPARE(model.view().headline.word, QStringLiteral("NOTHING ROLLS"));
    QCOMPARE(model.view().rows.size(), size_t(2));
    model.loseTarget();
    model.refresh();
    QCOMPARE(model.view().headline.word, QStringLiteral("NOT REACHED"));
    QCOMPARE(model.view().users.state, UsersState::NoData);
  }

  void theViewChangesOnlyWhenItDiffers() {
    WatchedRollout watched(planWithWaveGate("go"));
    QSignalSpy changes(&watched.model, &ConsoleModel::viewChanged);
    watched.model.refresh();
    watched.model.refresh();
    QCOMPARE(changes.size(), 0);
    watched.model.prepareRollout();
    QCOMPARE(changes.size(), 1);
  }

  void aRolloutIsFoldedAsTheEngineFoldsIt() {
    WatchedRollout watched(planWithWaveGate("go"));
    QAbstractItemModelTester tester(&watched.model.log());
    watched.begin();
    QVERIFY(watched.runUntil("ApprovalRequested go"));
    QVERIFY(watched.model.state() == watched.world.state());
    QCOMPARE(watched.view().mode, ConsoleMode::Live);
    QCOMPARE(watched.view().decisions.size(), size_t(1));
    QVERIFY(watched.view().hold.isPossible && watched.view().undo.isPossible);
    watched.send(answerTo(watched.world, "go"));
    QVERIFY(watched.runUntil("RolloutEnded succeeded"));
    QVERIFY(watched.model.state() == watched.world.state());
    QCOMPARE(watched.view().mode, ConsoleMode::Ended);
    QCOMPARE(watched.view().headline.word, QStringLiteral("ON 2"));
    QVERIFY(watched.view().decisions.empty() && watched.view().waits.empty());
    QVERIFY(!watched.view().undo.isPossible);
    QVERIFY(watched.model.log().rowCount() > 10);
    watched.model.leaveRollout();
    QCOMPARE(watched.view().mode, ConsoleMode::Idle);
    QCOMPARE(watched.model.log().rowCount(), 0);
    QVERIFY(watched.view().rollout.isEmpty());
  }

  // Whatever happens afterwards.
  void whatIsSaidOfAnEndedRolloutIsOfItsEndAndStaysSo() {
    WatchedRollout watched(planOf({servicePlan("a", 1)}));
    watched.begin();
    QVERIFY(watched.runUntil("StopRequested a-1"));
    watched.sample({{"a", {0, 300, 0, 0, 7}}});
    QVERIFY(watched.view().rows.front().inFlight);
    QVERIFY(watched.runUntil("RolloutEnded succeeded"));
    QVERIFY(!watched.view().rows.front().inFlight && !watched.view().rows.front().requestRate);
    QCOMPARE(watched.view().users.line.word, QStringLiteral("USERS WERE OK"));
    const auto view = watched.view();
    const auto detail = watched.model.detailOf(QStringLiteral("a"));
    watched.clock.advance(1h);
    watched.model.refresh();
    QVERIFY(watched.view() == view);
    QVERIFY(watched.model.detailOf(QStringLiteral("a")) == detail);
  }

  void usersAreCountedFromTheBeginningOfTheRollout() {
    WatchedRollout watched(planWithWaveGate("go"));
    watched.sample({{"a", {300, 0, 5, 0, 1}}});
    QCOMPARE(watched.view().users.state, UsersState::Hurt);
    watched.begin();
    QVERIFY(watched.view().users.state != UsersState::Hurt);
    watched.pass(1s);
    watched.sample({{"a", {300, 0, 0, 0, 1}}});
    QCOMPARE(watched.view().users.state, UsersState::Ok);
    QVERIFY(watched.view().users.line.detail.startsWith(QStringLiteral("0 of 300 failed")));
  }

  void whileUsersAreHurtTheStateSaysFirstWhyTheRolloutGoesOn() {
    WatchedRollout watched(planWithWaveGate("go"));
    watched.begin();
    watched.pass(1s);
    watched.sample({{"a", {0, 1000, 0, 0, 1}}});
    QVERIFY(!watched.view().headline.detail.contains(QStringLiteral("rolls on")));
    watched.pass(1s);
    watched.sample({{"a", {0, 1000, 0, 16, 1}}});
    QCOMPARE(watched.view().users.state, UsersState::Hurt);
    QVERIFY2(watched.view().headline.detail.startsWith(QStringLiteral(
                 "rolls on: 0.8 % of all requests to a 2 failed, no gate watches its errors · wave 1")),
             qPrintable(watched.view().headline.detail));
  }

  void silenceIsNoDataWithinTwoSeconds() {
    WatchedRollout watched(planWithWaveGate("go"));
    watched.begin();
    watched.pass(1s);
    watched.sample({{"a", {300, 0, 0, 0, 1}}});
    watched.pass(1900ms);
    QCOMPARE(watched.view().users.state, UsersState::Ok);
    watched.pass(100ms);
    QCOMPARE(watched.view().users.state, UsersState::NoData);
  }

  void withoutARouterUsersAreNotMeasured() {
    WatchedRollout watched(planWithWaveGate("go"), false);
    watched.begin();
    watched.pass(1min);
    QCOMPARE(watched.view().users.state, UsersState::NotMeasured);
  }

  void aRefusalIsToldWithItsReason() {
    WatchedRollout watched(planWithWaveGate("go"));
    watched.begin();
    QSignalSpy refused(&watched.model, &ConsoleModel::refused);
    watched.send(commandOf(CommandKind::Continue));
    QCOMPARE(refused.size(), 1);
    QCOMPARE(refused[0][0].toString(), QStringLiteral("it is not held"));
  }

  void aLongJournalIsFoldedInSlicesAndTheLoopTurnsInBetween() {
    const auto journal = longJournal(2000);
    TickingClock clock;
    ConsoleModel model(clock);
    begin(model, journal);
    QVERIFY(model.isBehind());
    QCOMPARE(model.state().events, 56LL); // seven looks at the clock before it is over, eight events each
    model.refresh();
    QCOMPARE(model.view().headline.word, QStringLiteral("CATCHING UP"));
    Turns turns;
    QTRY_VERIFY(!model.isBehind());
    QVERIFY2(turns.count >= 2000 / 56 - 1, std::to_string(turns.count).c_str());
    RolloutState whole;
    for (const auto& batch : journal)
      for (const auto& event : *batch)
        apply(whole, event);
    QVERIFY(model.state() == whole);
    model.refresh();
    QCOMPARE(model.view().decisions.size(), size_t(1));

    ManualClock still; // the control: a slice without an end leaves the loop no turn
    ConsoleModel atOnce(still);
    begin(atOnce, journal);
    QVERIFY(!atOnce.isBehind());
    QVERIFY(atOnce.state() == whole);
  }

  void aJournalOfAHundredThousandEventsStallsNothing() {
    const auto journal = longJournal(100'000);
    const SystemClock clock;
    ConsoleModel model(clock);
    Turns turns;
    QCoreApplication::processEvents();
    const auto before = cpuTime();
    begin(model, journal);
    QVERIFY(model.isBehind());
    QVERIFY(QTest::qWaitFor([&] { return !model.isBehind(); }, 120000));
    const auto all = cpuTime() - before;
    qInfo("%.0f ms in all, the longest turn %.1f ms", seconds(all) * 1000, seconds(turns.longest) * 1000);
    QCOMPARE(model.state().events, 100'000LL);
    QVERIFY(turns.longest < 50ms);    // of the processor: a slice, and what the log adds to its rows
    QVERIFY(all > 4 * turns.longest); // and the control: in one turn it would have been all of it
  }

  void whileItIsBehindNothingIsOfferedToDecide() {
    TickingClock clock;
    ConsoleModel model(clock);
    begin(model, longJournal(2000));
    bool wasAsked = false, wasOffered = false;
    QTRY_VERIFY_WITH_TIMEOUT(
        [&] {
          model.refresh();
          const bool isAsked = model.isBehind() && !model.state().approvals.empty();
          wasAsked = wasAsked || isAsked;
          wasOffered =
              wasOffered || (isAsked && (!model.view().decisions.empty() || model.view().undo.isPossible));
          return !model.isBehind();
        }(),
        20000);
    QVERIFY(wasAsked && !wasOffered);
    model.refresh();
    QVERIFY(!model.view().decisions.empty() && model.view().undo.isPossible); // the control
  }

  void whatComesAfterTheEventsWaitsForThem() {
    TickingClock clock;
    ConsoleModel model(clock);
    const auto journal = longJournal(1000);
    begin(model, journal);
    long long seen = -1;
    model.whenFolded([&] { seen = model.state().events; });
    QCOMPARE(seen, -1LL);
    model.addEvents(journal.back()); // that came later: it is waited for as well
    QTRY_VERIFY(!model.isBehind());
    QCOMPARE(seen, 2000LL);
    model.whenFolded([&] { seen = 0; });
    QCOMPARE(seen, 0LL); // nothing waits: at once
  }

  void anotherRolloutHearsNothingOfTheOneBefore() {
    TickingClock clock;
    ConsoleModel model(clock);
    begin(model, longJournal(1000));
    bool wasCalled = false;
    model.whenFolded([&] { wasCalled = true; });
    model.beginRollout("r-2");
    QVERIFY(!model.isBehind());
    for (int turn = 0; turn < 5; ++turn)
      QCoreApplication::processEvents();
    QCOMPARE(model.state().events, 0LL);
    QVERIFY(!wasCalled);
  }

  // What comes first of a rollout that is taken over is everything from the beginning.
  void refusalsOfAnEarlierEngineAreNotToldAgain() {
    WatchedRollout watched(planWithWaveGate("go"));
    watched.begin();
    watched.send(commandOf(CommandKind::Continue));
    watched.world.crash(watched.world.events().size(), [] { return true; });
    watched.world.resume(false);
    ManualClock clock;
    clock.advance(1min);
    ConsoleModel later(clock);
    later.showTarget(targetOf(planWithWaveGate("go")));
    later.beginRollout("r-1");
    QSignalSpy refused(&later, &ConsoleModel::refused);
    later.addEvents(watched.world.events());
    QCOMPARE(refused.size(), 0);
    QVERIFY(later.state() == watched.world.state());
  }

  void anUnfinishedRolloutIsInspectedAsItsJournalLeavesIt() {
    WatchedRollout watched(planWithWaveGate("go"));
    watched.world.begin();
    QVERIFY(watched.world.runUntil("ApprovalRequested go"));
    watched.clock.advance(1h);
    watched.model.inspectRollout("20261126-110000-beef", watched.world.events());
    QVERIFY(watched.model.state() == watched.world.state());
    const auto view = watched.view();
    QCOMPARE(view.mode, ConsoleMode::Ended);
    QVERIFY(!view.isOver && view.decisions.empty() && !view.undo.isPossible);
    QCOMPARE(view.headline.word, QStringLiteral("UNFINISHED"));
    QVERIFY2(view.headline.detail.contains(QStringLiteral("when it was WAITING FOR APPROVAL · wave 2 of 2")),
             qPrintable(view.headline.detail));
    QCOMPARE(view.rows.front().mood, Mood::Unknown); // how it is by now is not known
    QVERIFY(!watched.model.unknownSince());
    QVERIFY(watched.model.shownAt() == watched.world.state().lastEventAt);
    watched.clock.advance(1h);
    watched.model.refresh();
    QVERIFY(watched.view() == view);
    watched.model.leaveRollout();
    QCOMPARE(watched.view().mode, ConsoleMode::Idle);
    QVERIFY(watched.model.shownAt() == watched.clock.now());
  }

  void anEngineThatStopsLeavesNothingThatLooksWell() {
    WatchedRollout watched(planWithWaveGate("go"));
    watched.begin();
    watched.pass(1s);
    watched.sample({{"a", {300, 0, 0, 0, 1}}});
    watched.model.markFault(QStringLiteral("no space left on the journal's disk"));
    watched.model.refresh();
    QCOMPARE(watched.view().headline.word, QStringLiteral("THE ENGINE STOPPED"));
    QCOMPARE(watched.view().users.state, UsersState::NoData);
    QVERIFY(watched.view().decisions.empty());
    watched.model.endRollout();
    QCOMPARE(watched.view().headline.word, QStringLiteral("THE ENGINE STOPPED"));
    QCOMPARE(watched.view().users.state, UsersState::NoData);
  }

  // As when it goes on without the window.
  void aRolloutThatIsNotSeenToItsEndIsNotCalledOver() {
    WatchedRollout watched(planWithWaveGate("go"));
    watched.begin();
    watched.pass(1s);
    watched.sample({{"a", {300, 0, 0, 0, 1}}});
    watched.model.endRollout();
    QCOMPARE(watched.view().users.state, UsersState::NoData);
    QVERIFY(watched.view().headline.word != QStringLiteral("ROLLING"));
  }

  void aTargetThatWasLostBeforeIsHeardInTheRollout() {
    WatchedRollout watched(planWithWaveGate("go"));
    watched.model.loseTarget();
    watched.begin();
    watched.pass(1s);
    watched.sample({{"a", {300, 0, 0, 0, 1}}});
    QCOMPARE(watched.view().users.state, UsersState::Ok);
    watched.send(Observation{ObservationKind::Away, "", "", {}, {{"seconds", 600}}});
    QCOMPARE(watched.view().users.state, UsersState::NoData);
  }

  void inReadOnlyNothingCanBeChanged() {
    WatchedRollout watched(planWithWaveGate("go"));
    watched.model.setReadOnly(true);
    watched.model.refresh();
    QVERIFY(!watched.view().canChange);
    watched.begin();
    QVERIFY(!watched.view().canChange);
  }

  void preparingCanBeCalledOff() {
    WatchedRollout watched(planWithWaveGate("go"));
    watched.model.prepareRollout();
    QCOMPARE(watched.view().headline.word, QStringLiteral("PREPARING"));
    watched.model.cancelPreparing();
    QCOMPARE(watched.view().mode, ConsoleMode::Idle);
    watched.model.leaveRollout(); // nothing is left
    QCOMPARE(watched.view().mode, ConsoleMode::Idle);
  }

  // A resume that was refused leaves what is shown as it was, and the way back from it.
  void aResumeThatIsRefusedShowsTheUnfinishedRolloutAgain() {
    WatchedRollout watched(planWithWaveGate("go"));
    watched.begin();
    watched.model.markFault(QStringLiteral("disk full"));
    watched.model.endRollout();
    watched.model.prepareRollout();
    watched.model.cancelPreparing();
    QCOMPARE(watched.view().mode, ConsoleMode::Ended);
    QVERIFY(!watched.view().isOver);
    watched.model.leaveRollout();
    QCOMPARE(watched.view().mode, ConsoleMode::Idle);
    QVERIFY(watched.view().headline.word != QStringLiteral("THE ENGINE STOPPED"));
  }

  // What a rollout deploys may publish services that the stack which was opened has not.
  void aRolloutIsWatchedWithItsOwnStack() {
    WatchedRollout watched(planWithWaveGate("go"));
    auto target = *watched.model.target();
    target.userFacing = {"b"};
    watched.model.beginRollout("r-2", target);
    QCOMPARE(watched.model.target()->userFacing, std::set<std::string>{"b"});
  }

  void aServiceIsDetailedFromWhatIsKnown() {
    WatchedRollout watched(planWithWaveGate("go"));
    QCOMPARE(watched.model.detailOf(QStringLiteral("a")).copies.size(), size_t(1));
    watched.begin();
    QCOMPARE(watched.model.detailOf(QStringLiteral("a")).copies.size(), size_t(2));
    QVERIFY(watched.model.detailOf(QStringLiteral("nobody")).copies.empty());
  }
};

QTEST_GUILESS_MAIN(ConsoleModelTest)
#include "tst_console_model.moc"
