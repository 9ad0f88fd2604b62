// What a person should know before the first change: what, why it matters, what to do, and where it stands.
// Errors block a deploy, so they are few and certain.
#include "core/base/wording.h"
#include "core/plan/draft.h"
#include "core/spec/own_privileges.h"

#include <algorithm>

namespace ratdeck {

namespace {

// Infrastructure that stays as it is has no problems of a rollout.
bool isExamined(const ServiceDraft& service) {
  return service.fate == Fate::TakesPart &&
         (!service.isInfrastructure || service.plan.action == PlanAction::Update);
}

std::string cost(const ServiceDraft& service) {
  auto time = service.plan.stopGrace + service.plan.gate.worstCase + 2s;
  return "up to " +
         toHumanString(service.plan.secondsWithout > 0s ? service.plan.secondsWithout : Duration(time)) +
         " without " + service.spec->name;
}

void checkImage(Draft& draft, const ServiceDraft& service) {
  const auto& spec = *service.spec;
  if (spec.image.empty()) {
    if (memberAt(spec.normalised, "build").is_null())
      draft.addProblem(Severity::Error, "no-image", service, "",
                       spec.name +
                           " has neither image nor build: there is nothing to start; give it an image");
    else
      draft.addProblem(Severity::Warning, "build-without-image", service, "build",
                       spec.name +
                           " is only built here: without an image name its versions cannot be told apart; "
                           "add `image:`, or use --set " +
                           spec.name + "=IMAGE");
    return;
  }
  if (spec.image.find('@') != std::string::npos || spec.image.rfind("sha256:", 0) == 0)
    return;
  static const std::set<std::string> moving = {
      "latest",  "main",  "master",  "stable",     "edge",    "dev",     "develop",
      "nightly", "next",  "canary",  "current",    "rolling", "trunk",   "head",
      "beta",    "alpha", "staging", "production", "prod",    "release", "lts"};
  auto tag = versionOf(spec.image);
  if (moving.count(tag))
    draft.addProblem(Severity::Warning, "mutable-tag", service, "image",
                     spec.image + " names a tag that moves (" + tag +
                         "): what runs may differ from what was planned, and "
                         "an undo may not find the old image; use a version or a digest");
}

std::string shortId(const std::string& id) {
  constexpr std::string_view prefix = "sha256:";
  return id.substr(id.rfind(prefix, 0) == 0 ? prefix.size() : 0, 12);
}

// What the image's name stands for at the target. A revision says which image it is by itself.
void checkImageSeen(Draft& draft, const ServiceDraft& service) {
  const auto& spec = *service.spec;
  auto found = draft.world().images.find(spec.image);
  if (found == draft.world().images.end() || !spec.imageId.empty() || service.plan.newCopies.empty())
    return;
  const auto& seen = found->second;
  if (!seen.missing.empty())
    draft.addProblem(Severity::Error, "image-missing", service, "image", seen.missing);
  if (!seen.trouble.empty())
    draft.addProblem(Severity::Info, "image-trouble", service, "image", seen.trouble);
  for (const auto& copy : draft.world().instances) {
    bool hasMoved = !seen.id.empty() && !copy.imageId.empty() && (seen.isMoved || seen.id != copy.imageId);
    if (copy.service != spec.name || copy.state != InstanceState::Running || copy.image != spec.image ||
        !hasMoved)
      continue;
    draft.addProblem(Severity::Warning, "image-moved", service, "image",
                     spec.image + " leads to another image than the one that " + copy.id.value + " runs (" +
                         shortId(copy.imageId) + " -> " + shortId(seen.isMoved ? seen.digest : seen.id) +
                         "): its copies are replaced; use a version or a digest that does not move");
    return;
  }
}

void checkRunningCopies(Draft& draft, const ServiceDraft& service) {
  std::size_t withVolumes = 0;
  for (const auto& copy : draft.world().instances) {
    if (copy.service != service.spec->name || copy.state != InstanceState::Running)
      continue;
    withVolumes += copy.anonymousVolumes.empty() ? 0 : 1;
    if (!copy.changedByHand.empty())
      draft.addProblem(Severity::Warning, "changed-by-hand", service, "",
                       copy.id.value + " was changed by hand since it was started (" +
                           listed(copy.changedByHand) +
                           "): it is replaced by what the files say; write there what is to stay");
  }
  if (withVolumes > 1 && service.plan.order == UpdateOrder::StopFirst && !service.plan.isOneShot)
    draft.addProblem(Severity::Warning, "anonymous-volumes", service, "volumes",
                     std::to_string(withVolumes) + " copies of " + service.spec->name +
                         " keep data in volumes without a name: the new copies start with empty ones, the "
                         "old volumes stay; give them names under `volumes`");
  auto unkept = draft.world().unkeptFiles.find(service.spec->name);
  if (unkept != draft.world().unkeptFiles.end())
    for (const auto& file : unkept->second)
      draft.addProblem(Severity::Info, "file-not-kept", service, "volumes",
                       file + ": it cannot be brought back by an undo; what it says then is up to you");
}

void checkHealthCheck(Draft& draft, const ServiceDraft& service) {
  const auto& spec = *service.spec;
  bool hasTest = spec.healthCheck && !spec.healthCheck->isDisabled && !spec.healthCheck->test.empty() &&
                 spec.healthCheck->test.front() != "NONE";
  if (hasTest || !spec.policy.ready.empty() || service.plan.isOneShot)
    return;
  bool isDisabled = spec.healthCheck && (spec.healthCheck->isDisabled || !spec.healthCheck->test.empty());
  auto instead = service.plan.gate.probes.empty()
                     ? "its gate is to run " + toHumanString(service.plan.gate.minRunning)
                     : "its gate is only that a port answers";
  draft.addProblem(Severity::Warning, "no-healthcheck", service, "healthcheck",
                   spec.name +
                       (isDisabled ? " has its healthcheck switched off: " : " has no healthcheck: ") +
                       instead + "; add `healthcheck:`, or a gate in x-ratdeck.ready");
}

bool asksLiveness(const ServiceSpec& spec, bool isRatd) {
  std::string text;
  for (const auto& word : spec.healthCheck->test)
    text += word + " ";
  if (isRatd && text.find("ratd healthcheck") != std::string::npos)
    return true;
  for (const char* path : {"/health/live", "/livez", "/healthz/live", "/health"}) {
    if (std::string_view(path) == "/health" && !isRatd)
      continue; // elsewhere it may well mean readiness
    auto at = text.find(path);
    if (at != std::string::npos && text.compare(at, 13, "/health/ready") != 0)
      return true;
  }
  return false;
}

void checkLiveness(Draft& draft, const ServiceDraft& service) {
  const auto& spec = *service.spec;
  bool isRatd = draft.isRat && spec.name == "ratd";
  if (!spec.healthCheck || !asksLiveness(spec, isRatd))
    return;
  bool asksReadiness =
      std::any_of(spec.policy.ready.begin(), spec.policy.ready.end(), [](const ProbeSpec& probe) {
        return probe.kind == ProbeKind::Http && probe.path.find("ready") != std::string::npos;
      });
  if (asksReadiness)
    return;
  draft.addProblem(
      Severity::Warning, "liveness-as-readiness", service, "healthcheck.test",
      isRatd ? "ratd's healthcheck asks /health, which answers 200 as soon as the process lives, ready or "
               "not; the gate asks GET /health/ready as well; say so yourself in x-ratdeck.ready"
             : spec.name + "'s healthcheck only asks whether it lives, not whether it is ready; add a "
                           "readiness gate in x-ratdeck.ready");
}

void checkObstacles(Draft& draft, const ServiceDraft& service) {
  const auto& spec = *service.spec;
  if (service.plan.isOneShot)
    return;
  if (!spec.containerName.empty())
    draft.addProblem(Severity::Warning, "fixed-container-name", service, "container_name",
                     "container_name " + spec.containerName +
                         " allows one copy only, so the old one must stop first: " + cost(service) +
                         "; remove container_name");
  const bool isBehindRouter = service.plan.isRouted || !service.handsOverPort.empty();
  for (const auto& port : spec.ports)
    if (port.protocol == "udp" && !port.published.empty() && isBehindRouter &&
        draft.world().routerPublishesPorts)
      draft.addProblem(
          Severity::Error, "udp-port", service, "ports",
          "host port " + port.published + "/udp of " + spec.name +
              " would be closed: the router carries TCP only, and copies behind it publish nothing; "
              "put UDP into a service of its own, or say x-ratdeck: { route: false }");
  if (auto port = fixedHostPortOf(spec); !port.empty()) {
    bool isTaken =
        !draft.world().routerPublishesPorts || (!service.plan.isRouted && service.handsOverPort.empty());
    draft.addProblem(
        isTaken ? Severity::Warning : Severity::Info, "fixed-host-port", service, "ports",
        isTaken ? "host port " + port + " can be held by one copy only, so the old one must stop first: " +
                      cost(service) + "; let a router publish it (x-ratdeck.router) and remove it here"
                : "host port " + port + " is held by one copy only; here the router answers on it, but on " +
                      "another runtime the old copy would have to stop first");
  }
  if (spec.policy.order)
    return;
  if (auto mount = sharedMountOf(spec); !mount.empty())
    draft.addProblem(Severity::Warning, "shared-writable-volume", service, "volumes",
                     "two copies would write to " + mount + ", so the old one stops first: " + cost(service) +
                         "; mount it read-only, or set x-ratdeck.order: start-first if that is safe");
  else if (service.isStore)
    draft.addProblem(Severity::Warning, "stateful-service", service, "image",
                     spec.name + " keeps data, so the old copy stops first: " + cost(service) +
                         "; replace it in a quiet hour");
}

void checkRouting(Draft& draft, const ServiceDraft& service) {
  const auto& spec = *service.spec;
  if (!service.handsOverPort.empty())
    return draft.addProblem(
        Severity::Warning, "router-introduced", service, "ports",
        "host port " + service.handsOverPort + " of " + spec.name +
            " goes over to the router: it is closed from the end of the last copy that "
            "holds it until the router answers, up to " +
            toHumanString(service.plan.secondsWithout) +
            "; what asks old copies by name, past the router, ends with them; do it in a quiet moment");
  bool isMeant = spec.policy.order || (spec.policy.route && spec.policy.route->empty());
  if (service.plan.isRouted || service.plan.isOneShot || service.isRouter || service.isStore || isMeant)
    return;
  auto why =
      draft.hasRouter ? "no port of " + spec.name + " is known to the router" : "the stack has no router";
  auto next = draft.hasRouter ? "name its port in `expose` or x-ratdeck.route, or say `route: false`"
                              : "name one in x-ratdeck.router";
  draft.addProblem(Severity::Warning, "not-routed", service, "x-ratdeck.route",
                   why + ": the old copy stops first, " + cost(service) + "; " + next);
}

bool wasDrainWritten(const ServiceDraft& service) {
  return service.spec->policy.drain && service.spec->policy.drain->waitForRuns;
}

void checkGrace(Draft& draft, const ServiceDraft& service) {
  const auto& spec = *service.spec;
  bool isKnownToDrain = draft.isRat && (spec.name == "runner" || spec.name == "ratd");
  bool drains = wasDrainWritten(service) || isKnownToDrain || service.tierTitle == "gateway";
  if (drains && !spec.stopGracePeriod)
    draft.addProblem(
        Severity::Warning, "no-grace", service, "",
        spec.name + " has no stop_grace_period: it gets 10 s to end what it does, then SIGKILL; set it to "
                    "what its longest request or run needs");
  if (wasDrainWritten(service) && spec.stopGracePeriod && *spec.stopGracePeriod < spec.policy.drain->deadline)
    draft.addProblem(
        Severity::Warning, "grace-shorter-than-drain", service, "stop_grace_period",
        spec.name + " is given " + toHumanString(spec.stopGrace()) + " to stop, but its drain may take " +
            toHumanString(spec.policy.drain->deadline) +
            ": whatever stops it without draining first kills live runs; raise stop_grace_period");
  if (wasDrainWritten(service) && !draft.activeRuns && !spec.policy.drain->count)
    draft.addProblem(Severity::Warning, "unknown-drain", service, "x-ratdeck.drain",
                     spec.name + " waits for active runs, but nothing says where they are read; set "
                                 "x-ratdeck.active_runs at the top level");
}

// What old copies are told when their drain begins has to be taken back where they serve on.
void checkDrainHook(Draft& draft, const ServiceDraft& service) {
  const auto& drain = service.plan.drain;
  if (!drain || !drain->hook)
    return;
  const auto& name = service.spec->name;
  if (!drain->back)
    draft.addProblem(Severity::Warning, "drain-hook-one-way", service, "x-ratdeck.drain",
                     "nothing takes back what the drain's hook tells the old copies of " + name +
                         ": in an undo after it each is replaced by a new copy of the old version, and what "
                         "still runs on it is ended then; set x-ratdeck.drain.back");
  if (service.plan.isRouted)
    draft.addProblem(Severity::Info, "drain-hook-gap", service, "x-ratdeck.drain",
                     "from the drain's hook to the switch, " + toHumanString(drain->deadline) +
                         " at most unless it is extended, no copy of " + name +
                         " takes new work: whoever gives it must wait or ask again");
  for (const auto& call : {drain->hook, drain->back})
    if (call && !call->signal.empty() && call->signal == service.plan.stopSignal)
      draft.addProblem(Severity::Error, "drain-hook-stops", service, "x-ratdeck.drain",
                       call->signal + " is what stops " + name +
                           ": as a hook of its drain it would end it with all that runs on it; name "
                           "another signal, or a command");
}

void checkUpdateConfig(Draft& draft, const ServiceDraft& service) {
  const auto& spec = *service.spec;
  if (!spec.updateConfig)
    return;
  draft.addProblem(Severity::Info, "update-config-ignored-by-compose", service, "deploy.update_config",
                   "deploy.update_config of " + spec.name +
                       " is honoured here with Swarm's meaning; `docker compose up` ignores it");
  if (spec.updateConfig->failureAction == FailureAction::Pause && !draft.request.hasPerson)
    draft.addProblem(Severity::Info, "pause-without-person", service, "deploy.update_config",
                     "failure_action of " + spec.name +
                         " is pause, but nobody can be asked here: a failure is rolled "
                         "back instead; set failure_action: rollback, or deploy from a terminal");
  bool isByDefault = service.plan.order == UpdateOrder::StopFirst && !spec.policy.order &&
                     service.plan.isRouted &&
                     service.plan.orderReason.find("update_config") != std::string::npos;
  if (isByDefault)
    draft.addProblem(Severity::Warning, "stop-first", service, "deploy.update_config",
                     spec.name + " is replaced stop-first because " + service.plan.orderReason + ": " +
                         cost(service) + "; write `order: start-first` there");
}

// Where the revision store knows what runs: a new version should not get hold of the host unnoticed.
void checkPrivileges(Draft& draft, const ServiceDraft& service) {
  const auto& spec = *service.spec;
  const auto running = draft.request.runningSpecs.find(spec.name);
  if (service.plan.action != PlanAction::Update || running == draft.request.runningSpecs.end())
    return;
  const auto gained = listed(gainedPrivileges(running->second.normalised, spec.normalised));
  if (!gained.empty())
    draft.addProblem(Severity::Warning, "wider-privileges", service, "",
                     "the new version of " + spec.name + " " + gained +
                         ", which the running one does not; make sure that this is meant");
}

std::vector<std::string> portsLacking(const std::vector<std::uint16_t>& ports,
                                      const std::vector<std::uint16_t>& others) {
  std::vector<std::string> missing;
  for (const auto port : ports)
    if (std::find(others.begin(), others.end(), port) == others.end())
      missing.push_back(std::to_string(port));
  return missing;
}

// Old and new copies stand behind one router for a while, and an undo needs the ports of before.
void checkPorts(Draft& draft, const ServiceDraft& service) {
  const auto& spec = *service.spec;
  const auto running = draft.request.runningSpecs.find(spec.name);
  if (!service.plan.isRouted || service.plan.action != PlanAction::Update ||
      running == draft.request.runningSpecs.end() ||
      service.plan.fromRevision == draft.request.adoptedRevision)
    return;
  const auto before = portsOf(running->second), now = portsOf(spec);
  const auto gone = portsLacking(before, now), come = portsLacking(now, before);
  if (gone.empty())
    return;
  const std::string whoever = ": whoever still asks for " + listed(gone) + " is cut off";
  if (come.empty())
    draft.addProblem(Severity::Warning, "port-dropped", service, "",
                     spec.name + " does not answer on port " + listed(gone) + " any more" + whoever +
                         "; make sure that nobody does");
  else
    draft.addProblem(
        Severity::Error, "port-moved", service, "",
        spec.name + " answers on port " + listed(come) + " instead of " + listed(gone) + whoever +
            " as soon as the old copy leaves, and no undo is safe; let one version answer on both, and "
            "drop " +
            listed(gone) + " in the next");
}

} // namespace

void findProblems(Draft& draft) {
  for (const auto& [name, service] : draft.services) {
    if (service.fate != Fate::TakesPart)
      continue;
    checkImage(draft, service);
    checkImageSeen(draft, service);
    checkRunningCopies(draft, service);
    if (!isExamined(service))
      continue;
    checkHealthCheck(draft, service);
    checkLiveness(draft, service);
    checkObstacles(draft, service);
    checkRouting(draft, service);
    checkGrace(draft, service);
    checkDrainHook(draft, service);
    checkUpdateConfig(draft, service);
    checkPorts(draft, service);
    checkPrivileges(draft, service);
  }
}

std::vector<Problem> findBaseline(const Draft& draft) {
  std::vector<Problem> found;
  for (const auto& [name, service] : draft.services)
    if (service.isDown)
      found.push_back({Severity::Warning, "already-down", name, whyAlreadyDown(draft, service),
                       service.spec->locationOf("")});
  for (const auto& copy : draft.world().instances) {
    auto service = draft.services.find(copy.service);
    if (!draft.world().isReachable || service == draft.services.end())
      continue;
    const auto& spec = *service->second.spec;
    auto add = [&](Severity severity, const char* code, const std::string& message) {
      found.push_back({severity, code, copy.service, message, spec.locationOf("")});
    };
    bool ended = copy.state == InstanceState::Exited;
    if (ended && (!spec.isOneShot || copy.exitCode != 0))
      add(Severity::Warning, "exited-before",
          copy.id.value + " has exited with code " + std::to_string(copy.exitCode) + " before this rollout");
    if (!ended && copy.health == Health::Unhealthy)
      add(Severity::Warning, "unhealthy-before",
          copy.id.value + " is unhealthy before this rollout" +
              (copy.healthDetail.empty() ? "" : ": " + copy.healthDetail));
    if (!ended && copy.routing == Routing::Down)
      add(Severity::Warning, "down-before", copy.id.value + " is down at the router before this rollout");
    if (!ended && copy.restarts > 0)
      add(Severity::Info, "restarting-before",
          copy.id.value + " has restarted " + std::to_string(copy.restarts) +
              (copy.restarts == 1 ? " time" : " times") + " before this rollout");
  }
  return found;
}

} // namespace ratdeck
