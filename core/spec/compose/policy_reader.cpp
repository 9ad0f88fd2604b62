#include "core/spec/compose/policy_reader.h"

#include "core/spec/compose/interpolate.h"
#include "core/spec/compose/nearest.h"
#include "core/spec/compose/values.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <set>
#include <tuple>

namespace ratdeck::compose {

namespace {

struct Field {
  const char* key;
  std::function<void(const Node&)> read;
};

// Reads values of x-ratdeck with their place in every message.
class PolicyReader {
public:
  PolicyReader(std::string path, Report& report) : m_path(std::move(path)), m_report(report) {}

  // Calls the field of each key; an unknown key is an error that names the nearest known one.
  void map(const Node& node, const std::string& name, const std::vector<Field>& fields) {
    if (!node.isMap()) {
      wrong(node, name, "a mapping");
      return;
    }
    for (const auto& entry : node.entries) {
      auto field =
          std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return entry.key == f.key; });
      if (field != fields.end()) {
        field->read(entry.value);
        continue;
      }
      std::vector<std::string> known;
      for (const auto& f : fields)
        known.emplace_back(f.key);
      std::string all;
      for (const auto& key : known)
        all += (all.empty() ? "" : ", ") + key;
      m_report.fail(entry.place, full(name) + " has no key \"" + entry.key.substr(0, 60) + "\"",
                    didYouMean(entry.key, known, "known keys: " + all));
    }
  }

  void each(const Node& node, const std::string& name, const std::function<void(const Node&)>& read) {
    if (!node.isList()) {
      wrong(node, name, "a list");
      return;
    }
    for (const auto& item : node.items)
      read(item);
  }

  std::string text(const Node& node, const std::string& name) {
    if (node.isText() && !node.text.empty())
      return node.text;
    wrong(node, name, "a text");
    return {};
  }

  std::vector<std::string> textList(const Node& node, const std::string& name) {
    std::vector<std::string> texts;
    each(node, name, [&](const Node& n) { texts.push_back(text(n, name)); });
    return texts;
  }

  bool boolean(const Node& node, const std::string& name) {
    if (node.kind == NodeKind::Boolean)
      return node.integer != 0;
    if (node.isText())
      if (auto value = parseBool(node.text))
        return *value;
    wrong(node, name, "true or false");
    return false;
  }

  double number(const Node& node, const std::string& name, double least, double most) {
    double value = node.kind == NodeKind::Integer ? static_cast<double>(node.integer) : node.number;
    bool isNumber = node.kind == NodeKind::Integer || node.kind == NodeKind::Float;
    if (node.isText()) {
      auto end = node.text.data() + node.text.size();
      auto [stop, error] = std::from_chars(node.text.data(), end, value);
      isNumber = error == std::errc() && stop == end;
    }
    if (isNumber && value >= least && value <= most)
      return value;
    wrong(node, name,
          "a number from " + scalarText(Node::ofFloat(least)) + " to " +
              std::to_string(static_cast<long long>(most)));
    return least;
  }

  int integer(const Node& node, const std::string& name, int least, int most) {
    auto value = number(node, name, least, most);
    if (!isWhole(value))
      wrong(node, name, "a whole number");
    return static_cast<int>(value);
  }

  std::uint16_t port(const Node& node, const std::string& name) {
    return static_cast<std::uint16_t>(integer(node, name, 1, 65535));
  }

  Duration duration(const Node& node, const std::string& name) {
    if (!node.isText()) {
      wrong(node, name, "a duration such as 30s");
      return {};
    }
    auto value = parseDuration(node.text);
    if (!value)
      m_report.fail(node.place, full(name) + ": " + value.error().message, value.error().next);
    else if (value->count() < 0)
      m_report.fail(node.place, full(name) + ": a duration cannot be negative: " + node.text,
                    "write it like 30s");
    else
      return *value;
    return {};
  }

  // The value that stands for one of the words.
  template <class Value>
  Value word(const Node& node, const std::string& name,
             const std::vector<std::pair<std::string, Value>>& words) {
    std::vector<std::string> known;
    for (const auto& [text, value] : words) {
      if (node.isText() && node.text == text)
        return value;
      known.push_back(text);
    }
    std::string all;
    for (const auto& text : known)
      all += (all.empty() ? "" : ", ") + text;
    auto given = node.isScalar() ? scalarText(node) : std::string(kindName(node.kind));
    m_report.fail(node.place, full(name) + ": \"" + given.substr(0, 60) + "\" is not one of " + all,
                  didYouMean(given, known, "write one of these"));
    return words.front().second;
  }

  SourceLocation placeOf(const Node& node) const { return m_report.locate(node.place); }

  void wrong(const Node& node, const std::string& name, const std::string& expected) {
    m_report.fail(node.place, full(name) + " must be " + expected + ", not a " + kindName(node.kind),
                  "see the reference of x-ratdeck");
  }
  void fail(const Node& node, const std::string& name, const std::string& message, const std::string& next) {
    m_report.fail(node.place, full(name) + ": " + message, next);
  }

