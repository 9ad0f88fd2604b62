#include "core/spec/compose/policy_reader.h"

#include "core/spec/compose/analysis_reader.h"
#include "core/spec/compose/drain_reader.h"
#include "core/spec/compose/policy_values.h"
#include "core/spec/compose/schedule_reader.h"
#include "core/spec/compose/task_reader.h"

#include <algorithm>
#include <set>

namespace ratdeck::compose {

namespace {

void add(std::vector<AnalysisSpec>& analyses, std::vector<AnalysisSpec> more) {
  for (auto& analysis : more)
    analyses.push_back(std::move(analysis));
}

ApprovalSpec readApproval(PolicyReader& in, const Node& node) {
  ApprovalSpec approval;
  bool hasPlace = false;
  auto place = [&](ApprovalSpec::When when) {
    return [&, when](const Node& n) {
      if (hasPlace)
        in.fail(n, "approvals", "an approval is either before or after one place",
                "keep one of before and after");
      hasPlace = true;
      approval.when = when;
      if (n.isMap())
        in.map(n, "approvals", {{"wave", [&](const Node& w) {
                                   approval.wave = in.integer(w, "approvals.wave", 1, 1000);
                                 }}});
      else
        approval.service =
            in.text(n, when == ApprovalSpec::When::Before ? "approvals.before" : "approvals.after");
    };
  };
  in.map(node, "approvals",
         {{"id",
           [&](const Node& n) {
             approval.id = in.text(n, "approvals.id");
           }},
          {"before", place(ApprovalSpec::When::Before)},
          {"after", place(ApprovalSpec::When::After)},
          {"expires", [&](const Node& n) {
             approval.expires = in.duration(n, "approvals.expires");
           }}});
  in.needs(node, "id", "approvals");
  if (!hasPlace || (approval.service.empty() && approval.wave == 0))
    in.fail(node, "approvals", "an approval stands before or after a service or a wave",
            "add before: SERVICE, or after: {wave: 2}");
  return approval;
}

VerifySpec readVerify(PolicyReader& in, const Node& node) {
  VerifySpec verify;
  std::optional<ProbeSpec> probe;
  auto fields = in.probeFields("verify", probe);
  fields.push_back({"service", [&](const Node& n) {
                      verify.service = in.text(n, "verify.service");
                    }});
  in.map(node, "verify", fields);
  in.needs(node, "service", "verify");
  if (!probe)
    in.wrong(node, "verify", "a mapping with service and one of http, tcp, grpc, exec");
  verify.probe = probe.value_or(ProbeSpec{});
  return verify;
}

std::vector<RouteSpec> readRoutes(PolicyReader& in, const Node& node) {
  std::vector<RouteSpec> routes;
  if (node.isScalar()) {
    if (in.boolean(node, "route"))
      in.fail(node, "route", "true says no port", "write a list of ports, or false for none");
    return routes;
  }
  in.each(node, "route", [&](const Node& item) {
    RouteSpec route;
    in.map(item, "route",
           {{"port",
             [&](const Node& n) {
               route.port = in.port(n, "route.port");
             }},
            {"protocol", [&](const Node& n) {
               route.protocol = in.word<RouteProtocol>(
                   n, "route.protocol",
                   {{"http", RouteProtocol::Http}, {"h2", RouteProtocol::H2}, {"tcp", RouteProtocol::Tcp}});
             }}});
    in.needs(item, "port", "route");
    routes.push_back(route);
  });
  return routes;
}

void readServiceApprovals(PolicyReader& in, const std::string& name, const Node& node, StackPolicy& stack) {
  Duration expires = ApprovalSpec{}.expires;
  std::vector<ApprovalSpec> found;
  auto add = [&](ApprovalSpec::When when, const char* key) {
    return [&, when, key](const Node& n) {
      ApprovalSpec approval;
      approval.id = in.text(n, std::string("approve.") + key);
      approval.when = when;
      approval.service = name;
      found.push_back(approval);
    };
  };
  in.map(node, "approve",
         {{"before", add(ApprovalSpec::When::Before, "before")},
          {"after", add(ApprovalSpec::When::After, "after")},
          {"expires", [&](const Node& n) {
             expires = in.duration(n, "approve.expires");
           }}});
  for (auto& approval : found) {
    approval.expires = expires;
    stack.approvals.push_back(approval);
  }
}

} // namespace

StackPolicy readStackPolicy(const Node& model, Report& report) {
  StackPolicy policy;
  const auto* node = model.find("x-ratdeck");
  if (!node || node->isNull())
    return policy;
  PolicyReader in("x-ratdeck", report);
  in.map(*node, "",
         {{"tiers",
           [&](const Node& n) {
             policy.tiers =
                 in.word<TierMode>(n, "tiers", {{"strict", TierMode::Strict}, {"loose", TierMode::Loose}});
           }},
          {"tier_names",
           [&](const Node& n) {
             policy.tierNames = in.textList(n, "tier_names");
           }},
          {"router",
           [&](const Node& n) {
             policy.routerService = in.text(n, "router");
           }},
          {"on_failure_scope",
           [&](const Node& n) {
             policy.onFailureScope = in.word<FailureScope>(
                 n, "on_failure_scope",
                 {{"release", FailureScope::Release}, {"service", FailureScope::Service}});
           }},
          {"monitor",
           [&](const Node& n) {
             policy.monitor = in.duration(n, "monitor");
           }},
          {"keep_warm",
           [&](const Node& n) {
             policy.keepWarm = in.duration(n, "keep_warm");
           }},
          {"bake",
           [&](const Node& n) {
             policy.bake = in.duration(n, "bake");
           }},
          {"unattended",
           [&](const Node& n) {
             policy.unattended = in.boolean(n, "unattended");
           }},
          {"error_gate",
           [&](const Node& n) {
             add(policy.analyses, readErrorGates(in, n));
           }},
          {"latency_gate",
           [&](const Node& n) {
             add(policy.analyses, readLatencyGates(in, n));
           }},
          {"active_runs",
           [&](const Node& n) {
             policy.activeRuns = readActiveRuns(in, n);
           }},
          {"verify",
           [&](const Node& n) {
             in.each(n, "verify", [&](const Node& item) { policy.verify.push_back(readVerify(in, item)); });
           }},
          {"approvals",
           [&](const Node& n) {
             in.each(n, "approvals",
                     [&](const Node& item) { policy.approvals.push_back(readApproval(in, item)); });
           }},
          {"hooks",
           [&](const Node& n) {
             readHooks(in, n, "", policy.tasks);
           }},
          {"migrations",
           [&](const Node& n) {
             readMigrations(in, n, policy.tasks);
           }},
          {"schema",
           [&](const Node& n) {
             readSchema(in, n, policy.tasks);
           }},
          {"windows",
           [&](const Node& n) {
             in.each(n, "windows", [&](const Node& item) { policy.windows.push_back(readWindow(in, item)); });
           }},
          {"freezes", [&](const Node& n) {
             in.each(n, "freezes", [&](const Node& item) { policy.freezes.push_back(readFreeze(in, item)); });
           }}});
  return policy;
}

ServicePolicy readServicePolicy(const std::string& name, const Node& service, StackPolicy& stack,
                                Report& report) {
  ServicePolicy policy;
  const auto* node = service.find("x-ratdeck");
  if (!node || node->isNull())
    return policy;
  PolicyReader in("services." + name + ".x-ratdeck", report);
  auto tier = [&](const Node& n) {
    policy.tier = in.text(n, "tier");
    if (std::find(stack.tierNames.begin(), stack.tierNames.end(), *policy.tier) == stack.tierNames.end())
      in.fail(n, "tier", "\"" + *policy.tier + "\" is not one of the tiers",
              didYouMean(*policy.tier, stack.tierNames, "name it in the top-level tier_names"));
  };
  in.map(*node, "",
         {{"tier", tier},
          {"order",
           [&](const Node& n) {
             policy.order = in.word<UpdateOrder>(
                 n, "order",
                 {{"start-first", UpdateOrder::StartFirst}, {"stop-first", UpdateOrder::StopFirst}});
           }},
          {"route",
           [&](const Node& n) {
             policy.route = readRoutes(in, n);
           }},
          {"ready",
           [&](const Node& n) {
             in.each(n, "ready", [&](const Node& item) { policy.ready.push_back(in.probe(item, "ready")); });
           }},
          {"drain",
           [&](const Node& n) {
             policy.drain = readDrain(in, n);
           }},
          {"approve",
           [&](const Node& n) {
             readServiceApprovals(in, name, n, stack);
           }},
          {"monitor",
           [&](const Node& n) {
             policy.monitor = in.duration(n, "monitor");
           }},
          {"keep_warm",
           [&](const Node& n) {
             policy.keepWarm = in.duration(n, "keep_warm");
           }},
          {"error_gate",
           [&](const Node& n) {
             add(policy.analyses, readErrorGates(in, n));
           }},
          {"latency_gate",
           [&](const Node& n) {
             add(policy.analyses, readLatencyGates(in, n));
           }},
          {"sandbox",
           [&](const Node& n) {
             in.map(n, "sandbox",
                    {{"plays",
                      [&](const Node& m) {
                        policy.sandboxPlays = in.text(m, "sandbox.plays");
                      }},
                     {"runs_commands", [&](const Node& m) {
                        policy.sandboxRunsCommands = in.boolean(m, "sandbox.runs_commands");
                      }}});
           }},
          {"hooks", [&](const Node& n) {
             readHooks(in, n, name, stack.tasks);
           }}});
  return policy;
}

void checkPolicy(const Node& model, const StackPolicy& policy, Report& report) {
  const auto* node = model.find("x-ratdeck");
  const auto* services = model.find("services");
  std::vector<std::string> known;
  if (services)
    for (const auto& entry : services->entries)
      known.push_back(entry.key);
  auto place = node ? node->place : Place{};
  const auto isKnown = [&](const std::string& service) {
    return service.empty() || (services && services->find(service));
  };
  auto check = [&](const std::string& key, const std::string& service) {
    if (isKnown(service))
      return;
    const auto* at = node ? node->find(key) : nullptr;
    report.fail(at ? at->place : place,
                "x-ratdeck." + key + " names the undefined service \"" + service + "\"",
                didYouMean(service, known, "name a service of the file"));
  };
  check("router", policy.routerService);
  if (policy.activeRuns)
    check("active_runs", policy.activeRuns->service);
  for (const auto& verify : policy.verify)
    check("verify", verify.service);
  std::set<std::string> ids;
  for (const auto& approval : policy.approvals) {
    check("approvals", approval.service);
    if (!ids.insert(approval.id).second)
      report.fail(place, "two approvals have the id \"" + approval.id + "\"", "give each its own id");
  }
  std::set<std::string> tasks;
  for (const auto& task : policy.tasks) {
    const auto at = std::string(task.kind == TaskSpec::Kind::Hook        ? "hooks"
                                : task.kind == TaskSpec::Kind::Migration ? "migrations"
                                                                         : "schema");
    const auto fail = [&](const std::string& message, const std::string& next) {
      report.fail({ErrorKind::Input, message, next, task.location});
    };
    const auto checkTask = [&](const std::string& service) {
      if (!isKnown(service))
        fail("x-ratdeck." + at + " names the undefined service \"" + service + "\"",
             didYouMean(service, known, "name a service of the file"));
    };
    checkTask(task.service);
    for (const auto* command : {&task.up, &task.down, &task.status})
      if (*command)
        checkTask((*command)->service);
    if (!tasks.insert(task.id).second)
      fail("two tasks have the id \"" + task.id + "\"", "give each hook and migration its own");
    if (!task.approval.empty() && !ids.insert(task.approval).second)
      fail("two approvals have the id \"" + task.approval + "\"", "give each its own id");
  }
}

} // namespace ratdeck::compose
