// Broken laws that the random rollouts of tst_rollout_properties must catch, each by the promise it breaks.
#include <QtTest>

#include "tests/support/rollout_simulator.h"
#include "tests/support/seed.h"

#include <algorithm>

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

constexpr std::uint64_t mostSchedules = 40000;

// Events with the effects that follow from them, so that only what they mean is wrong.
Decision decisionOf(const RolloutState& before, std::vector<Event> events) {
  auto after = before;
  for (const auto& event : events)
    apply(after, event);
  auto had = effectsOf(before), effects = effectsOf(after);
  std::erase_if(effects,
                [&](const auto& effect) { return std::find(had.begin(), had.end(), effect) != had.end(); });
  return {std::move(events), std::move(effects)};
}

// Each event passes through `change`, which gives back what is recorded in its place.
template <class Change>
Law changing(Change change) {
  Law law;
  law.decide = [change](const RolloutState& state, const Stimulus& stimulus, Instant now) {
    std::vector<Event> events;
    auto decision = decide(state, stimulus, now);
    for (const auto& event : decision.events)
      for (auto& changed : change(state, event))
        events.push_back(std::move(changed));
    return events == decision.events ? decision : decisionOf(state, std::move(events));
  };
  return law;
}

Law replacing(EventType type, EventType by) {
  return changing([=](const RolloutState&, Event event) {
    if (event.type == type)
      event.type = by;
    return std::vector{event};
  });
}

Law withoutRemark(EventType type) {
  return changing([=](const RolloutState&, const Event& event) {
    return event.type == type ? std::vector<Event>() : std::vector{event};
  });
}

Event another(const Event& like, EventType type) {
  Event event;
  event.type = type;
  event.at = like.at;
  event.service = like.service;
  event.instance = like.instance;
  return event;
}

Law adding(EventType after, EventType type) {
  return changing([=](const RolloutState&, const Event& event) {
    return event.type == after ? std::vector{event, another(event, type)} : std::vector{event};
  });
}

Law drainsAtOnce() {
  return changing([](const RolloutState& state, const Event& event) {
    std::vector events{event};
    if (event.type == EventType::BatchStarted)
      for (const auto& [id, copy] : state.instances)
        if (copy.service == event.service && copy.role == InstanceRole::Old && copy.isInRouter) {
          events.push_back(another(event, EventType::RouterDrainRequested));
          events.back().instance = id;
        }
    return events;
  });
}

Law endingAt(EventType type, const char* result) {
  return changing([=](const RolloutState&, const Event& event) {
    std::vector events{event};
    if (event.type == type) {
      events.push_back(another(event, EventType::RolloutEnded));
      events.back().detail = {{"result", result}};
    }
    return events;
  });
}

Law addingToTries(EventType after, EventType type) {
  return changing([=](const RolloutState& state, const Event& event) {
    std::vector events{event};
    if (event.type == after && state.plan.isTry)
      events.push_back(another(event, type));
    return events;
  });
}

Law restoresOneTooMany() {
  return changing([](const RolloutState&, const Event& event) {
    std::vector events{event};
    if (event.type == EventType::ServiceUndoStarted) {
      events.push_back(another(event, EventType::StartRequested));
      events.back().instance = InstanceId("rat-" + event.service + "-50");
      events.back().detail = {{"role", "restored"}, {"number", 50}, {"batch", 1}};
    }
    return events;
  });
}

// Two batches of a stop-first service at once.
Law releasesTheNextBatchToo() {
  return changing([](const RolloutState& state, const Event& event) {
    std::vector events{event};
    if (event.type != EventType::RouterDrainRequested || state.phase != RolloutPhase::Rolling ||
        state.plan.services.at(event.service).order != UpdateOrder::StopFirst)
      return events;
    for (const auto& [id, copy] : state.instances)
      if (copy.service == event.service && copy.role == InstanceRole::Old &&
          copy.batch == state.instances.at(event.instance).batch + 1 &&
          copy.phase == InstancePhase::Serving) {
        events.push_back(another(event, event.type));
        events.back().instance = id;
      }
    return events;
  });
}