  ErrorGate errorGate(const Node& node, const std::string& name) {
    ErrorGate gate;
    map(node, name,
        {{"max_ratio",
          [&](const Node& n) {
            gate.maxRatio = number(n, name + ".max_ratio", 0, 1);
          }},
         {"min_requests", [&](const Node& n) {
            gate.minRequests = integer(n, name + ".min_requests", 1, 1'000'000);
          }}});
    return gate;
  }

  ProbeSpec http(const Node& node, const std::string& name) {
    ProbeSpec probe;
    probe.kind = ProbeKind::Http;
    map(node, name,
        {{"port",
          [&](const Node& n) {
            probe.port = port(n, name + ".port");
          }},
         {"path",
          [&](const Node& n) {
            probe.path = text(n, name + ".path");
          }},
         {"status",
          [&](const Node& n) {
            probe.expectedStatus = integer(n, name + ".status", 100, 599);
          }},
         {"timeout", [&](const Node& n) {
            probe.timeout = duration(n, name + ".timeout");
          }}});
    needs(node, "port", name);
    probe.name = "GET " + probe.path;
    return probe;
  }

  ProbeSpec tcp(const Node& node, const std::string& name) {
    ProbeSpec probe;
    probe.kind = ProbeKind::Tcp;
    map(node, name,
        {{"port",
          [&](const Node& n) {
            probe.port = port(n, name + ".port");
          }},
         {"timeout", [&](const Node& n) {
            probe.timeout = duration(n, name + ".timeout");
          }}});
    needs(node, "port", name);
    probe.name = "TCP " + std::to_string(probe.port);
    return probe;
  }

  ProbeSpec grpc(const Node& node, const std::string& name) {
    ProbeSpec probe;
    probe.kind = ProbeKind::GrpcHealth;
    map(node, name,
        {{"port",
          [&](const Node& n) {
            probe.port = port(n, name + ".port");
          }},
         {"service",
          [&](const Node& n) {
            probe.grpcService = n.isText() ? n.text : text(n, name + ".service");
          }},
         {"timeout", [&](const Node& n) {
            probe.timeout = duration(n, name + ".timeout");
          }}});
    needs(node, "port", name);
    probe.name = "gRPC health" + (probe.grpcService.empty() ? "" : " " + probe.grpcService);
    return probe;
  }

  ProbeSpec exec(const Node& node, const std::string& name) {
    ProbeSpec probe;
    probe.kind = ProbeKind::Exec;
    probe.command = textList(node, name);
    if (probe.command.empty())
      wrong(node, name, "a command as a list of texts");
    probe.name = "exec " + (probe.command.empty() ? "" : probe.command.front());
    return probe;
  }

  // A mapping with exactly one of http, tcp, grpc, exec.
  std::vector<Field> probeFields(const std::string& name, std::optional<ProbeSpec>& probe) {
    return {{"http",
             [this, name, &probe](const Node& n) {
               probe = http(n, name + ".http");
             }},
            {"tcp",
             [this, name, &probe](const Node& n) {
               probe = tcp(n, name + ".tcp");
             }},
            {"grpc",
             [this, name, &probe](const Node& n) {
               probe = grpc(n, name + ".grpc");
             }},
            {"exec", [this, name, &probe](const Node& n) {
               probe = exec(n, name + ".exec");
             }}};
  }

  ProbeSpec probe(const Node& node, const std::string& name) {
    std::optional<ProbeSpec> found;
    map(node, name, probeFields(name, found));
    if (!found || node.entries.size() != 1)
      wrong(node, name, "a mapping with one of http, tcp, grpc, exec");
    return found.value_or(ProbeSpec{});
  }

  void needs(const Node& node, const char* key, const std::string& name) {
    if (node.isMap() && !node.find(key))
      m_report.fail(node.place, full(name) + " is missing \"" + key + "\"", "add " + std::string(key) + ":");
  }

private:
  std::string full(const std::string& name) const { return name.empty() ? m_path : m_path + "." + name; }

  std::string m_path;
  Report& m_report;
};

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

