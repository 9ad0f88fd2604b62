// Reading is lenient on purpose: a field that is missing or of another type becomes its default, and then the
// hash no longer matches, which refuses the plan as a whole.
#include "core/plan/plan.h"
#include "core/plan/plan_names.h"
#include "core/plan/plan_parts.h"
#include "core/plan/planner.h"

#include <algorithm>
#include <cmath>

namespace ratdeck {

using plan_names::nameOf;
using plan_names::valueOf;

namespace {

Json toJson(const Problem& problem) {
  return {{"severity", nameOf(problem.severity)}, {"code", problem.code},       {"service", problem.service},
          {"message", problem.message},           {"file", problem.where.file}, {"line", problem.where.line},
          {"column", problem.where.column}};
}

Json toJson(const ProbeSpec& probe) {
  Json json = {{"kind", nameOf(probe.kind)}, {"name", probe.name}, {"timeout", toGoString(probe.timeout)}};
  switch (probe.kind) {
  case ProbeKind::Exec:
    break;
  case ProbeKind::Http:
  case ProbeKind::Tcp:
  case ProbeKind::GrpcHealth:
    json["port"] = probe.port;
    break;
  }
  if (probe.kind == ProbeKind::Exec && probe.port != 0)
    json["port"] = probe.port;
  if (probe.path != "/")
    json["path"] = probe.path;
  if (probe.expectedStatus != 0)
    json["status"] = probe.expectedStatus;
  if (!probe.grpcService.empty())
    json["grpc_service"] = probe.grpcService;
  return json;
}

Json toJson(const GatePlan& gate) {
  Json probes = Json::array();
  for (const auto& probe : gate.probes)
    probes.push_back(toJson(probe));
  return {{"probes", probes},
          {"interval", toGoString(gate.interval)},
          {"passes", gate.passes},
          {"start_period", toGoString(gate.startPeriod)},
          {"worst_case", toGoString(gate.worstCase)},
          {"min_running", toGoString(gate.minRunning)}};
}

// Commands and addresses with passwords in them have no place in a plan: it has their keyed hash.
Json toJson(const DrainCall& call) {
  return call.signal.empty() ? Json{{"hash", call.hash}} : Json{{"signal", call.signal}};
}

Json toJson(const WorkCount& count) {
  Json json = {{"kind", nameOf(count.kind)}};
  switch (count.kind) {
  case CountKind::Command:
    json["hash"] = count.hash;
    break;
  case CountKind::Http:
    json["port"] = count.port;
    json["path"] = count.path;
    json["field"] = count.field;
    break;
  case CountKind::Prometheus:
    json["query"] = count.query;
    json["hash"] = count.hash;
    json.update(toJson(count.login));
    break;
  }
  return json;
}

Json toJson(const DrainPolicy& drain) {
  Json json = {{"wait_for_runs", drain.waitForRuns},
               {"deadline", toGoString(drain.deadline)},
               {"at_deadline", nameOf(drain.atDeadline)},
               {"extension", toGoString(drain.extension)}};
  if (drain.hook)
    json["hook"] = toJson(*drain.hook);
  if (drain.back)
    json["back"] = toJson(*drain.back);
  if (drain.grpc)
    json["grpc"] = {{"port", drain.grpc->port}, {"service", drain.grpc->service}};
  if (drain.count)
    json["count"] = toJson(*drain.count);
  return json;
}

Json toJson(const std::vector<PlannedCopy>& copies) {
  Json json = Json::array();
  for (const auto& copy : copies)
    json.push_back({{"id", copy.id.value}, {"number", copy.number}, {"address", copy.address}});
  return json;
}

Json toJson(const PlanInputs& inputs) {
  return {{"files", inputs.files},          {"env_files", inputs.envFiles},
          {"profiles", inputs.profiles},    {"services", inputs.services},
          {"set_images", inputs.setImages}, {"project_name", inputs.projectName}};
}

template <class T>
Json listOf(const std::vector<T>& values) {
  Json json = Json::array();
  for (const auto& value : values)
    json.push_back(toJson(value));
  return json;
}

Json executionOf(const Plan& plan) {
  Json services = Json::object();
  for (const auto& [name, service] : plan.services)
    services[name] = toJson(service);
  Json json = {{"revision", plan.revision},
               {"services", services},
               {"approvals", listOf(plan.approvals)},
               {"verify", listOf(plan.verify)},
               {"unchanged_versions", plan.unchangedVersions},
               {"on_failure_scope", nameOf(plan.onFailureScope)},
               {"unattended", plan.unattended},
               {"bake", toGoString(plan.bake)},
               {"inputs", toJson(plan.inputs)}};
  if (plan.activeRuns)
    json["active_runs"] = toJson(*plan.activeRuns);
  if (!plan.tasks.empty())
    json["tasks"] = listOf(plan.tasks);
  if (!plan.pastSchema.empty())
    json["past_schema"] = plan.pastSchema;
  if (!plan.alreadyDown.empty())
    json["already_down"] = plan.alreadyDown;
  return json;
}

} // namespace

Json toJson(const ServicePlan& service) {
  Json json = {{"wave", service.wave},
               {"action", nameOf(service.action)},
               {"from_image", service.fromImage},
               {"to_image", service.toImage},
               {"from_version", service.fromVersion},
               {"to_version", service.toVersion},
               {"from_hash", service.fromHash},
               {"to_hash", service.toHash},
               {"from_revision", service.fromRevision},
               {"old_copies", toJson(service.oldCopies)},
               {"new_copies", toJson(service.newCopies)},
               {"order", nameOf(service.order)},
               {"order_reason", service.orderReason},
               {"seconds_without", seconds(service.secondsWithout)},
               {"routed", service.isRouted},
               {"one_shot", service.isOneShot},
               {"parallelism", service.parallelism},
               {"delay", toGoString(service.delay)},
               {"monitor", toGoString(service.monitor)},
               {"keep_warm", toGoString(service.keepWarm)},
               {"max_failure_ratio", service.maxFailureRatio},
               {"failure_action", nameOf(service.failureAction)},
               {"gate", toJson(service.gate)},
               {"in_flight_deadline", toGoString(service.inFlightDeadline)},
               {"stop_grace", toGoString(service.stopGrace)},
               {"stop_signal", service.stopSignal}};
  for (const auto& analysis : service.analyses)
    json["analyses"].push_back(toJson(analysis));
  if (service.drain)
    json["drain"] = toJson(*service.drain);
  return json;
}

Json toJson(const WavePlan& wave) {
  Json json = {{"index", wave.index}, {"title", wave.title}, {"services", wave.services}};
  if (wave.handsOverPorts)
    json["hands_over_ports"] = true;
  return json;
}

Json toJson(const ApprovalSpec& approval) {
  return {{"id", approval.id},
          {"when", nameOf(approval.when)},
          {"service", approval.service},
          {"wave", approval.wave},
          {"expires", toGoString(approval.expires)}};
}

Json toJson(const VerifySpec& check) {
  return {{"service", check.service}, {"probe", toJson(check.probe)}};
}

Json toJson(const ActiveRunsSpec& runs) {
  Json json = {{"service", runs.service}, {"port", runs.port}, {"path", runs.path}};
  if (!runs.tokenEnv.empty())
    json["token_env"] = runs.tokenEnv;
  if (!runs.tokenFile.empty())
    json["token_file"] = runs.tokenFile;
  return json;
}

Json toJson(const Plan& plan) {
  Json waves = Json::array(), steps = Json::array(), excluded = Json::array(), changes = Json::array();
  for (const auto& wave : plan.waves)
    waves.push_back(toJson(wave));
  for (const auto& step : plan.steps)
    steps.push_back({{"id", step.id},
                     {"wave", step.wave},
                     {"service", step.service},
                     {"kind", nameOf(step.kind)},
                     {"title", step.title},
                     {"worst_case_s", seconds(step.worstCase)},
                     {"needs_approval", step.needsApproval}});
  for (const auto& item : plan.excluded)
    excluded.push_back({{"service", item.service}, {"reason", item.reason}});
  for (const auto& change : plan.changes)
    changes.push_back(
        {{"service", change.service}, {"from", change.from}, {"to", change.to}, {"fields", change.fields}});
  Json json = {{"format", "plan/1"},
               {"project", plan.project},
               {"runtime", plan.runtime},
               {"hash", plan.hash},
               {"waves", waves},
               {"steps", steps},
               {"unchanged", plan.unchanged},
               {"excluded", excluded},
               {"changes", changes},
               {"problems", listOf(plan.problems)},
               {"baseline", listOf(plan.baseline)},
               {"execution", executionOf(plan)}};
  if (!plan.vantage.empty())
    json["probes_from"] = plan.vantage;
  if (plan.isTry)
    json["try"] = true;
  for (const auto& check : plan.checked)
    json["preflight"].push_back({{"what", check.what}, {"seen", check.seen}});
  return json;
}

namespace {

Duration durationAt(const Json& json, const char* key, Duration fallback = 0s) {
  auto parsed = parseDuration(textAt(json, key));
  return parsed ? *parsed : fallback;
}

Duration secondsAt(const Json& json, const char* key) {
  constexpr double most = 1e9; // seconds; beyond it nothing is meant
  auto value = std::clamp(numberAt(json, key), -most, most);
  return Duration(std::isfinite(value) ? std::llround(value * 1e9) : 0);
}

std::vector<std::string> textsAt(const Json& json, const char* key) {
  std::vector<std::string> texts;
  if (const auto& list = memberAt(json, key); list.is_array())
    for (const auto& item : list)
      texts.push_back(item.is_string() ? item.get<std::string>() : std::string());
  return texts;
}

std::map<std::string, std::string> textMapAt(const Json& json, const char* key) {
  std::map<std::string, std::string> texts;
  if (const auto& object = memberAt(json, key); object.is_object())
    for (const auto& [name, value] : object.items())
      texts[name] = value.is_string() ? value.get<std::string>() : std::string();
  return texts;
}

template <class T>
std::vector<T> readList(const Json& json, const char* key, T (*read)(const Json&)) {
  std::vector<T> values;
  if (const auto& list = memberAt(json, key); list.is_array())
    for (const auto& item : list)
      values.push_back(read(item));
  return values;
}

int intAt(const Json& json, const char* key, int fallback = 0) {
  return static_cast<int>(integerAt(json, key, fallback));
}

std::uint16_t portAt(const Json& json, const char* key) {
  return static_cast<std::uint16_t>(integerAt(json, key));
}

Problem problemFrom(const Json& json) {
  return {valueOf(textAt(json, "severity"), Severity::Warning),
          textAt(json, "code"),
          textAt(json, "service"),
          textAt(json, "message"),
          {textAt(json, "file"), intAt(json, "line"), intAt(json, "column")}};
}

ProbeSpec probeFrom(const Json& json) {
  ProbeSpec probe;
  probe.kind = valueOf(textAt(json, "kind"), ProbeKind::Tcp);
  probe.name = textAt(json, "name");
  probe.port = portAt(json, "port");
  probe.path = textAt(json, "path", "/");
  probe.expectedStatus = intAt(json, "status");
  probe.grpcService = textAt(json, "grpc_service");
  probe.timeout = durationAt(json, "timeout");
  return probe;
}

PlannedCopy copyFrom(const Json& json) {
  return {InstanceId(textAt(json, "id")), intAt(json, "number"), textAt(json, "address")};
}

GatePlan gateFrom(const Json& json) {
  GatePlan gate;
  gate.probes = readList(json, "probes", probeFrom);
  gate.interval = durationAt(json, "interval");
  gate.passes = intAt(json, "passes");
  gate.startPeriod = durationAt(json, "start_period");
  gate.worstCase = durationAt(json, "worst_case");
  gate.minRunning = durationAt(json, "min_running");
  return gate;
}

std::optional<DrainCall> callFrom(const Json& json) {
  if (!json.is_object())
    return {};
  return DrainCall{{}, textAt(json, "signal"), textAt(json, "hash")};
}

WorkCount countFrom(const Json& json) {
  WorkCount count;
  count.kind = valueOf(textAt(json, "kind"), CountKind::Command);
  count.port = portAt(json, "port");
  count.path = textAt(json, "path", "/");
  count.field = textAt(json, "field");
  count.query = textAt(json, "query");
  count.login = loginFrom(json);
  count.hash = textAt(json, "hash");
  return count;
}

DrainPolicy drainFrom(const Json& json) {
  DrainPolicy drain{boolAt(json, "wait_for_runs"), durationAt(json, "deadline"),
                    valueOf(textAt(json, "at_deadline"), DeadlineAction::Wait),
                    durationAt(json, "extension")};
  drain.hook = callFrom(memberAt(json, "hook"));
  drain.back = callFrom(memberAt(json, "back"));
  if (const auto& grpc = memberAt(json, "grpc"); grpc.is_object())
    drain.grpc = DrainHealth{portAt(grpc, "port"), textAt(grpc, "service")};
  if (const auto& count = memberAt(json, "count"); count.is_object())
    drain.count = countFrom(count);
  return drain;
}

ServicePlan serviceFrom(const std::string& name, const Json& json) {
  ServicePlan service;
  service.service = name;
  service.wave = intAt(json, "wave");
  service.action = valueOf(textAt(json, "action"), PlanAction::Update);
  service.fromImage = textAt(json, "from_image");
  service.toImage = textAt(json, "to_image");
  service.fromVersion = textAt(json, "from_version");
  service.toVersion = textAt(json, "to_version");
  service.fromHash = textAt(json, "from_hash");
  service.toHash = textAt(json, "to_hash");
  service.fromRevision = intAt(json, "from_revision");
  service.oldCopies = readList(json, "old_copies", copyFrom);
  service.newCopies = readList(json, "new_copies", copyFrom);
  service.order = valueOf(textAt(json, "order"), UpdateOrder::StopFirst);
  service.orderReason = textAt(json, "order_reason");
  service.secondsWithout = secondsAt(json, "seconds_without");
  service.isRouted = boolAt(json, "routed");
  service.isOneShot = boolAt(json, "one_shot");
  service.parallelism = intAt(json, "parallelism", 1);
  service.delay = durationAt(json, "delay");
  service.monitor = durationAt(json, "monitor");
  service.keepWarm = durationAt(json, "keep_warm");
  service.maxFailureRatio = numberAt(json, "max_failure_ratio");
  service.failureAction = valueOf(textAt(json, "failure_action"), FailureAction::Rollback);
  service.analyses = readList(json, "analyses", analysisFrom);
  service.gate = gateFrom(memberAt(json, "gate"));
  if (const auto& drain = memberAt(json, "drain"); drain.is_object())
    service.drain = drainFrom(drain);
  service.inFlightDeadline = durationAt(json, "in_flight_deadline");
  service.stopGrace = durationAt(json, "stop_grace");
  service.stopSignal = textAt(json, "stop_signal");
  return service;
}

ApprovalSpec approvalFrom(const Json& json) {
  return {textAt(json, "id"), valueOf(textAt(json, "when"), ApprovalSpec::When::Before),
          textAt(json, "service"), intAt(json, "wave"), durationAt(json, "expires")};
}

VerifySpec verifyFrom(const Json& json) {
  return {textAt(json, "service"), probeFrom(memberAt(json, "probe"))};
}

WavePlan waveFrom(const Json& json) {
  return {intAt(json, "index"), textAt(json, "title"), textsAt(json, "services"),
          boolAt(json, "hands_over_ports")};
}

PlanStep stepFrom(const Json& json) {
  return {textAt(json, "id"),
          intAt(json, "wave"),
          textAt(json, "service"),
          valueOf(textAt(json, "kind"), StepKind::Hook),
          textAt(json, "title"),
          secondsAt(json, "worst_case_s"),
          boolAt(json, "needs_approval")};
}

TargetCheck checkFrom(const Json& json) {
  return {textAt(json, "what"), textAt(json, "seen")};
}

Exclusion exclusionFrom(const Json& json) {
  return {textAt(json, "service"), textAt(json, "reason")};
}

PlanChange changeFrom(const Json& json) {
  return {textAt(json, "service"), textAt(json, "from"), textAt(json, "to"), textsAt(json, "fields")};
}

void readExecution(Plan& plan, const Json& json) {
  plan.revision = intAt(json, "revision");
  if (const auto& services = memberAt(json, "services"); services.is_object())
    for (const auto& [name, service] : services.items())
      plan.services[name] = serviceFrom(name, service);
  plan.approvals = readList(json, "approvals", approvalFrom);
  plan.verify = readList(json, "verify", verifyFrom);
  if (const auto& runs = memberAt(json, "active_runs"); runs.is_object())
    plan.activeRuns = ActiveRunsSpec{textAt(runs, "service"), portAt(runs, "port"), textAt(runs, "path"),
                                     textAt(runs, "token_env"), textAt(runs, "token_file")};
  plan.unchangedVersions = textMapAt(json, "unchanged_versions");
  plan.onFailureScope = valueOf(textAt(json, "on_failure_scope"), FailureScope::Release);
  plan.unattended = boolAt(json, "unattended");
  plan.tasks = readList(json, "tasks", taskPlanFrom);
  plan.pastSchema = textsAt(json, "past_schema");
  plan.bake = durationAt(json, "bake");
  plan.alreadyDown = textsAt(json, "already_down");
  const auto& inputs = memberAt(json, "inputs");
  plan.inputs = {textsAt(inputs, "files"),        textsAt(inputs, "env_files"),
                 textsAt(inputs, "profiles"),     textsAt(inputs, "services"),
                 textMapAt(inputs, "set_images"), textAt(inputs, "project_name")};
}

} // namespace

Result<Plan> planFromJson(const Json& value) {
  auto format = textAt(value, "format");
  if (format.empty())
    return failure(ErrorKind::Input, "this is not a plan", "make one with: ratdeckctl plan --out FILE");
  if (format != "plan/1")
    return failure(ErrorKind::Input, "the plan has the format \"" + format + "\", known is \"plan/1\"",
                   "make it again with this version of ratdeckctl");
  Plan plan;
  plan.project = textAt(value, "project");
  plan.runtime = textAt(value, "runtime");
  plan.hash = textAt(value, "hash");
  plan.vantage = textAt(value, "probes_from");
  plan.isTry = boolAt(value, "try");
  plan.waves = readList(value, "waves", waveFrom);
  plan.steps = readList(value, "steps", stepFrom);
  plan.unchanged = textsAt(value, "unchanged");
  plan.excluded = readList(value, "excluded", exclusionFrom);
  plan.changes = readList(value, "changes", changeFrom);
  plan.problems = readList(value, "problems", problemFrom);
  plan.baseline = readList(value, "baseline", problemFrom);
  plan.checked = readList(value, "preflight", checkFrom);
  readExecution(plan, memberAt(value, "execution"));
  if (plan.hash.empty() || plan.hash != planHash(plan))
    return failure(ErrorKind::Input,
                   "the plan's hash does not match its content: it was changed or cut short",
                   "make it again with: ratdeckctl plan --out FILE");
  return plan;
}

} // namespace ratdeck
