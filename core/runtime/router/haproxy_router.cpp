#include "core/runtime/router/haproxy_router.h"

namespace ratdeck {

namespace {

constexpr Duration removalPatience = 2s;

} // namespace

HaproxyRouter::HaproxyRouter(RoutingTable table, const RouterEndpoints& endpoints,
                             std::unique_ptr<ConfigSink> sink)
    : m_table(std::move(table)), m_sink(std::move(sink)),
      m_ops(endpoints.commands ? HaproxyRouterOps(endpoints.commands) : HaproxyRouterOps(endpoints.stats)),
      m_keeper(m_ops, *m_sink, haproxyConfigOf(m_table, endpoints)) {}

void HaproxyRouter::change(const std::string& service, std::vector<Step> steps, Callback<Done> done) {
  if (!routes(service))
    return m_outbox.post([service, done = std::move(done)] {
      done(failure(ErrorKind::NotFound, "nothing routes to service " + service,
                   "give it ports, expose or x-ratdeck: route"));
    });
  m_keeper.ensure([this, steps = std::move(steps), done = std::move(done)](Result<Done> ensured) {
    if (!ensured)
      return done(std::move(ensured));
    runSteps(steps, [this, done](Result<Done> changed) {
      if (!changed && changed.error().kind == ErrorKind::Unreachable) {
        m_keeper.forget();
        return done(std::move(changed));
      }
      // What was changed before a failure is written too.
      rewrite([done, changed](const Result<Done>&) { done(changed); });
    });
  });
}

void HaproxyRouter::rewrite(Callback<Done> done) {
  m_keeper.rewrite([this, done = std::move(done)](Result<Done> written) {
    m_configProblem = written ? std::nullopt : std::optional(written.error());
    done(std::move(written));
  });
}

// While the file is behind, a router that dies comes back with the copies of before. Nothing new is begun
// then; what takes traffic off a copy or gives it back goes on.
void HaproxyRouter::catchUp(Callback<Done> done) {
  if (!m_configProblem)
    return done(Done{});
  rewrite([done = std::move(done)](Result<Done> written) {
    if (written)
      return done(Done{});
    done(failure(written.error().kind,
                 "the router's configuration file is behind: " + written.error().message,
                 "make room for it, and see what the router's host says"));
  });
}

std::vector<Step> HaproxyRouter::joinSteps(const std::string& service, const InstanceId& id,
                                           const std::string& address) {
  std::vector<Step> steps;
  const auto ports = m_table.find(service);
  if (ports == m_table.end())
    return steps;
  for (const RoutedPort& port : ports->second)
    steps.push_back([this, port, id, address](Callback<Done> done) {
      HaproxyServerOptions options;
      options.isH2 = port.protocol == RouteProtocol::H2;
      m_ops.addServer({port.backend, id.value}, address + ':' + std::to_string(port.port), options,
                      [port, done = std::move(done)](Result<Done> added) {
                        if (!added && added.error().kind == ErrorKind::NotFound)
                          return done(failure(ErrorKind::Refused,
                                              "the router runs without backend " + port.backend,
                                              "look at the router's own output"));
                        done(std::move(added));
                      });
    });
  for (const RoutedPort& port : ports->second)
    steps.push_back([this, port, id](Callback<Done> done) {
      m_ops.enableServer({port.backend, id.value}, std::move(done));
    });
  return steps;
}

// As they are once they have joined.
std::vector<HaproxyServerState> HaproxyRouter::serversOf(const std::string& service, const InstanceId& id,
                                                         const std::string& address) const {
  std::vector<HaproxyServerState> servers;
  const auto ports = m_table.find(service);
  if (ports == m_table.end())
    return servers;
  for (const RoutedPort& port : ports->second) {
    HaproxyServerState server;
    server.backend = port.backend;
    server.server = id.value;
    server.address = address;
    server.port = port.port;
    servers.push_back(std::move(server));
  }
  return servers;
}

void HaproxyRouter::join(const std::string& service, const InstanceId& id, const std::string& address,
                         Callback<Done> done) {
  std::vector<Step> steps = joinSteps(service, id, address);
  steps.insert(steps.begin(), [this, coming = serversOf(service, id, address)](Callback<Done> answer) {
    catchUp([this, coming, answer = std::move(answer)](Result<Done> caughtUp) {
      if (caughtUp)
        m_keeper.writeAhead(coming);
      answer(std::move(caughtUp));
    });
  });
  change(service, std::move(steps), std::move(done));
}

void HaproxyRouter::drain(const std::string& service, const InstanceId& id, Callback<Done> done) {
  std::vector<Step> steps;
  if (const auto ports = m_table.find(service); ports != m_table.end())
    for (const RoutedPort& port : ports->second)
      steps.push_back([this, port, id](Callback<Done> answer) {
        m_ops.drainServer({port.backend, id.value}, std::move(answer));
      });
  change(service, std::move(steps), std::move(done));
}

void HaproxyRouter::giveBack(const std::string& service, const InstanceId& id, const std::string& address,
                             Callback<Done> done) {
  std::vector<Step> steps;
  if (const auto ports = m_table.find(service); ports != m_table.end())
    for (const RoutedPort& port : ports->second)
      steps.push_back([this, port, id](Callback<Done> answer) {
        m_ops.readyServer({port.backend, id.value}, [answer = std::move(answer)](Result<Done> ready) {
          const bool isGone = !ready && ready.error().kind == ErrorKind::NotFound;
          answer(isGone ? Result<Done>(Done{}) : std::move(ready));
        });
      });
  // Those that are gone are added anew; for the others this changes nothing.
  for (Step& step : joinSteps(service, id, address))
    steps.push_back(std::move(step));
  change(service, std::move(steps), std::move(done));
}

void HaproxyRouter::leave(const std::string& service, const InstanceId& id, Callback<Done> done) {
  std::vector<Step> steps;
  if (const auto ports = m_table.find(service); ports != m_table.end())
    for (const RoutedPort& port : ports->second)
      steps.push_back([this, port, id](Callback<Done> answer) {
        m_ops.removeServer({port.backend, id.value}, {removalPatience, true}, std::move(answer));
      });
  change(service, std::move(steps), std::move(done));
}

void HaproxyRouter::sample(Callback<std::vector<RouterSample>> done) {
  m_keeper.ensure([this, done = std::move(done)](Result<Done> ensured) {
    if (!ensured)
      return done(failure(ensured.error()));
    look([this, done](Result<std::vector<RouterSample>> samples) {
      if (!samples && samples.error().kind == ErrorKind::Unreachable)
        m_keeper.forget();
      done(std::move(samples));
    });
  });
}

void HaproxyRouter::look(Callback<std::vector<RouterSample>> done) {
  m_ops.sample({}, [this, done = std::move(done)](Result<std::vector<HaproxyStat>> rows) {
    if (!rows)
      return done(failure(rows.error()));
    done(routerSamples(m_table, *rows));
  });
}

void HaproxyRouter::reachAt(const std::string& host) {
  for (auto& [service, ports] : m_table)
    for (RoutedPort& port : ports)
      port.frontend = host.empty() ? std::string() : host + ':' + std::to_string(port.port);
}

Result<std::string> HaproxyRouter::startingConfig(const std::vector<InstanceInfo>& copies) const {
  std::vector<HaproxyServerState> servers;
  for (const InstanceInfo& copy : copies) {
    if (copy.state != InstanceState::Running || copy.address.empty())
      continue;
    for (auto& server : serversOf(copy.service, copy.id, copy.address))
      servers.push_back(std::move(server));
  }
  return m_keeper.textWith(servers);
}

std::string HaproxyRouter::frontendOf(const std::string& service, std::uint16_t port) const {
  const auto ports = m_table.find(service);
  if (ports == m_table.end())
    return {};
  for (const RoutedPort& routed : ports->second)
    if (routed.port == port)
      return routed.frontend;
  return {};
}

} // namespace ratdeck
