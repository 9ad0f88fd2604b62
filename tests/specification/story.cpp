#include "tests/specification/story.h"

#include <algorithm>

namespace ratdeck {

std::optional<std::size_t> Story::of(const std::string& type, const std::string& who,
                                     const Wanted& wanted) const {
  for (std::size_t at = 0; at < m_lines.size(); ++at) {
    const JournalLine& line = m_lines[at];
    const bool isTheirs =
        who.empty() || textAt(line.data, "service") == who || textAt(line.data, "instance") == who;
    if (line.type == type && isTheirs && (!wanted || wanted(memberAt(line.data, "detail"))))
      return at;
  }
  return {};
}

Json Story::detailOf(const std::string& type, const std::string& who) const {
  const auto at = of(type, who);
  return at ? memberAt(m_lines[*at].data, "detail") : Json();
}

std::optional<std::size_t> Story::healthcheckOf(const std::string& service) const {
  const std::string copy = newCopy(service);
  if (copy.empty())
    return {};
  return of("ProbeResultChanged", copy, [](const Json& detail) {
    return textAt(detail, "probe") == "healthcheck" && boolAt(detail, "passed");
  });
}

std::string Story::newCopy(const std::string& service) const {
  const auto at = of("StartRequested", service);
  return at ? textAt(m_lines[*at].data, "instance") : std::string();
}

std::string Story::oldCopy(const std::string& service) const {
  const std::string fresh = newCopy(service);
  for (const JournalLine& line : m_lines)
    if (line.type == "StopRequested" && textAt(line.data, "service") == service &&
        textAt(line.data, "instance") != fresh)
      return textAt(line.data, "instance");
  return {};
}

std::set<std::string> Story::startedServices() const {
  std::set<std::string> services;
  for (const JournalLine& line : m_lines)
    if (line.type == "StartRequested")
      services.insert(textAt(line.data, "service"));
  return services;
}

Json Story::plan() const {
  return memberAt(detailOf("RolloutStarted", {}), "plan");
}

Json Story::planOf(const std::string& service) const {
  return memberAt(memberAt(memberAt(plan(), "execution"), "services"), service.c_str());
}

namespace sentences {

namespace {

// Whether the first of two events came before the second; what is missing or the wrong way round, in words.
std::string order(const std::string& what, std::optional<std::size_t> first, const std::string& firstName,
                  std::optional<std::size_t> then, const std::string& thenName) {
  if (!first)
    return what + ": no " + firstName;
  if (!then)
    return what + ": no " + thenName;
  return *first < *then ? std::string() : what + ": " + thenName + " came before " + firstName;
}

std::string forEach(const Services& services, const std::function<std::string(const std::string&)>& check) {
  for (const std::string& service : services)
    if (auto problem = check(service); !problem.empty())
      return problem;
  return {};
}

} // namespace

const Services& application() {
  static const Services names = {"ratq",        "runner",    "auth-keycloak", "executor-container",
                                 "enforcement", "cloud-aws", "ratd",          "portal"};
  return names;
}
const Services& infrastructure() {
  static const Services names = {"postgres", "minio", "minio-init", "nessie", "nessie-init", "router"};
  return names;
}
const Services& plugins() {
  static const Services names = {"auth-keycloak", "executor-container", "enforcement", "cloud-aws"};
  return names;
}

std::string nobodyIsHurt(const Scene& scene) {
  if (scene.requests < 200)
    return "only " + std::to_string(scene.requests) + " requests were sent";
  return scene.failed == 0
             ? std::string()
             : std::to_string(scene.failed) + " of " + std::to_string(scene.requests) + " failed";
}

std::string comesAfter(const Scene& scene, const Services& first, const Services& then) {
  return forEach(first, [&](const std::string& before) {
    const std::string copy = scene.story.newCopy(before);
    return forEach(then, [&](const std::string& after) {
      return order(after, copy.empty() ? std::nullopt : scene.story.of("TrafficSwitched", copy),
                   "switch of " + before, scene.story.of("ServiceStarted", after), "begin");
    });
  });
}

std::string passesItsHealthcheckBeforeTheOldOneStops(const Scene& scene, const Services& services) {
  return forEach(services, [&](const std::string& service) {
    const std::string old = scene.story.oldCopy(service);
    return order(service, scene.story.healthcheckOf(service), "healthcheck that passed",
                 old.empty() ? std::nullopt : scene.story.of("StopRequested", old), "stop of the old copy");
  });
}

std::string startsBesideTheOldOne(const Scene& scene, const Services& services) {
  return forEach(services, [&](const std::string& service) {
    const std::string old = scene.story.oldCopy(service);
    return order(service, scene.story.of("InstanceStarted", scene.story.newCopy(service)), "start",
                 old.empty() ? std::nullopt : scene.story.of("StopRequested", old), "stop of the old copy");
  });
}

std::string getsTheTrafficAfterItsHealthcheck(const Scene& scene, const Services& services) {
  return forEach(services, [&](const std::string& service) {
    return order(service, scene.story.healthcheckOf(service), "healthcheck that passed",
                 scene.story.of("TrafficSwitched", scene.story.newCopy(service)), "switch");
  });
}

std::string stopsAfterTheSwitch(const Scene& scene, const Services& services) {
  return forEach(services, [&](const std::string& service) {
    const std::string old = scene.story.oldCopy(service);
    return order(service, scene.story.of("TrafficSwitched", scene.story.newCopy(service)), "switch",
                 old.empty() ? std::nullopt : scene.story.of("StopRequested", old), "stop of the old copy");
  });
}

std::string stopsGently(const Scene& scene, const std::string& service, int graceSeconds) {
  const Json plan = scene.story.planOf(service);
  const std::string old = scene.story.oldCopy(service);
  if (textAt(plan, "stop_signal") != "SIGTERM" ||
      parseDuration(textAt(plan, "stop_grace")).value_or(0s) != std::chrono::seconds(graceSeconds))
    return service + " is stopped by " + textAt(plan, "stop_signal") + " within " +
           textAt(plan, "stop_grace");
  const Json stopped = old.empty() ? Json() : scene.story.detailOf("InstanceStopped", old);
  if (!stopped.is_object() || boolAt(stopped, "forced_kill") || integerAt(stopped, "exit_code", -1) == 137)
    return service + ": the old copy " + (stopped.is_object() ? "was killed" : "was not stopped");
  return {};
}

std::string isTheOnlyOneThatChanges(const Scene& scene, const std::string& service) {
  for (const std::string& other : scene.story.startedServices())
    if (other != service)
      return other + " was started too";
  return scene.story.startedServices().empty() ? service + " was not started" : std::string();
}

std::string leavesNoOldCopy(const Scene& scene, const std::string& service) {
  const std::string old = scene.story.oldCopy(service);
  if (old.empty() || !scene.story.of("InstanceRetired", old))
    return service + ": the old copy is still there";
  return scene.story.of("InstanceRetired", scene.story.newCopy(service)) ? service + ": the new copy is gone"
                                                                         : std::string();
}

std::string runsEndBeforeTheSwitch(const Scene& scene) {
  const auto some = scene.story.of("RunsObserved", "runner",
                                   [](const Json& detail) { return integerAt(detail, "count") > 0; });
  if (!some)
    return "no active run was seen";
  if (!memberAt(scene.result.json, "runs_lost").empty())
    return "runs were lost";
  return order("runner", scene.story.of("DrainFinished", "runner"), "end of its runs",
               scene.story.of("TrafficSwitched", scene.story.newCopy("runner")), "switch");
}

std::string takesNoNewWork(const Scene& scene, const std::string& service) {
  const auto confirmed = scene.story.of("DrainHealthObserved", service, [](const Json& detail) {
    return textAt(detail, "health") == "not serving";
  });
  const auto told = scene.story.of("DrainHookDone", service);
  if (auto problem = order(service, told, "hook", confirmed, "health NOT_SERVING"); !problem.empty())
    return problem;
  return order(service, confirmed, "health NOT_SERVING",
               scene.story.of("TrafficSwitched", scene.story.newCopy(service)), "switch");
}

std::string leavesRunsToTheReaper(const Scene& scene, int runs) {
  const auto lost = memberAt(scene.result.json, "runs_lost").size();
  if (lost != static_cast<std::size_t>(runs))
    return std::to_string(lost) + " runs were ended";
  return textAt(scene.result.json, "runs_reaped_by").empty() ? "nobody says when the reaper takes them"
                                                             : std::string();
}

std::string isKilledAtTheEndOfItsGrace(const Scene& scene, const std::string& service) {
  const std::string old = scene.story.oldCopy(service);
  const Json stopped = old.empty() ? Json() : scene.story.detailOf("InstanceStopped", old);
  if (!boolAt(stopped, "forced_kill"))
    return service + ": the old copy was not killed";
  const auto grace = parseDuration(textAt(scene.story.planOf(service), "stop_grace")).value_or(0s);
  return numberAt(stopped, "took_ms") >= seconds(grace) * 1000 ? std::string()
                                                               : service + ": it was killed too early";
}

std::string isUndone(const Scene& scene) {
  if (scene.result.exitCode != 3 || scene.resultWord() != "rolled_back")
    return "it ended as " + scene.resultWord() + ", exit " + std::to_string(scene.result.exitCode);
  return {};
}

std::string isPlanned(const Scene& scene, const std::string& service, const Json& wanted) {
  const Json plan = scene.story.planOf(service);
  for (const auto& [key, value] : wanted.items())
    if (memberAt(plan, key.c_str()) != value)
      return service + "." + key + " is " + dumpJson(memberAt(plan, key.c_str()));
  return {};
}

std::string isCheckedThroughTheRouter(const Scene& scene, const Services& services) {
  const Json checks = memberAt(memberAt(scene.story.plan(), "execution"), "verify");
  if (checks.empty() || textAt(memberAt(checks.front(), "probe"), "path") != "/health/ready")
    return "nothing is checked through the router";
  return forEach(services, [&](const std::string& service) {
    const std::string copy = scene.story.newCopy(service);
    return order(service, scene.story.of("TrafficSwitched", copy), "switch",
                 scene.story.of("VerifyPassed", copy), "check");
  });
}

std::string answersHealth(const Scene& scene, const std::string& service) {
  const std::string copy = scene.story.newCopy(service);
  const auto answered = scene.story.of("ProbeResultChanged", copy, [](const Json& detail) {
    return boolAt(detail, "passed") && textAt(detail, "detail").find("/health: 200") != std::string::npos;
  });
  return answered ? std::string() : service + ": no GET /health was answered with 200";
}

} // namespace sentences

} // namespace ratdeck
