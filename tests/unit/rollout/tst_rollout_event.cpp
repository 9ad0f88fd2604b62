// Events in the journal's form: each reads back as it was written, their fold is the live state, and a
// damaged journal breaks nothing.
#include <QtTest>

#include "tests/support/random_rollout.h"
#include "tests/support/seed.h"
#include "tests/unit/rollout/rollout_texts.h"

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

constexpr int eventTypes = static_cast<int>(EventType::Sampled) + 1;

// Written as the record's data and read back.
Event throughJson(const Event& event) {
  auto data = parseJson(dumpJson(dataOf(event)));
  if (!data)
    qFatal("%s", data.error().toString().c_str());
  auto read = eventFrom(toString(event.type), event.at, *data);
  if (!read)
    qFatal("%s", read.error().toString().c_str());
  return *read;
}

Event fullEvent(EventType type) {
  Event event;
  event.type = type;
  event.at = {BootTime(7s), WallTime(9s)};
  event.service = "a";
  event.instance = InstanceId("rat-a-1");
  event.gate = GateId("go");
  event.actor = "ann";
  event.reason = "because \"so\"\n";
  event.detail = {{"count", 3}, {"runs", {{{"id", "r"}}}}, {"for_s", 0.5}, {"nothing", nullptr}};
  return event;
}

// Something of another type, or nothing, under the keys that events use.
Json randomDetail(Dice& dice) {
  static const char* keys[] = {"wave",  "batch",  "role",  "plan",    "result",      "count",
                               "runs",  "action", "for_s", "retry_s", "stops_here",  "decision",
                               "probe", "passed", "kept",  "number",  "forced_kill", "away_s"};
  auto detail = Json::object();
  for (int i = dice.below(4); i > 0; --i)
    detail[keys[dice.below(18)]] =
        dice.oneOf<Json>({nullptr, true, -1, 1000000000, 1e9, "restored", "undo", Json::array({1, "x"})});
  return dice.chance(10) ? Json(dice.below(9)) : detail;
}

Event randomEvent(Dice& dice, const RolloutState& state) {
  auto event = fullEvent(static_cast<EventType>(dice.below(eventTypes)));
  event.at = {BootTime(std::chrono::seconds(dice.below(10000))),
              WallTime(std::chrono::seconds(dice.below(10000)))};
  event.service = dice.oneOf<std::string>({"", "a", "b", "nobody"});
  event.gate = GateId(dice.oneOf<std::string>({"", "go", "stop"}));
  event.instance = InstanceId(dice.oneOf<std::string>({"", "rat-a-1", "rat-a-2", "rat-b-9"}));
  event.detail = randomDetail(dice);
  if (event.type == EventType::RolloutStarted && dice.chance(50))
    event.detail = {{"plan", toJson(state.plan)}};
  return event;
}

} // namespace

class RolloutEventTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void everyTypeReadsBackByItsName() {
    std::set<std::string> names;
    for (int i = 0; i < eventTypes; ++i) {
      auto type = static_cast<EventType>(i);
      QVERIFY2(names.insert(toString(type)).second, toString(type));
      QVERIFY(eventTypeFrom(toString(type)) == type);
    }
    QVERIFY(!names.contains("unknown"));
    QVERIFY(!eventTypeFrom("unknown"));
  }

  void anEventReadsBackAsItWasWritten() {
    for (int i = 0; i < eventTypes; ++i) {
      auto event = fullEvent(static_cast<EventType>(i));
      QVERIFY2(throughJson(event) == event, toString(event.type));
      Event bare;
      bare.type = event.type;
      QVERIFY2(throughJson(bare) == bare, toString(event.type));
    }
  }

  void whatIsNoEventIsAnErrorOfTheInput_data() {
    QTest::addColumn<QString>("type");
    QTest::addColumn<QString>("data");
    QTest::addColumn<QString>("message");
    QTest::newRow("unknown type") << "CopyPainted"
                                  << "{}"
                                  << "unknown event type \"CopyPainted\"";
    QTest::newRow("no object") << "WaveStarted"
                               << "[1]"
                               << "the data of WaveStarted is not an object";
    QTest::newRow("another type") << "WaveStarted"
                                  << R"({"service":1})"
                                  << "the event's \"service\" is not text";
  }

  void whatIsNoEventIsAnErrorOfTheInput() {
    QFETCH(QString, type);
    QFETCH(QString, data);
    QFETCH(QString, message);
    auto read = eventFrom(type.toStdString(), {}, *parseJson(data.toStdString()));
    QVERIFY(!read);
    QVERIFY(read.error().kind == ErrorKind::Input);
    QCOMPARE(read.error().message, message.toStdString());
  }

  void theFoldOfTheWrittenEventsIsTheLiveStateAfterEachOfThem() {
    auto service = servicePlan("a", 1, 2, 2);
    service.drain = DrainPolicy{true, 20s, DeadlineAction::End, 60s};
    service.monitor = 3s;
    auto plan = planOf({service, servicePlan("b", 2)});
    plan.approvals = {{"go", ApprovalSpec::When::Before, "b", 0, 30min}};
    RolloutWorld world(plan);
    world.start.approve = "auto";
    world.runs["a"] = {{0s, 2}};
    world.fateOf = [](const InstanceId& id) {
      CopyFate fate;
      if (id.value == "rat-b-2")
        fate.badAfter = 500ms;
      return fate;
    };
    RolloutState folded;
    size_t read = 0;
    bool isSame = true;
    world.afterEach = [&](const Stimulus&, const Decision&) {
      for (; read < world.events().size(); ++read)
        apply(folded, throughJson(world.events()[read]));
      isSame = isSame && folded == world.state();
    };
    world.begin();
    QVERIFY(world.run());
    QVERIFY(isSame);
    QCOMPARE(resultOf(world), "rolled_back");
    QCOMPARE(folded.events, static_cast<long long>(world.events().size()));
  }

  void anotherEngineAsksForExactlyWhatTheKilledOneHadInHand() {
    RolloutWorld world(planOf({servicePlan("a", 1, 2, 2), servicePlan("b", 1)}));
    world.begin();
    QVERIFY(world.runUntil("GatePassed a-3"));
    auto effects = effectsOf(world.state());
    auto watches = watchesOf(world.state());
    QVERIFY(!effects.empty());
    world.crash(world.events().size(), [] { return false; });
    QVERIFY(effectsOf(world.state()) == effects);
    QVERIFY(watchesOf(world.state()) == watches);
    world.resume(false);
    QVERIFY(world.run());
    QCOMPARE(resultOf(world), "succeeded");
  }

  void afterAnotherBootTheDeadlinesKeepTheirDistance() {
    RolloutWorld world(planOf({servicePlan("a", 1)}));
    world.fateOf = [](const InstanceId&) {
      CopyFate fate;
      fate.healthyAfter.reset();
      return fate;
    };
    world.begin();
    QVERIFY(world.runUntil("InstanceStarted a-2"));
    world.crash(world.events().size(), [] { return false; });
    world.pass(5s);
    world.resume(false, 5, "boot-2");
    QCOMPARE(deadlinesText(world), "\n31.0 gate a destructive\n");
  }

  void aBatchThatThePlanDoesNotHaveIsTakenForTheNearest() {
    RolloutWorld world(planOf({servicePlan("a", 1, 2, 2)}));
    world.begin();
    auto state = world.state();
    for (auto [batch, nearest] : {std::pair(1000000000, 2), std::pair(-7, 1)}) {
      Event event;
      event.type = EventType::BatchStarted;
      event.service = "a";
      event.detail = {{"batch", batch}};
      apply(state, event);
      QCOMPARE(state.services.at("a").batch, nearest);
    }
  }

  void aDamagedJournalBreaksNothing() {
    auto seed = testSeed();
    for (std::uint64_t n = 0; n < 300; ++n) {
      Dice dice(seed + n);
      RolloutWorld world(planOf({servicePlan("a", 1), servicePlan("b", 2)}));
      world.begin();
      for (auto steps = dice.below(60); steps > 0 && world.step(); --steps)
        ;
      auto state = world.state();
      for (int i = 0; i < 30; ++i) {
        apply(state, randomEvent(dice, world.state()));
        (void)effectsOf(state);
        (void)watchesOf(state);
        (void)deadlinesOf(state);
        (void)reasonsOf(state);
        (void)decide(state, Tick(), world.now());
        (void)decide(state, randomCommand(dice, state), world.now());
      }
    }
  }
};

QTEST_GUILESS_MAIN(RolloutEventTest)
#include "tst_rollout_event.moc"