Law undoesTheFirstWaveFirst() {
  return changing([](const RolloutState& state, const Event& event) {
    std::vector events{event};
    if (event.type == EventType::UndoStarted)
      for (const auto& service : state.plan.waves.front().services) {
        events.push_back(another(event, EventType::ServiceUndoStarted));
        events.back().service = service;
      }
    return events;
  });
}

Law startsTheNextWaveToo() {
  return changing([](const RolloutState&, const Event& event) {
    std::vector events{event};
    if (event.type == EventType::WaveStarted) {
      events.push_back(another(event, EventType::WaveStarted));
      events.back().detail = {{"wave", integerAt(event.detail, "wave") + 1}};
    }
    return events;
  });
}

Law takesAnyNameForTheGateThatWaits(bool alsoIfNoneWaits) {
  Law law;
  law.decide = [=](const RolloutState& state, const Stimulus& stimulus, Instant now) {
    auto* command = std::get_if<Command>(&stimulus);
    if (!command || command->kind != CommandKind::Approve || state.phase != RolloutPhase::Rolling)
      return decide(state, stimulus, now);
    for (const auto& [gate, approval] : state.approvals)
      if (approval.state == GateState::Waiting && !alsoIfNoneWaits) {
        auto meant = *command;
        meant.gate = gate;
        meant.planHash = state.plan.hash;
        return decide(state, meant, now);
      }
    if (!alsoIfNoneWaits || state.plan.approvals.empty())
      return decide(state, stimulus, now);
    Event granted;
    granted.type = EventType::ApprovalGranted;
    granted.at = now;
    granted.gate = GateId(state.plan.approvals.front().id);
    return decisionOf(state, {granted});
  };
  return law;
}

Law waitsForNoApproval() {
  Law law;
  law.decide = [](const RolloutState& state, const Stimulus& stimulus, Instant now) {
    auto blind = state;
    blind.plan.approvals.clear();
    return decide(blind, stimulus, now);
  };
  return law;
}

Law asksTwice() {
  Law law;
  law.decide = [](const RolloutState& state, const Stimulus& stimulus, Instant now) {
    auto decision = decide(state, stimulus, now);
    if (!decision.effects.empty())
      decision.effects.push_back(decision.effects.front());
    return decision;
  };
  return law;
}

Law hearsNoTick() {
  Law law;
  law.decide = [](const RolloutState& state, const Stimulus& stimulus, Instant now) {
    return std::holds_alternative<Tick>(stimulus) ? Decision() : decide(state, stimulus, now);
  };
  return law;
}

Law undoesWhatHasEnded() {
  Law law;
  law.decide = [](const RolloutState& state, const Stimulus& stimulus, Instant now) {
    if (state.phase != RolloutPhase::Ended)
      return decide(state, stimulus, now);
    Event event;
    event.type = EventType::UndoStarted;
    return decisionOf(state, {event});
  };
  return law;
}

Law forgetsWhenApplied(EventType type) {
  Law law;
  law.apply = [type](RolloutState& state, const Event& event) {
    if (event.type != type)
      apply(state, event);
  };
  return law;
}

Event ofTask(const Event& like, EventType type, const std::string& task) {
  auto event = another(like, type);
  event.detail = {{"task", task}};
  return event;
}

// As soon as it is done.
Law runsATaskAgain() {
  return changing([](const RolloutState&, const Event& event) {
    std::vector<Event> events{event};
    if (event.type == EventType::TaskPassed && !boolAt(event.detail, "skipped"))
      events.push_back(ofTask(event, EventType::TaskStarted, textAt(event.detail, "task")));
    return events;
  });
}

Law takesTheSchemaBackFirst() {
  return changing([](const RolloutState& state, const Event& event) {
    std::vector<Event> events{event};
    if (event.type == EventType::UndoStarted)
      for (const auto& task : state.plan.tasks)
        if (state.tasks.at(task.spec.id).phase == TaskPhase::Done && task.spec.canGoBack() &&
            !task.spec.goesBackFirst)
          events.push_back(ofTask(event, EventType::TaskUndoStarted, task.spec.id));
    return events;
  });
}

