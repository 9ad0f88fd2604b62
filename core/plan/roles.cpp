// Who is what: infrastructure, router, tier. Known by the image's name, by RAT's service names and by what
// depends on what; x-ratdeck always wins.
#include "core/plan/draft.h"

#include <algorithm>
#include <cctype>
#include <functional>

namespace ratdeck {

namespace {

// Images that keep data or order it: two copies of one must not run on a whim.
const std::set<std::string>& storeImages() {
  static const std::set<std::string> names = {
      // databases
      "postgres", "postgresql", "postgis", "pgvector", "timescaledb", "timescaledb-ha", "mysql",
      "mysql-server", "mariadb", "mongo", "mongodb", "cassandra", "scylla", "cockroach", "clickhouse-server",
      "clickhouse", "influxdb", "couchdb", "couchbase", "neo4j", "elasticsearch", "opensearch", "oracle-xe",
      "surrealdb", "arangodb", "dgraph", "questdb", "victoria-metrics", "qdrant", "weaviate", "milvus",
      "meilisearch", "typesense", "solr", "rethinkdb", "mssql", "etcd", "consul", "vault", "zookeeper",
      "cp-zookeeper", "dynamodb-local", "libsql-server",
      // caches and queues
      "redis", "redis-stack", "redis-stack-server", "valkey", "keydb", "dragonfly", "memcached", "rabbitmq",
      "kafka", "cp-kafka", "redpanda", "nats", "nats-streaming", "pulsar", "activemq", "artemis",
      "eventstore", "mosquitto", "nsq",
      // object stores and catalogs
      "minio", "seaweedfs", "garage", "nessie", "polaris", "hive-metastore", "lakekeeper", "unitycatalog"};
  return names;
}

std::string baseNameOf(const std::string& image) {
  auto name = image.substr(0, image.find('@'));
  auto slash = name.rfind('/');
  auto base = slash == std::string::npos ? name : name.substr(slash + 1);
  base = base.substr(0, base.find(':'));
  if (base == "server" && slash != std::string::npos) { // mssql/server
    auto parent = name.substr(0, slash);
    base = parent.substr(parent.rfind('/') == std::string::npos ? 0 : parent.rfind('/') + 1);
  }
  std::transform(base.begin(), base.end(), base.begin(), [](unsigned char c) { return std::tolower(c); });
  return base;
}

bool isKnownStore(const ServiceSpec& spec) {
  return storeImages().count(spec.image.empty() ? spec.name : baseNameOf(spec.image)) != 0;
}

std::string ratTierOf(const std::string& service) {
  if (service == "ratq")
    return "query";
  if (service == "runner")
    return "runner";
  if (service == "ratd")
    return "gateway";
  return service == "portal" ? "frontend" : "plugins";
}

bool isRatName(const std::string& service) {
  return ratTierOf(service) != "plugins";
}

int tierIndexOf(const StackPolicy& policy, const std::string& name) {
  auto found = std::find(policy.tierNames.begin(), policy.tierNames.end(), name);
  return found == policy.tierNames.end() ? -1 : static_cast<int>(found - policy.tierNames.begin());
}

std::map<std::string, std::vector<std::string>> dependentsOf(const StackSpec& stack) {
  std::map<std::string, std::vector<std::string>> dependents;
  for (const auto& [name, spec] : stack.services)
    for (const auto& [needed, how] : spec.dependsOn)
      dependents[needed].push_back(name);
  return dependents;
}

// Init jobs of stores, and what only stores and their jobs depend upon; until nothing is added.
std::set<std::string> spreadInfrastructure(const Draft& draft, std::set<std::string> found) {
  auto dependents = dependentsOf(draft.stack());
  auto isIn = [&](const std::string& name) {
    return found.count(name) != 0;
  };
  for (bool grew = true; grew;) {
    grew = false;
    for (const auto& [name, spec] : draft.stack().services) {
      if (isIn(name) || spec.policy.tier || name == draft.stack().policy.routerService ||
          (draft.isRat && isRatName(name)))
        continue;
      bool isInitJob = spec.isOneShot && !spec.dependsOn.empty() &&
                       std::all_of(spec.dependsOn.begin(), spec.dependsOn.end(),
                                   [&](const auto& needed) { return isIn(needed.first); });
      const auto& users = dependents[name];
      bool onlyTheyNeedIt = !users.empty() && std::all_of(users.begin(), users.end(), isIn);
      if (isInitJob || onlyTheyNeedIt)
        grew = found.insert(name).second || grew;
    }
  }
  return found;
}

void findInfrastructure(Draft& draft) {
  std::set<std::string> stores;
  const auto& policy = draft.stack().policy;
  for (auto& [name, service] : draft.services) {
    service.isStore = isKnownStore(*service.spec);
    service.isRouter = !policy.routerService.empty() && name == policy.routerService;
    bool saysSo = service.spec->policy.tier == "infrastructure";
    if (saysSo || (service.isStore && !service.spec->policy.tier))
      stores.insert(name);
  }
  for (const auto& name : spreadInfrastructure(draft, stores))
    draft.services.at(name).isInfrastructure = true;
}

// In a RAT stack a job belongs before the first service that needs it.
std::string tierOfJob(const Draft& draft, const std::string& name) {
  std::string tier = "plugins";
  for (const auto& [user, spec] : draft.stack().services) {
    if (!spec.dependsOn.count(name) || spec.isOneShot)
      continue;
    auto candidate = spec.policy.tier.value_or(ratTierOf(user));
    if (tierIndexOf(draft.stack().policy, candidate) < tierIndexOf(draft.stack().policy, tier))
      tier = candidate;
  }
  return tier;
}

// Where no name tells: after everything it depends on, and after infrastructure.
int tierByDependencies(const Draft& draft, const std::string& name, std::map<std::string, int>& known,
                       int depth) {
  if (auto it = known.find(name); it != known.end())
    return it->second;
  const auto& service = draft.services.at(name);
  const auto& policy = draft.stack().policy;
  int last = std::max(0, static_cast<int>(policy.tierNames.size()) - 1);
  if (service.spec->policy.tier)
    return known[name] = std::max(0, tierIndexOf(policy, *service.spec->policy.tier));
  if (service.isInfrastructure || service.isRouter)
    return known[name] = std::max(0, tierIndexOf(policy, "infrastructure"));
  int tier = std::min(1, last);
  known[name] = tier; // a cycle, which the loader refuses, ends here
  if (depth < 1000)
    for (const auto& [needed, how] : service.spec->dependsOn)
      if (draft.services.count(needed))
        tier = std::max(tier, tierByDependencies(draft, needed, known, depth + 1));
  return known[name] = tier;
}

void assignTiers(Draft& draft) {
  const auto& policy = draft.stack().policy;
  std::map<std::string, int> known;
  for (auto& [name, service] : draft.services) {
    std::string title;
    if (service.spec->policy.tier)
      title = *service.spec->policy.tier;
    else if (service.isInfrastructure || service.isRouter)
      title = "infrastructure";
    else if (draft.isRat)
      title = service.spec->isOneShot ? tierOfJob(draft, name) : ratTierOf(name);
    int index = title.empty() ? -1 : tierIndexOf(policy, title);
    service.tier = index >= 0 ? index : tierByDependencies(draft, name, known, 0);
    service.tierTitle = index >= 0 ? title : "";
  }
}

// What a RAT stack is known to answer; x-ratdeck says otherwise where it says anything.
void assignRatDefaults(Draft& draft) {
  const auto& policy = draft.stack().policy;
  draft.activeRuns = policy.activeRuns;
  draft.verify = policy.verify;
  for (auto& check : draft.verify)
    if (check.probe.name.empty())
      check.probe.name = "GET " + check.probe.path;
  if (!draft.isRat)
    return;
  auto ports = portsOf(draft.stack().services.at("ratd"));
  std::uint16_t port = ports.empty() ? 8080 : ports.front();
  if (!draft.activeRuns)
    draft.activeRuns = ActiveRunsSpec{"ratd", port, "/api/v1/runs"};
  if (!draft.verify.empty() || !draft.hasRouter)
    return;
  ProbeSpec ready;
  ready.kind = ProbeKind::Http;
  ready.name = "GET /health/ready";
  ready.port = port;
  ready.path = "/health/ready";
  ready.expectedStatus = 200;
  draft.verify.push_back({"ratd", ready});
}

} // namespace

std::vector<std::uint16_t> portsOf(const ServiceSpec& spec) {
  std::vector<std::uint16_t> ports;
  auto add = [&](std::uint16_t port) {
    if (port != 0 && std::find(ports.begin(), ports.end(), port) == ports.end())
      ports.push_back(port);
  };
  if (spec.policy.route) {
    for (const auto& route : *spec.policy.route)
      add(route.port);
    return ports;
  }
  for (const auto& mapping : spec.ports)
    if (mapping.protocol != "udp")
      add(mapping.target);
  for (auto port : spec.expose)
    add(port);
  return ports;
}

void assignRoles(Draft& draft) {
  const auto& stack = draft.stack();
  draft.isRat = stack.services.count("ratd") != 0;
  bool asksForRouting = std::any_of(stack.services.begin(), stack.services.end(), [](const auto& entry) {
    return entry.second.policy.route && !entry.second.policy.route->empty();
  });
  draft.hasRouter = draft.world().hasRouter || !stack.policy.routerService.empty() ||
                    (!draft.world().isReachable && asksForRouting);
  for (const auto& [name, spec] : stack.services)
    draft.services[name].spec = &spec;
  findInfrastructure(draft);
  assignTiers(draft);
  assignRatDefaults(draft);
}

} // namespace ratdeck
