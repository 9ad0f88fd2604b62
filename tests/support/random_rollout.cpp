#include "tests/support/random_rollout.h"

#include "core/plan/try_plan.h"
#include "core/rollout/past_schema.h"
#include "tests/support/rollout_plans.h"

namespace ratdeck::test {

namespace {

void varyHook(Dice& dice, DrainPolicy& drain) {
  if (dice.chance(50))
    drain.hook = DrainCall{{}, "SIGUSR1"};
  if (drain.hook && dice.chance(60))
    drain.back = DrainCall{{}, "SIGUSR2"};
  if (dice.chance(50))
    drain.grpc = DrainHealth{50052};
}

void vary(Dice& dice, ServicePlan& plan) {
  plan.order = dice.chance(75) ? UpdateOrder::StartFirst : UpdateOrder::StopFirst;
  plan.isOneShot = dice.chance(6);
  plan.isRouted = !plan.isOneShot && dice.chance(85);
  plan.parallelism = dice.oneOf({0, 1, 1, 2});
  plan.delay = dice.chance(20) ? dice.upTo(5s) : Duration(0s);
  plan.monitor = dice.chance(50) ? dice.upTo(5s) : Duration(0s);
  plan.keepWarm = dice.chance(50) ? dice.upTo(8s) : Duration(0s);
  plan.maxFailureRatio = dice.oneOf({0.0, 0.0, 0.0, 0.3, 0.6});
  plan.inFlightDeadline = dice.chance(20) ? Duration(1s) + dice.upTo(2s) : plan.inFlightDeadline;
  plan.failureAction = dice.oneOf(
      {FailureAction::Rollback, FailureAction::Rollback, FailureAction::Pause, FailureAction::Continue});
  if (dice.chance(40)) {
    plan.analyses.resize(static_cast<size_t>(dice.between(1, 2)));
    for (size_t i = 0; i < plan.analyses.size(); ++i) {
      plan.analyses[i].name = "analysis-" + std::to_string(i);
      plan.analyses[i].onInconclusive =
          dice.oneOf({Inconclusive::Ask, Inconclusive::Pass, Inconclusive::Undo});
      plan.analyses[i].isObserveOnly = dice.chance(15);
      plan.analyses[i].measurement.service = dice.chance(30) ? "portal" : "";
    }
  }
  if (dice.chance(20)) {
    plan.drain = DrainPolicy();
    plan.drain->waitForRuns = true;
    plan.drain->deadline = dice.upTo(20s) + 4s;
    plan.drain->extension = 10s;
    plan.drain->atDeadline =
        dice.oneOf({DeadlineAction::Wait, DeadlineAction::Extend, DeadlineAction::End, DeadlineAction::Undo});
    varyHook(dice, *plan.drain);
  }
}

ApprovalSpec randomApproval(Dice& dice, const std::vector<ServicePlan>& services, int number) {
  const auto& service = services[static_cast<size_t>(dice.below(static_cast<int>(services.size())))];
  ApprovalSpec spec;
  spec.id = "gate-" + std::to_string(number);
  spec.when = dice.oneOf({ApprovalSpec::When::Before, ApprovalSpec::When::After});
  if (dice.chance(50))
    spec.service = service.service;
  else
    spec.wave = service.wave;
  spec.expires = dice.upTo(60s) + 5s;
  return spec;
}

TaskPlan randomTask(Dice& dice, const std::vector<ServicePlan>& services, int number) {
  using Kind = TaskSpec::Kind;
  using When = TaskSpec::When;
  const auto& service = services[static_cast<size_t>(dice.below(static_cast<int>(services.size())))];
  const auto id = "task-" + std::to_string(number);
  if (dice.chance(15))
    return taskPlan(Kind::Schema, id, When::Before, service.service);
  const auto kind = dice.oneOf({Kind::Hook, Kind::Migration, Kind::Migration});
  const auto when = kind == Kind::Hook ? dice.oneOf({When::Before, When::After, When::OnFailure})
                                       : dice.oneOf({When::Before, When::Before, When::After});
  const bool isOfService = dice.chance(50) && (kind == Kind::Hook || when == When::Before);
  auto task = taskPlan(kind, id, when, isOfService ? service.service : "");
  auto& spec = task.spec;
  spec.limit = dice.oneOf<Duration>({2s, 10s, 60s});
  spec.onError = dice.oneOf(
      {TaskSpec::OnError::Undo, TaskSpec::OnError::Undo, TaskSpec::OnError::Ask, TaskSpec::OnError::Ignore});
  if (dice.chance(40))
    spec.up->where = TaskCommand::Where::Copy;
  if (kind == Kind::Hook)
    return task;
  spec.isCompatible = dice.chance(80);
  spec.isDownSafe = dice.chance(30);
  spec.goesBackFirst = dice.chance(20);
  if (dice.chance(60))
    spec.status = spec.up;
  if (dice.chance(30))
    spec.versions = {id + ".sql"};
  if (dice.chance(20))
    spec.isReversible = false;
  if (dice.chance(15))
    spec.down.reset();
  return task;
}

} // namespace

Weather randomWeather(Dice& dice) {
  return {dice.oneOf({0, 10, 30, 60}), dice.chance(40), dice.chance(60), dice.chance(40)};
}

Plan randomPlan(Dice& dice) {
  auto count = dice.chance(70) ? dice.between(1, 3) : dice.between(4, 12);
  std::vector<ServicePlan> services;
  int wave = 1;
  for (int i = 0; i < count; ++i) {
    auto oldCopies = dice.chance(15) ? 0 : dice.between(1, dice.oneOf({1, 2, 4}));
    auto newCopies = dice.chance(75) && oldCopies > 0 ? oldCopies : dice.between(1, 4);
    services.push_back(servicePlan(std::string(1, static_cast<char>('a' + i)), wave, oldCopies, newCopies));
    vary(dice, services.back());
    wave += dice.chance(50) ? 1 : 0;
  }
  auto plan = planOf(services);
  plan.onFailureScope = dice.chance(80) ? FailureScope::Release : FailureScope::Service;
  plan.unattended = dice.chance(20);
  auto approvals = dice.chance(25) ? dice.between(1, 3) : 0;
  for (int i = 0; i < approvals; ++i)
    plan.approvals.push_back(randomApproval(dice, services, i));
  auto tasks = dice.chance(35) ? dice.between(1, 4) : 0;
  for (int i = 0; i < tasks; ++i)
    plan.tasks.push_back(randomTask(dice, services, i));
  for (const auto& service : services)
    if (!service.oldCopies.empty() && dice.chance(6))
      plan.alreadyDown.push_back(service.service);
  sign(plan);
  auto tried = tryPlan(plan);
  return dice.chance(12) && !tried.isEmpty() ? tried : plan;
}

TaskFate randomTaskFate(Dice& dice, const Weather& weather) {
  TaskFate fate;
  fate.takes = dice.upTo(4s);
  if (!dice.chance(weather.faultPercent))
    return fate;
  fate.exitCode = dice.chance(40) ? 1 : 0;
  fate.downExitCode = dice.chance(20) ? 1 : 0;
  fate.addsAlthoughFailed = dice.chance(30);
  if (dice.chance(30))
    fate.failures[dice.oneOf({TaskStep::Look, TaskStep::Run, TaskStep::Undo, TaskStep::Clear,
                              TaskStep::Confirm})] = dice.between(1, 4);
  if (dice.chance(15))
    fate.lost = dice.between(1, 3);
  fate.beginsLost = dice.chance(50);
  return fate;
}

CopyFate randomFate(Dice& dice, const Weather& weather, bool isOld) {
  CopyFate fate;
  fate.startTakes = dice.upTo(2s);
  fate.callTakes = dice.upTo(300ms);
  fate.healthyAfter = 400ms + dice.upTo(2s);
  fate.inFlightTakes = dice.upTo(2s);
  if (!dice.chance(weather.faultPercent))
    return fate;
  auto fails = [&](EffectKind kind, int times) {
    fate.failures[kind] = times;
  };
  switch (dice.below(11)) {
  case 0:
    fate.healthyAfter.reset();
    break;
  case 1:
    if (!isOld || dice.chance(20))
      fate.exitsAfter = dice.upTo(12s);
    break;
  case 2:
    fate.badAfter = dice.upTo(6s);
    break;
  case 3:
    fails(EffectKind::StartInstance, dice.between(1, 4));
    break;
  case 4:
    fails(dice.oneOf({EffectKind::JoinRouter, EffectKind::Verify}), dice.between(1, 4));
    break;
  case 5:
    fails(dice.oneOf({EffectKind::DrainRouter, EffectKind::LeaveRouter}),
          dice.chance(80) ? dice.between(1, 3) : 1000);
    break;
  case 6:
    fails(dice.oneOf({EffectKind::StopInstance, EffectKind::RemoveInstance, EffectKind::ReturnRouter,
                      EffectKind::CaptureEvidence}),
          dice.between(1, 4));
    break;
  case 9:
    fate.judged.clear();
    if (dice.chance(70))
      fate.judged.emplace_back(dice.upTo(6s), dice.oneOf({Verdict::Failing, Verdict::Inconclusive,
                                                          Verdict::Error, Verdict::Passing}));
    break;
  case 7:
    fate.sickAfter = dice.upTo(3s);
    fate.sickFor = dice.upTo(4s) + 500ms;
    break;
  case 8:
    fails(dice.oneOf({EffectKind::DrainHook, EffectKind::BackHook}), dice.between(1, 4));
    break;
  default:
    fate.inFlightTakes.reset();
  }
  return fate;
}

Command randomCommand(Dice& dice, const RolloutState& state) {
  Command command;
  command.actor = "person";
  command.reason = "at random";
  command.planHash = dice.chance(85) ? state.plan.hash : dice.oneOf<std::string>({"", "another plan"});
  command.kind =
      dice.oneOf({CommandKind::Approve, CommandKind::Approve, CommandKind::Reject, CommandKind::Hold,
                  CommandKind::Continue, CommandKind::Abort, CommandKind::StopHere, CommandKind::Leave,
                  CommandKind::DecideDrain, CommandKind::FinishBake});
  command.gate = GateId("gate-" + std::to_string(dice.below(4)));
  for (const auto& [gate, approval] : state.approvals)
    if (approval.state == GateState::Waiting && dice.chance(60))
      command.gate = gate;
  command.decision =
      dice.oneOf({DeadlineAction::Wait, DeadlineAction::Extend, DeadlineAction::End, DeadlineAction::Undo});
  for (const auto& [name, service] : state.services)
    if (service.isDrainingRuns)
      command.service = name;
  if (dice.chance(70))
    command.pastSchema = pastSchemaOf(state).names();
  return command;
}

} // namespace ratdeck::test
