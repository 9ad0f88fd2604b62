// Start-first or stop-first, and why. What is impossible wins over what is asked for; x-ratdeck wins over
// what is unwise; a written update_config has Swarm's meaning and defaults; else start-first.
#include "core/plan/draft.h"

#include <algorithm>

namespace ratdeck {

namespace {

constexpr Duration startAllowance = 2s; // creating and starting a process, beside its gate

struct Choice {
  UpdateOrder order = UpdateOrder::StartFirst;
  std::string reason;
};

Choice stopFirst(const std::string& reason) {
  return {UpdateOrder::StopFirst, reason};
}

// An address of its own on a network, or its hardware's; "" if there is none.
std::string fixedAddressOf(const ServiceSpec& spec) {
  if (auto mac = textAt(spec.normalised, "mac_address"); !mac.empty())
    return mac;
  for (const auto& [name, network] : memberAt(spec.normalised, "networks").items())
    for (const char* key : {"ipv4_address", "ipv6_address", "mac_address"})
      if (auto address = textAt(network, key); !address.empty())
        return address;
  return {};
}

bool keepsVolumesWithoutName(const Draft& draft, const std::string& service) {
  const auto& copies = draft.world().instances;
  return std::any_of(copies.begin(), copies.end(), [&](const InstanceInfo& copy) {
    return copy.service == service && copy.state == InstanceState::Running && !copy.anonymousVolumes.empty();
  });
}

Choice choiceFor(const Draft& draft, const ServiceDraft& service) {
  const auto& spec = *service.spec;
  if (service.plan.isOneShot)
    return {UpdateOrder::StartFirst, "a job: it runs once, to its end"};
  if (!spec.containerName.empty())
    return stopFirst("container_name " + spec.containerName + " is fixed: two copies cannot both have it");
  const bool handsOver = !service.handsOverPort.empty();
  const bool routerHasPorts = draft.world().routerPublishesPorts && (service.plan.isRouted || handsOver);
  if (auto port = fixedHostPortOf(spec); !port.empty() && !routerHasPorts)
    return stopFirst("host port " + port + " is fixed: two copies cannot both have it");
  if (auto address = fixedAddressOf(spec); !address.empty())
    return stopFirst("the address " + address + " is fixed: two copies cannot both have it");
  if (spec.policy.order)
    return {*spec.policy.order, "x-ratdeck.order says so"};
  if (auto mount = sharedMountOf(spec); !mount.empty())
    return stopFirst("two copies would write to " + mount);
  if (keepsVolumesWithoutName(draft, spec.name))
    return stopFirst("its data lies in a volume without a name, which two copies would share");
  if (service.isStore)
    return stopFirst("it keeps data that two copies must not share");
  if (handsOver)
    return {UpdateOrder::StartFirst, "the router takes host port " + service.handsOverPort +
                                         " over: the new copy is ready before the old one leaves"};
  if (!service.plan.isRouted)
    return stopFirst(draft.hasRouter ? "nothing routes to it: two copies might do its work twice"
                                     : "the stack has no router to move traffic from one copy to another");
  if (const auto& written = spec.updateConfig) {
    if (written->order == UpdateOrder::StartFirst)
      return {UpdateOrder::StartFirst, "deploy.update_config says so"};
    bool isWritten =
        spec.locations.count("deploy.update_config.order") != 0 ||
        !memberAt(memberAt(memberAt(spec.normalised, "deploy"), "update_config"), "order").is_null();
    return stopFirst(isWritten
                         ? "deploy.update_config says so"
                         : "deploy.update_config is written without `order`, whose default is stop-first");
  }
  return {UpdateOrder::StartFirst, "the router keeps the old copy until the new one has passed its gate"};
}

Duration timeToReplace(const ServicePlan& plan) {
  return startAllowance + plan.gate.worstCase + (plan.drain ? plan.drain->deadline : Duration(0s)) +
         plan.stopGrace;
}

// From the stop of its first copy to the router's first answer: in between come those that hand over a port
// beside it or after it.
Duration timeOfHandover(const Draft& draft, const ServicePlan& plan) {
  Duration time = plan.stopGrace;
  std::map<int, Duration> others;
  for (const auto& [name, other] : draft.services) {
    if (other.isRouter)
      time += startAllowance + other.plan.gate.worstCase;
    if (!other.handsOverPort.empty() && other.plan.wave >= plan.wave && name != plan.service)
      others[other.plan.wave] = std::max(others[other.plan.wave], timeToReplace(other.plan));
  }
  for (const auto& [wave, longest] : others)
    time += longest;
  return time;
}

// All copies are away at once only if one batch takes them all.
Duration timeWithout(const Draft& draft, const ServiceDraft& service) {
  const auto& plan = service.plan;
  if (!service.handsOverPort.empty())
    return timeOfHandover(draft, plan) +
           (plan.order == UpdateOrder::StopFirst ? startAllowance + plan.gate.worstCase : 0s);
  if (plan.order == UpdateOrder::StartFirst || plan.isOneShot)
    return 0s;
  bool isFirstStart = draft.world().isReachable && plan.oldCopies.empty();
  bool othersServe = static_cast<int>(plan.oldCopies.size()) > plan.parallelism ||
                     service.spec->replicas > static_cast<int>(plan.newCopies.size());
  if (isFirstStart || othersServe)
    return 0s;
  return plan.stopGrace + startAllowance + plan.gate.worstCase;
}

} // namespace

std::string fixedHostPortOf(const ServiceSpec& spec) {
  for (const auto& port : spec.ports) {
    auto dash = port.published.find('-');
    bool isRange =
        dash != std::string::npos && port.published.substr(0, dash) != port.published.substr(dash + 1);
    if (!port.published.empty() && port.published != "0" && !isRange)
      return (port.hostIp.empty() ? "" : port.hostIp + ":") + port.published;
  }
  return {};
}

std::string sharedMountOf(const ServiceSpec& spec) {
  auto endsWith = [](const std::string& text, std::string_view end) {
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
  };
  for (const auto& mount : spec.mounts) {
    bool isShared = (mount.type == "volume" || mount.type == "bind") && !mount.source.empty();
    bool keepsNothing = endsWith(mount.source, ".sock") || mount.source.rfind("/dev/", 0) == 0;
    if (isShared && !mount.isReadOnly && !keepsNothing)
      return (mount.type == "volume" ? "the volume " : "") + mount.source;
  }
  return {};
}

void chooseOrders(Draft& draft) {
  for (auto& [name, service] : draft.services) {
    auto choice = choiceFor(draft, service);
    auto& plan = service.plan;
    plan.order = choice.order;
    if (service.isDown && !plan.oldCopies.empty())
      choice.reason +=
          "; its old version serves nobody (already-down), so nothing is waited for that it does";
    plan.orderReason = choice.reason;
    plan.secondsWithout = timeWithout(draft, service);
    if (plan.order == UpdateOrder::StopFirst)
      plan.keepWarm = 0s;
  }
}

} // namespace ratdeck
