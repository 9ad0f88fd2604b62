// What a person should know of the stack as a whole before the first change: what the target knows, ports
// that go over to a router, services that live in others.
#include "core/plan/draft.h"

#include "core/base/wording.h"

#include <algorithm>

namespace ratdeck {

namespace {

Severity severityOf(TargetFinding::Weight weight) {
  switch (weight) {
  case TargetFinding::Weight::Blocks:
    return Severity::Error;
  case TargetFinding::Weight::Warns:
    return Severity::Warning;
  case TargetFinding::Weight::Notes:
    return Severity::Info;
  }
  return Severity::Warning;
}

// What the target itself knows against it.
void addFindings(Draft& draft) {
  const bool changes = draft.changesAnything();
  for (const auto& finding : draft.world().findings) {
    const auto service = draft.services.find(finding.service);
    const bool takesPart = service != draft.services.end() && service->second.fate == Fate::TakesPart;
    if (finding.service.empty() ? changes : takesPart)
      draft.problems.push_back(
          {severityOf(finding.weight), finding.code, finding.service, finding.message, finding.where});
  }
}

// The service whose namespace this one lives in; "" = none.
std::string hostOf(const ServiceSpec& spec, std::string& key) {
  constexpr std::string_view prefix = "service:";
  for (const char* name : {"network_mode", "ipc", "pid"}) {
    key = name;
    if (const auto text = textAt(spec.normalised, name); text.starts_with(prefix))
      return text.substr(prefix.size());
  }
  return {};
}

// It would stay in what the old copy had, and lose it with that copy.
void checkGuests(Draft& draft) {
  for (const auto& [name, service] : draft.services) {
    std::string key;
    const auto host = draft.services.find(hostOf(*service.spec, key));
    if (host == draft.services.end() || !service.runs || service.fate == Fate::TakesPart ||
        host->second.fate != Fate::TakesPart || host->second.plan.oldCopies.empty())
      continue;
    draft.addProblem(Severity::Warning, "left-behind", service, key,
                     name + " lives in the " + (key == "network_mode" ? "network" : key) +
                         " of the copy of " + host->first +
                         " that is replaced, and is cut off when that one goes; change something of " + name +
                         " too (a label will do), so that it is started anew beside the new one");
  }
}

// The router would find the port of a holder that stays as it is taken.
void checkHandover(Draft& draft) {
  const bool isRouterStarted =
      std::any_of(draft.services.begin(), draft.services.end(), [](const auto& entry) {
        return entry.second.isRouter && entry.second.fate == Fate::TakesPart;
      });
  for (const auto& [name, service] : draft.services)
    if (isRouterStarted && !service.handsOverPort.empty() && service.fate != Fate::TakesPart)
      draft.addProblem(Severity::Error, "router-port-taken", service, "ports",
                       "the router is to answer on host port " + service.handsOverPort + ", which " + name +
                           " holds, and " + name + " stays as it is here; name it (--service " + name +
                           "), or keep its port to it: x-ratdeck: { route: false }");
}

// Nobody is to be waited for while ports are closed.
void checkApprovalsInHandover(Draft& draft) {
  int first = 0, last = 0;
  for (const auto& wave : draft.waves)
    if (wave.handsOverPorts) {
      first = first == 0 ? wave.index : first;
      last = wave.index;
    }
  for (const auto& approval : draft.stack().policy.approvals) {
    const auto service = draft.services.find(approval.service);
    const bool takesPart = service != draft.services.end() && service->second.fate == Fate::TakesPart;
    const int wave = approval.service.empty() ? approval.wave : takesPart ? service->second.plan.wave : 0;
    const bool isAfter = approval.when == ApprovalSpec::When::After;
    if (first > 0 && (isAfter ? wave >= first && wave <= last : wave > first && wave <= last + 1))
      draft.problems.push_back({Severity::Error,
                                "approval-in-handover",
                                approval.service,
                                "host ports are closed from wave " + std::to_string(first) +
                                    " to the router's, wave " + std::to_string(last + 1) +
                                    ", and an approval would be waited for in between; put it before wave " +
                                    std::to_string(first) + " or after wave " + std::to_string(last + 1),
                                {}});
  }
}

// A mistyped name would start the whole stack a second time.
void checkProject(Draft& draft) {
  const auto& others = draft.world().otherProjects;
  if (!draft.world().instances.empty() || !others || others->empty() || !draft.changesAnything())
    return;
  draft.problems.push_back({Severity::Warning,
                            "new-project",
                            "",
                            "no container of the project " + draft.stack().project +
                                " is here, beside those that run: " + listed(*others) +
                                "; if one of them was meant, name it with -p",
                            {}});
}

} // namespace

void findStackProblems(Draft& draft) {
  if (!draft.world().isReachable)
    draft.problems.push_back(
        {Severity::Warning,
         "no-runtime",
         "",
         "no runtime was reached: this plan compares with nothing and starts everything; name one "
         "with --runtime, or start the sandbox with: ratdeckctl sandbox up",
         {}});
  addFindings(draft);
  checkProject(draft);
  findRuns(draft);
  findProxies(draft);
  checkHandover(draft);
  checkGuests(draft);
  checkApprovalsInHandover(draft);
}

} // namespace ratdeck