DrainPolicy readDrain(PolicyReader& in, const Node& node) {
  DrainPolicy drain;
  in.map(node, "drain",
         {{"wait_for_runs",
           [&](const Node& n) {
             drain.waitForRuns = in.boolean(n, "drain.wait_for_runs");
           }},
          {"deadline",
           [&](const Node& n) {
             drain.deadline = in.duration(n, "drain.deadline");
           }},
          {"extension",
           [&](const Node& n) {
             drain.extension = in.duration(n, "drain.extension");
           }},
          {"at_deadline", [&](const Node& n) {
             drain.atDeadline = in.word<DeadlineAction>(n, "drain.at_deadline",
                                                        {{"wait", DeadlineAction::Wait},
                                                         {"extend", DeadlineAction::Extend},
                                                         {"end", DeadlineAction::End},
                                                         {"undo", DeadlineAction::Undo}});
           }}});
  return drain;
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

// A list of days and of ranges of days.
std::array<bool, 7> readDays(PolicyReader& in, const Node& node) {
  std::array<bool, 7> all{};
  in.each(node, "windows.days", [&](const Node& item) {
    const auto text = in.text(item, "windows.days");
    const auto days = parseDays(text);
    if (!days && !text.empty())
      in.fail(item, "windows.days", "\"" + text.substr(0, 60) + "\" is no day of the week",
              "write mon, tue, wed, thu, fri, sat, sun, or a range such as mon-fri");
    for (std::size_t i = 0; days && i < all.size(); ++i)
      all[i] = all[i] || (*days)[i];
  });
  if (node.isList() && node.items.empty())
    in.fail(node, "windows.days", "no day is named", "leave `days` out for every day");
  return all;
}

int readClock(PolicyReader& in, const Node& node, const std::string& name) {
  const auto text = node.isText() ? node.text : std::string();
  const auto minutes = parseMinuteOfDay(text);
  if (!minutes)
    in.fail(node, name, "it is no time of day", "write it in quotes, like \"09:00\"");
  return minutes.value_or(0);
}

DeployWindow readWindow(PolicyReader& in, const Node& node) {
  DeployWindow window;
  window.where = in.placeOf(node);
  in.map(node, "windows",
         {{"days",
           [&](const Node& n) {
             window.days = readDays(in, n);
           }},
          {"from",
           [&](const Node& n) {
             window.from = readClock(in, n, "windows.from");
           }},
          {"to",
           [&](const Node& n) {
             window.to = readClock(in, n, "windows.to");
           }},
          {"timezone", [&](const Node& n) {
             window.timezone = in.text(n, "windows.timezone");
           }}});
  if (window.from == window.to || window.from == 24 * 60 || window.to == 0)
    in.fail(node, "windows", "it is never open",
            "let `to` be another time than `from`; midnight is \"24:00\"");
  return window;
}

CivilMoment readMoment(PolicyReader& in, const Node& node, const std::string& name) {
  const auto moment = parseMoment(node.isText() ? node.text : std::string());
  if (!moment)
    in.fail(node, name, "it is no date and no time on one",
            "write it like 2026-12-20, or 2026-12-20T18:00:00+01:00");
  return moment.value_or(CivilMoment{});
}

// Of two moments in the same zone; where both have an offset of their own, the schedule sees what is empty.
bool isBefore(const CivilMoment& a, const CivilMoment& b) {
  const auto of = [](const CivilMoment& moment, int none) {
    return std::tuple(moment.year, moment.month, moment.day, moment.second.value_or(none));
  };
  return of(a, 0) < of(b, 86400);
}

DeployFreeze readFreeze(PolicyReader& in, const Node& node) {
  DeployFreeze freeze;
  freeze.where = in.placeOf(node);
  in.map(node, "freezes",
         {{"from",
           [&](const Node& n) {
             freeze.from = readMoment(in, n, "freezes.from");
           }},
          {"to",
           [&](const Node& n) {
             freeze.to = readMoment(in, n, "freezes.to");
           }},
          {"timezone",
           [&](const Node& n) {
             freeze.timezone = in.text(n, "freezes.timezone");
           }},
          {"reason", [&](const Node& n) {
             freeze.reason = in.text(n, "freezes.reason");
           }}});
  in.needs(node, "from", "freezes");
  in.needs(node, "to", "freezes");
  if (node.isMap() && freeze.from.offset == freeze.to.offset && !isBefore(freeze.from, freeze.to))
    in.fail(node, "freezes", "it ends before it begins", "let `to` be later than `from`");
  return freeze;
}

} // namespace

StackPolicy readStackPolicy(const Node& model, Report& report) {
  StackPolicy policy;
  const auto* node = model.find("x-ratdeck");
  if (!node || node->isNull())
    return policy;
  PolicyReader in("x-ratdeck", report);
  ActiveRunsSpec runs;
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
             policy.errorGate = in.errorGate(n, "error_gate");
           }},
          {"active_runs",
           [&](const Node& n) {
             in.map(n, "active_runs",
                    {{"service",
                      [&](const Node& m) {
                        runs.service = in.text(m, "active_runs.service");
                      }},
                     {"port",
                      [&](const Node& m) {
                        runs.port = in.port(m, "active_runs.port");
                      }},
                     {"path", [&](const Node& m) {
                        runs.path = in.text(m, "active_runs.path");
                      }}});
             in.needs(n, "service", "active_runs");
             in.needs(n, "port", "active_runs");
             policy.activeRuns = runs;
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
             policy.errorGate = in.errorGate(n, "error_gate");
           }},
          {"sandbox", [&](const Node& n) {
             in.map(n, "sandbox", {{"plays", [&](const Node& m) {
                                      policy.sandboxPlays = in.text(m, "sandbox.plays");
                                    }}});
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
  auto check = [&](const std::string& key, const std::string& service) {
    if (service.empty() || (services && services->find(service)))
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
}

} // namespace ratdeck::compose
