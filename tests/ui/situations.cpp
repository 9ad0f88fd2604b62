#include "tests/ui/situations.h"

#include "core/spec/compose/loader.h"
#include "tests/unit/plan/plan_builders.h"
#include "ui/pages/plan_page.h"

#include <QPushButton>

namespace ratdeck::test {

namespace {

// In the folder of the shipped stack, so that its files are named as a person there would name them.
StackSpec shipped(const std::string& version) {
  compose::LoadRequest request;
  request.files = {"docker-compose.yml", "docker-compose.pro.yml"};
  request.environment["RAT_VERSION"] = version;
  auto loaded = compose::load(request);
  if (!loaded)
    qFatal("%s", loaded.error().toString().c_str());
  return std::move(loaded->stack);
}

World running(const StackSpec& stack) {
  auto world = testing::worldOf(stack);
  for (auto& copy : world.instances)
    copy.revision = 7;
  return world;
}

TargetFacts sandbox() {
  TargetFacts target;
  target.choice.files = {"docker-compose.yml", "docker-compose.pro.yml"};
  target.title = "the sandbox default";
  target.runtime = "sandbox";
  target.stack = shipped("2.0.0");
  target.userFacing = {"portal", "ratd"}; // the router publishes their ports
  return target;
}

StackFacts seen(const World& world) {
  StackFacts stack;
  stack.world = world;
  stack.seenAt = Stage::beginning().wall;
  PastFacts last;
  last.rollout = "20251217-110415-ba5e";
  last.actor = "ben";
  last.result = "succeeded";
  last.changes = {"ratd 0.9.4 → 1.0.0", "portal 0.9.4 → 1.0.0"};
  last.ended = Stage::beginning().wall - 26h;
  last.started = *last.ended - 74s;
  stack.lastChange = last;
  stack.past = {last};
  stack.revisions = {6, 7};
  stack.rollsBackTo = "0.9.4";
  return stack;
}

std::unique_ptr<Stage> onSandbox(const World& world = running(shipped("1.0.0"))) {
  auto stage = std::make_unique<Stage>(sandbox(), seen(world));
  stage->tellLoad(true);
  return stage;
}

Plan upgrade() {
  return testing::planFor(shipped("2.0.0"), running(shipped("1.0.0")));
}

Command meaning(CommandKind kind, const std::string& reason = {}) {
  Command command;
  command.kind = kind;
  command.reason = reason;
  return command;
}

std::unique_ptr<Stage> idle() {
  auto stage = onSandbox();
  stage->pass(90s);
  return stage;
}

// A new image that is not there, and a copy that is ill before anything begins.
std::unique_ptr<Stage> planWithProblems() {
  auto world = running(shipped("1.0.0"));
  world.images["rat/enforcement:2.0.0"].missing = "rat/enforcement:2.0.0 is not in its registry, so no copy "
                                                  "of it can be started; push it, or set another";
  for (auto& copy : world.instances)
    if (copy.service == "cloud-aws") {
      copy.health = Health::Unhealthy;
      copy.healthDetail = "connection refused";
    }
  auto stage = onSandbox(world);
  stage->pass(30s);
  auto& window = stage->window();
  QObject::connect(&window, &MainWindow::planWanted, &window, [&window, world](const PlanWish& wish) {
    window.showPlan({wish, testing::planFor(shipped("2.0.0"), world), {}, {}});
  });
  window.findChild<QPushButton*>(QStringLiteral("openPlan"))->click();
  window.findChild<PlanPage*>()->plan();
  return stage;
}

// In a freeze, with a portal that serves nobody: the reason is asked for first.
std::unique_ptr<Stage> planClosed() {
  auto world = running(shipped("1.0.0"));
  for (auto& copy : world.instances)
    if (copy.service == "portal") {
      copy.health = Health::Unhealthy;
      copy.healthDetail = "GET /: connection refused";
    }
  world.checks = {{"disk", "5.1 GB free at /run/user/1000/ratdeck/sandbox"}};
  world.runs = RunsSeen{3, 90, {}};
  auto stage = onSandbox(world);
  stage->pass(30s);
  auto& window = stage->window();
  QObject::connect(&window, &MainWindow::planWanted, &window, [&window, world](const PlanWish& wish) {
    auto request = testing::requestFor(shipped("2.0.0"), world);
    request.schedule = {
        {Severity::Warning,
         "freeze",
         "",
         "deploys are frozen until Mon 2026-01-05 00:00 (Europe/Berlin): the turn of the year; a "
         "rollback may begin at any time",
         {"docker-compose.yml", 12, 7}}};
    window.showPlan({wish, *makePlan(request), {}, {}});
  });
  window.findChild<QPushButton*>(QStringLiteral("openPlan"))->click();
  window.findChild<PlanPage*>()->plan();
  return stage;
}

// Its images are pulled; nothing has begun.
std::unique_ptr<Stage> preparing() {
  auto stage = onSandbox();
  stage->pass(30s);
  auto& window = stage->window();
  window.findChild<QPushButton*>(QStringLiteral("openPlan"))->click();
  auto* page = window.findChild<PlanPage*>();
  page->plan();
  window.showPlan({PlanWish{sandbox().choice, PlanKind::Deploy, {}, {}}, upgrade(), {}, {}});
  window.showPreparing(QStringLiteral("pulling rat/ratd:2.0.0"));
  return stage;
}

// A rollout that an engine left behind two hours ago.
std::unique_ptr<Stage> unfinished() {
  auto half = shipped("1.0.0");
  for (const char* name :
       {"ratq", "runner", "auth-keycloak", "cloud-aws", "enforcement", "executor-container"})
    half.services.at(name) = shipped("2.0.0").services.at(name);
  auto stack = seen(running(half));
  PastFacts left;
  left.rollout = "20251218-113112-beef";
  left.actor = "ben";
  left.started = Stage::beginning().wall - 2h;
  left.changes = {"ratd 1.0.0 → 2.0.0", "portal 1.0.0 → 2.0.0"};
  left.left = LeftBehind{QStringLiteral("wave 4 of 5 · ratd 1.0.0 → 2.0.0 · 6 of 8 services done"),
                         QStringLiteral("back to 1.0.0: restarts 6 copies, about 18 s")};
  stack.unfinished = {left};
  auto stage = std::make_unique<Stage>(sandbox(), stack);
  stage->tellLoad(true);
  stage->pass(90s);
  return stage;
}

std::unique_ptr<Stage> rolling() {
  auto stage = onSandbox();
  stage->begin(upgrade());
  stage->passUntil("InFlightObserved ratd-1");
  stage->pass(2s);
  return stage;
}

std::unique_ptr<Stage> approval() {
  auto plan = upgrade();
  plan.approvals = {{"gateway", ApprovalSpec::When::Before, "ratd", 0, 15min}};
  auto stage = onSandbox();
  stage->begin(plan);
  stage->passUntil("ApprovalRequested ratd");
  stage->pass(27s);
  return stage;
}

std::unique_ptr<Stage> drainOf(Duration since) {
  auto stage = onSandbox();
  stage->keepRuns("runner", 3);
  stage->begin(upgrade());
  stage->passUntil("DrainStarted runner");
  stage->pass(since);
  return stage;
}

std::unique_ptr<Stage> drainNearItsDeadline() {
  return drainOf(106s);
}

std::unique_ptr<Stage> drainAtItsDeadline() {
  return drainOf(142s);
}

// Too few errors for the gate to act: a person has to.
std::unique_ptr<Stage> usersHurt() {
  auto stage = onSandbox();
  stage->traffic().failing["ratd"] = 0.008;
  stage->begin(upgrade());
  stage->passUntil("StartRequested portal-2");
  stage->pass(4s);
  return stage;
}

std::unique_ptr<Stage> feedLost() {
  auto stage = onSandbox();
  stage->tellLoad(false);
  stage->begin(upgrade());
  stage->passUntil("StartRequested ratd-2");
  stage->pass(3s);
  stage->cutOff({ErrorKind::Unreachable, "the supervisor of the sandbox does not answer", {}, {}});
  stage->pass(30s);
  stage->noticeAway(31s);
  stage->pass(11s);
  return stage;
}

// A stack on Docker that nothing routes to.
std::unique_ptr<Stage> notMeasured() {
  auto before = shipped("1.0.0"), after = shipped("2.0.0");
  for (auto* stack : {&before, &after}) {
    stack->services.erase("router");
    stack->policy.routerService.clear();
    stack->policy.verify.clear();
  }
  auto world = running(before);
  world.hasRouter = false;
  world.runtime = "docker";
  TargetFacts target = sandbox();
  target.choice.runtime = "docker";
  target.title = "Docker at ssh://deploy@dock01";
  target.runtime = "docker";
  target.stack = after;
  auto stage = std::make_unique<Stage>(target, seen(world));
  stage->begin(testing::planFor(after, world));
  stage->passUntil("InstanceStarted ratd-2");
  stage->pass(2s);
  return stage;
}

// ratd goes bad once it serves, and its warm old copy takes over at once; what was replaced before it comes
// back copy by copy.
void failAtRatd(Stage& stage, bool comesBack) {
  stage.traffic().failing["ratd"] = 0.2;
  stage.begin(upgrade(), [comesBack](CopyFate& fate, const std::string& service, InstanceRole role) {
    if (service == "ratd" && role == InstanceRole::New)
      fate.badAfter = 2400ms;
    if (service == "enforcement" && role == InstanceRole::Restored && !comesBack)
      fate.exitsAfter = 1s;
  });
}

std::unique_ptr<Stage> undoUnderWay() {
  auto stage = onSandbox();
  failAtRatd(*stage, true);
  stage->passUntil("UndoStarted");
  stage->passUntil("TrafficSwitched cloud-aws-3");
  stage->pass(400ms);
  return stage;
}

std::unique_ptr<Stage> mixedOnPurpose() {
  auto stage = onSandbox();
  stage->begin(upgrade());
  stage->passUntil("WaveStarted 4");
  stage->command(meaning(CommandKind::StopHere, "portal 2.0.0 needs the new terms, they come on Monday"));
  stage->passUntilEnd();
  return stage;
}

std::unique_ptr<Stage> undoFailed() {
  auto stage = onSandbox();
  failAtRatd(*stage, false);
  stage->passUntilEnd();
  return stage;
}

std::unique_ptr<Stage> endScreen() {
  auto stage = onSandbox();
  stage->begin(upgrade());
  stage->passUntilEnd();
  return stage;
}

} // namespace

const std::vector<Situation>& situations() {
  static const std::vector<Situation> all = {{"idle", idle},
                                             {"plan-with-problems", planWithProblems},
                                             {"plan-closed", planClosed},
                                             {"preparing", preparing},
                                             {"unfinished", unfinished},
                                             {"rolling", rolling},
                                             {"approval", approval},
                                             {"drain-near-deadline", drainNearItsDeadline},
                                             {"drain-at-deadline", drainAtItsDeadline},
                                             {"users-hurt", usersHurt},
                                             {"feed-lost", feedLost},
                                             {"not-measured", notMeasured},
                                             {"undo-under-way", undoUnderWay},
                                             {"mixed-on-purpose", mixedOnPurpose},
                                             {"undo-failed", undoFailed},
                                             {"end-screen", endScreen}};
  return all;
}

} // namespace ratdeck::test
