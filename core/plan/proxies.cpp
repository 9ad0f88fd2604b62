// Proxies that a stack brings along, and what each of them does when a service behind it has two copies. They
// are recognised and named, never driven.
#include "core/plan/draft.h"

#include <algorithm>

namespace ratdeck {

namespace {

struct Proxy {
  const char* name;
  const char* image;       // the last part of its image's name
  const char* label;       // how a service behind it begins its labels; "" = it has none
  const char* environment; // … or names a variable; ""
  const char* behaviour;
};

constexpr Proxy proxies[] = {
    {"nginx-proxy", "nginx-proxy", "", "VIRTUAL_HOST",
     "it writes its configuration again and reloads at each start and stop of a container: with two copies "
     "it "
     "sends to both, healthy or not, and what the old one has open when it stops is cut"},
    {"Traefik", "traefik", "traefik.", "",
     "it sends to every copy that Docker calls healthy, to both while there are two, and hears of a stop by "
     "an "
     "event: what the old one has open, and what arrives before the event, is lost"},
    {"Caddy", "caddy-docker-proxy", "caddy", "",
     "it reloads at each start and stop of a container: with two copies it sends to both, healthy or not, "
     "and "
     "what the old one has open when it stops is cut"},
    {"Caddy", "caddy", "", "",
     "it looks the service's name up at each request: with two copies it sends to either, and what the old "
     "one "
     "has open when it stops is cut"},
    {"nginx", "nginx", "", "",
     "it looks the service's name up when it starts and goes on sending to the old address until it is "
     "reloaded: a new copy gets nothing, and after the old one's end every request fails"},
    {"HAProxy", "haproxy", "", "",
     "it is not driven from here: unless it has `resolvers` it goes on sending to the old address until it "
     "is "
     "reloaded; name it in x-ratdeck.router to let it be driven"},
};

std::string lastPartOf(const std::string& image) {
  const std::string name = image.substr(0, image.find('@'));
  const auto slash = name.rfind('/');
  const std::string last = slash == std::string::npos ? name : name.substr(slash + 1);
  return last.substr(0, last.find(':'));
}

const ServiceSpec* serviceOf(const Draft& draft, const Proxy& proxy) {
  for (const auto& [name, service] : draft.services)
    if (lastPartOf(service.spec->image) == proxy.image && !service.isRouter)
      return service.spec;
  return nullptr;
}

bool carriesMark(const ServiceSpec& spec, const Proxy& proxy) {
  if (*proxy.environment && spec.environment.count(proxy.environment))
    return true;
  if (!*proxy.label)
    return false;
  for (const auto& [label, value] : memberAt(spec.normalised, "labels").items())
    if (label.rfind(proxy.label, 0) == 0)
      return true;
  return false;
}

// Whether it stands in front of the service: by the service's labels, else because it needs the service.
bool isInFront(const Proxy& proxy, const ServiceSpec* own, const ServiceSpec& spec) {
  if (*proxy.label || *proxy.environment)
    return carriesMark(spec, proxy); // the proxy may be of another project
  return own && own->dependsOn.count(spec.name);
}

} // namespace

void findProxies(Draft& draft) {
  for (const Proxy& proxy : proxies) {
    const ServiceSpec* own = serviceOf(draft, proxy);
    for (const auto& [name, service] : draft.services) {
      const bool isMoved = service.fate == Fate::TakesPart && service.plan.action == PlanAction::Update;
      if (!isMoved || service.plan.isRouted || service.spec == own || !isInFront(proxy, own, *service.spec))
        continue;
      draft.addProblem(Severity::Warning, "proxy-in-front", service, "",
                       std::string(proxy.name) + " stands in front of " + name + ": " + proxy.behaviour);
    }
  }
}

} // namespace ratdeck
