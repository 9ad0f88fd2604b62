// What the engine does of a drain: the hook and what takes it back, gRPC health of the old copy, a count of
// the service's own; and that no command or output of it is told to anybody.
#include "core/engine/drain_calls.h"
#include "core/engine/drain_health_watcher.h"
#include "core/engine/effect_runner.h"
#include "core/engine/runs_watcher.h"
#include "tests/support/manual_clock.h"
#include "tests/support/rollout_plans.h"
#include "tests/support/text.h"
#include "tests/unit/engine/fake_target.h"

#include <QtTest>

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

const InstanceId oldCopy("rat-a-1"), newCopy("rat-a-2");

// Revision 2 has what the plan must not have.
class Specs final : public SpecSource {
public:
  Result<ServiceSpec> serviceAt(int revision, const std::string& service) const override {
    if (revision != 2 || isGone)
      return failure(ErrorKind::NotFound, "no revision " + std::to_string(revision));
    ServiceSpec spec;
    spec.name = service;
    spec.policy.drain = DrainPolicy();
    spec.policy.drain->hook = DrainCall{{"/drain", "--token=s3cret"}};
    spec.policy.drain->back = DrainCall{{"/undrain"}};
    spec.policy.drain->count = WorkCount{CountKind::Command, {"/count"}};
    return spec;
  }
  Result<StackSpec> stackAt(int) const override { return failure(ErrorKind::NotFound, "no stack"); }
  bool isGone = false;
};

DrainPolicy planned() {
  DrainPolicy drain;
  drain.waitForRuns = true;
  drain.hook = DrainCall{{}, "", "hash"};
  drain.back = DrainCall{{}, "", "hash"};
  drain.grpc = DrainHealth{50052};
  drain.count = WorkCount{};
  return drain;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines)
    text += (text.empty() ? "" : ", ") + line;
  return text;
}

} // namespace

class EngineDrainTest : public QObject {
  Q_OBJECT

  std::shared_ptr<FakeWorld> m_world;
  std::unique_ptr<FakeTarget> m_target;
  std::shared_ptr<Specs> m_specs;
  std::vector<Observation> m_seen;
  ManualClock m_clock;

  std::function<void(Observation)> post() {
    return [this](Observation seen) {
      m_seen.push_back(std::move(seen));
    };
  }
  // A rollout whose old copy has this in hand.
  RolloutState begun(const DrainPolicy& drain, NewWork newWork) {
    auto service = servicePlan("a", 1);
    service.drain = drain;
    StartRollout start;
    start.plan = planOf({service});
    RolloutState state;
    for (const auto& event : decide(state, start, m_clock.now()).events)
      apply(state, event);
    state.instances.at(newCopy).phase = InstancePhase::Ready;
    state.instances.at(oldCopy).newWork = newWork;
    state.services.at("a").isDrainingRuns = true;
    return state;
  }
  std::string answerTo(const RolloutState& state) {
    m_seen.clear();
    EffectRunner runner(m_target->target(), m_specs, RolloutId("r"), post());
    runner.begin(state, m_clock.now());
    if (!QTest::qWaitFor([&] { return !m_seen.empty(); }))
      return "no answer";
    return std::string(toString(m_seen.front().kind)) + " " + m_seen.front().effect + " " +
           textAt(m_seen.front().detail, "message");
  }

private Q_SLOTS:
  void init() {
    m_seen.clear();
    m_world = std::make_shared<FakeWorld>();
    m_target = std::make_unique<FakeTarget>(m_world);
    m_specs = std::make_shared<Specs>();
  }

  void aHookIsTheCommandOfTheRevisionThatIsRolledOut() {
    QCOMPARE(answerTo(begun(planned(), NewWork::Closing)), std::string("effect-done drain-hook rat-a-1 #1 "));
    QCOMPARE(joined(m_world->log), std::string("exec rat-a-1 /drain --token=s3cret"));
    QCOMPARE(answerTo(begun(planned(), NewWork::Opening)), std::string("effect-done back-hook rat-a-1 #1 "));
    QCOMPARE(m_world->log.back(), std::string("exec rat-a-1 /undrain"));
  }

  void aSignalIsSentAsItStandsInThePlan() {
    auto drain = planned();
    drain.hook = DrainCall{{}, "SIGUSR1"};
    drain.back = DrainCall{{}, "SIGUSR2"};
    drain.count.reset();
    m_specs->isGone = true; // nothing is looked up
    QCOMPARE(answerTo(begun(drain, NewWork::Closing)), std::string("effect-done drain-hook rat-a-1 #1 "));
    QCOMPARE(joined(m_world->log), std::string("signal rat-a-1 SIGUSR1"));
  }

  void aCommandThatFailsTellsItsCodeAndNothingElse() {
    m_world->execCode = 3;
    QCOMPARE(answerTo(begun(planned(), NewWork::Closing)),
             std::string("effect-failed drain-hook rat-a-1 #1 the command ended with 3"));
    QVERIFY(dumpJson(m_seen.front().detail).find("secret") == std::string::npos);
  }