Law changesTheSchemaSideBySide() {
  return changing([](const RolloutState& state, const Event& event) {
    std::vector<Event> events{event};
    const auto* started = taskOf(state.plan, textAt(event.detail, "task"));
    if (event.type != EventType::TaskStarted || !started || !started->spec.isOfSchema())
      return events;
    for (const auto& [id, task] : state.tasks)
      if (const auto* plan = taskOf(state.plan, id); plan->spec.kind == TaskSpec::Kind::Migration &&
                                                     id != started->spec.id &&
                                                     task.phase == TaskPhase::Pending)
        events.push_back(ofTask(event, EventType::TaskStarted, id));
    return events;
  });
}

// A service starts together with what stands before it.
Law startsWithItsMigrations() {
  return changing([](const RolloutState& state, const Event& event) {
    std::vector<Event> events{event};
    const auto* task = taskOf(state.plan, textAt(event.detail, "task"));
    if (event.type == EventType::TaskStarted && task && task->spec.when == TaskSpec::When::Before &&
        !event.service.empty())
      events.push_back(another(event, EventType::ServiceStarted));
    return events;
  });
}

Law leavesTheCopiesOfCommands() {
  Law law;
  law.apply = [](RolloutState& state, const Event& event) {
    apply(state, event);
    if (event.type == EventType::TaskEnded)
      for (auto& [id, task] : state.tasks)
        task.isLeft = task.isDownLeft = false;
  };
  return law;
}

// Decides as if the tasks of the plan were others.
template <class Change>
Law takingTasksFor(Change change) {
  Law law;
  law.decide = [change](const RolloutState& state, const Stimulus& stimulus, Instant now) {
    auto blind = state;
    for (auto& task : blind.plan.tasks)
      change(task.spec);
    return decide(blind, stimulus, now);
  };
  return law;
}

// What was looked at begins, whatever has happened meanwhile.
Law beginsWhatItLookedAt() {
  return changing([](const RolloutState&, Event event) {
    if (event.type == EventType::TaskLooked)
      event.detail.erase("put_back");
    return std::vector{event};
  });
}

Law takesALostAnswerForARefusal() {
  Law law;
  law.apply = [](RolloutState& state, const Event& event) {
    apply(state, event);
    for (auto& [id, task] : state.tasks)
      task.mayHaveRun = false;
  };
  return law;
}

Law acceptsWhatFails() {
  Law law;
  law.apply = [](RolloutState& state, const Event& event) {
    apply(state, event);
    if (event.type == EventType::TaskFailed)
      state.tasks[textAt(event.detail, "task")].isAccepted = true;
  };
  return law;
}

Law endsWellInAnyCase() {
  return changing([](const RolloutState&, Event event) {
    if (event.type == EventType::RolloutEnded && textAt(event.detail, "result") == "rollback_failed")
      event.detail["result"] = "paused_mixed";
    return std::vector{event};
  });
}

// Somebody must decide on the runs, and nothing says so.
Law hidesWhomItWaitsFor() {
  Law law;
  law.apply = [](RolloutState& state, const Event& event) {
    apply(state, event);
    if (event.type == EventType::DrainDeadlinePassed)
      state.services[event.service].isDrainingRuns = false;
  };
  return law;
}

} // namespace

class RolloutControlsTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void aBrokenLawIsCaught_data() {
    QTest::addColumn<Law>("law");
    QTest::addColumn<QString>("promise");
    auto row = [](const char* name, const Law& law, const char* promise) {
      QTest::newRow(name) << law << QString::fromLatin1(promise);
    };
    row("passes every gate at the start", adding(EventType::InstanceStarted, EventType::GatePassed),
        "gets traffic before its gate passed");
    row("passes a try at its start", addingToTries(EventType::InstanceStarted, EventType::ServiceTried),
        "counts as tried before its gate passed");
    row("routes to what is tried", addingToTries(EventType::GatePassed, EventType::JoinRequested),
        "is tried and gets traffic");
    row("leaves what was tried", endingAt(EventType::ServiceTried, "succeeded"), "is left over");
    row("leaves the router without a drain",
        replacing(EventType::RouterDrainRequested, EventType::LeaveRequested),
        "leaves the router while it serves");
    row("counts what is in flight as zero", adding(EventType::RouterDrained, EventType::InFlightDrained),
        "with requests in flight");
    row("stops before it drains", replacing(EventType::RouterDrainRequested, EventType::StopRequested),
        "is stopped while it is routed");
    row("removes before it stops", replacing(EventType::StopRequested, EventType::RemoveRequested),
        "is removed while it runs");
    row("drains the old ones as the new ones start", drainsAtOnce(), "capacity of");
    row("takes any name for the gate that waits", takesAnyNameForTheGateThatWaits(false),
        "is approved by something else");
    row("takes an approval for a gate that does not wait", takesAnyNameForTheGateThatWaits(true),
        "is approved when it does not wait");
    row("waits for no approval", waitsForNoApproval(), "starts without gate");
    row("starts the next wave too", startsTheNextWaveToo(), "starts before");
    row("undoes the first wave first", undoesTheFirstWaveFirst(), "is undone before");
    row("ends an undo at once", endingAt(EventType::UndoStarted, "aborted"),
        "not all old or restored copies");
    row("ends before anything was done", endingAt(EventType::WaveStarted, "succeeded"),
        "does not serve at the end");
    row("ends with the switch", endingAt(EventType::ServiceSwitched, "succeeded"), "is left over");
    row("restores one too many", restoresOneTooMany(), "more copies of");
    row("releases the next batch too", releasesTheNextBatchToo(), "capacity of");
    row("leaves new copies after an undo", withoutRemark(EventType::RemoveRequested),
        "nobody and nothing ends this wait");
    row("starts a copy again", adding(EventType::InstanceRetired, EventType::StartRequested),
        "twice: StartRequested");
    row("asks for an effect twice", asksTwice(), "effects are not what the state gained");
    row("undoes what has ended", undoesWhatHasEnded(), "an undo of an ended rollout does something");
    row("hears no deadline", hearsNoTick(), "it does not end");
    row("never says that it is over", withoutRemark(EventType::RolloutEnded),
        "nobody and nothing ends this wait");
    row("hides whom it waits for", hidesWhomItWaitsFor(), "it waits without a reason");
    row("runs a task again", runsATaskAgain(), "runs twice");
    row("changes the schema side by side", changesTheSchemaSideBySide(), "changes the schema beside");
    row("takes the schema back first", takesTheSchemaBackFirst(), "is taken back before the code");
    row("starts a service with its migrations", startsWithItsMigrations(), "starts before task-");
    row("begins what it looked at", beginsWhatItLookedAt(), "begins in an undo or a hold");
    row("tries again what may not begin", replacing(EventType::TaskPutBack, EventType::TaskTried),
        "begins in an undo or a hold");
    row("takes a lost answer for a refusal", takesALostAnswerForARefusal(), "ran and counts as never begun");
    row("takes every down for one without a loss",
        takingTasksFor([](TaskSpec& spec) { spec.isReversible = true; }), "is taken back unconfirmed");
    row("takes every migration for compatible",
        takingTasksFor([](TaskSpec& spec) { spec.isCompatible = true; }), "unnamed");
    row("takes every down for one that comes last",
        takingTasksFor([](TaskSpec& spec) { spec.goesBackFirst = false; }), "is undone before task-");
    row("accepts what fails", acceptsWhatFails(), "is accepted unseen");
    row("ends well in any case", endsWellInAnyCase(), "nobody decided on a failure, and it ends well");
    row("leaves the copies of commands", leavesTheCopiesOfCommands(), "is left over");
    row("forgets an event that the journal has", forgetsWhenApplied(EventType::ProbeResultChanged),
        "the fold of the journal is another state");
  }

  void aBrokenLawIsCaught() {
    QFETCH(Law, law);
    QFETCH(QString, promise);
    auto seed = testSeed();
    QString other;
    for (std::uint64_t n = 0; n < mostSchedules; ++n) {
      auto report = simulate(seed + n, law);
      auto broken = QString::fromStdString(report.broken);
      if (!broken.isEmpty() && broken.contains(promise)) {
        qInfo("caught by schedule %llu: %s", static_cast<unsigned long long>(n + 1), qPrintable(broken));
        return;
      }
      if (!broken.isEmpty())
        other = broken;
    }
    QFAIL(qPrintable(QStringLiteral("not caught; another promise broke: ") + other));
  }
};

QTEST_GUILESS_MAIN(RolloutControlsTest)
#include "tst_rollout_controls.moc"