  void aCommandThatIsGoneWithItsRevisionIsAFailure() {
    m_specs->isGone = true;
    QCOMPARE(answerTo(begun(planned(), NewWork::Closing)),
             std::string("effect-failed drain-hook rat-a-1 #1 no revision 2"));
    QVERIFY(m_world->log.empty());
  }

  void whatAnOldCopySaysOfItselfIsReportedWhenItChanges() {
    m_world->words[oldCopy] = "serving";
    const auto state = begun(planned(), NewWork::Closed);
    DrainHealthWatcher watcher(*m_target, *planned().grpc, state.instances.at(oldCopy), post());
    QTRY_COMPARE(m_seen.size(), 1u);
    QCOMPARE(textAt(m_seen[0].detail, "health"), std::string("serving"));
    m_world->words[oldCopy] = "not serving";
    QTRY_COMPARE(m_seen.size(), 2u);
    QCOMPARE(textAt(m_seen[1].detail, "health"), std::string("not serving"));
    const auto probes = m_world->probes;
    QTRY_VERIFY(m_world->probes >= probes + 2); // the control: it goes on reading, and says nothing new
    QCOMPARE(m_seen.size(), 2u);
  }

  void theWatchesOfADrainAreTheHealthOfItsOldCopiesAndTheirWork() {
    const auto state = begun(planned(), NewWork::Closed);
    std::string text;
    for (const auto& watch : watchesOf(state))
      if (watch.kind == WatchKind::Runs || watch.kind == WatchKind::DrainHealth)
        text += std::string(toString(watch.kind)) + " " + watch.instance.value + "; ";
    QCOMPARE(text, std::string("runs ; drain-health rat-a-1; "));
    WatchSet watches(m_target->target(), m_specs, m_clock, post());
    watches.sync(state);
    QTRY_VERIFY(!m_world->counted.empty());
    QCOMPARE(m_world->counted.front(), std::string("rat-a-1 /count"));
  }

  void theWorkOfSeveralCopiesIsAddedUpAndOneThatCannotBeReadLeavesItUnknown() {
    CountFeed feed(m_target.get(), WorkCount{});
    feed.setCopies({{oldCopy, "127.0.0.1"}, {newCopy, "127.0.0.1"}});
    m_world->work = {{oldCopy, 2}, {newCopy, 3}};
    std::vector<Result<ActiveWork>> answers;
    const auto ask = [&] {
      feed.activeRuns([&](Result<ActiveWork> work) { answers.push_back(std::move(work)); });
    };
    ask();
    QTRY_COMPARE(answers.size(), 1u);
    QCOMPARE(answers[0]->count, 5LL);
    m_world->refusals["count"] = 1;
    ask();
    QTRY_COMPARE(answers.size(), 2u);
    QCOMPARE(answers[1].error().message, std::string("rat-a-1: count is refused"));
    feed.setCopies({});
    ask(); // nobody is left who could have any
    QTRY_COMPARE(answers.size(), 3u);
    QCOMPARE(answers.at(2)->count, 0LL);
  }

  void agesAreToldWithAReadingButAreNoNewsByThemselves() {
    class Feed final : public RunsFeed {
    public:
      void activeRuns(Callback<ActiveWork> done) override {
        ++asked;
        done(ActiveWork{1, {{"run-1", "running", 10.0 + asked}}, Duration(90min)});
      }
      int asked = 0;
    } feed;
    RunsWatcher watcher(&feed, m_clock, "a", post());
    QTRY_VERIFY(feed.asked >= 3);
    QCOMPARE(m_seen.size(), 1u);
    QCOMPARE(dumpJson(m_seen[0].detail),
             std::string(
                 R"({"count":1,"reaper_s":5400.0,"runs":[{"age_s":11.0,"id":"run-1","status":"running"}]})"));
  }

  void aNumberThatCannotBeReadIsNeverQuiet() {
    m_world->refusals["count"] = 1000000;
    auto own = std::make_unique<CountFeed>(m_target.get(), WorkCount{});
    own->setCopies({{oldCopy, "127.0.0.1"}});
    RunsWatcher watcher(std::move(own), m_clock, "a", post());
    QTRY_COMPARE(m_seen.size(), 1u);
    m_clock.advance(10s);
    const auto left = m_world->refusals["count"];
    QTRY_VERIFY(m_world->refusals["count"] <= left - 4);
    QCOMPARE(m_seen.size(), 1u);
    QCOMPARE(integerAt(m_seen[0].detail, "count"), -1LL);
    m_world->refusals["count"] = 0; // the control: zeros that are read are
    QTRY_COMPARE(integerAt(m_seen.back().detail, "count", -1), 0LL);
    QTRY_VERIFY([&] {
      m_clock.advance(1s);
      return m_seen.back().kind == ObservationKind::RunsQuiet;
    }());
  }
};

QTEST_GUILESS_MAIN(EngineDrainTest)
#include "tst_drain.moc"
