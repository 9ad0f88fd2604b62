#include "core/runtime/router/config_keeper.h"

#include <algorithm>
#include <set>
#include <sstream>
#include <utility>

namespace ratdeck {

namespace {

constexpr Duration startPatience = 5s;
constexpr Duration reloadPatience = 1s;
constexpr Duration lookInterval = 20ms;

HaproxyMode modeOf(RouteProtocol protocol) {
  switch (protocol) {
  case RouteProtocol::Http:
    return HaproxyMode::Http;
  case RouteProtocol::H2:
    return HaproxyMode::H2;
  case RouteProtocol::Tcp:
    return HaproxyMode::Tcp;
  }
  return HaproxyMode::Tcp;
}

std::string skeletonOf(const std::string& text) {
  std::istringstream lines(text);
  std::string skeleton;
  for (std::string line; std::getline(lines, line);)
    if (!line.starts_with("  server "))
      skeleton += line + '\n';
  return skeleton;
}

} // namespace

HaproxyConfig haproxyConfigOf(const RoutingTable& table, const RouterEndpoints& endpoints) {
  HaproxyConfig config;
  config.statsSocket = endpoints.statsInside;
  config.healthBind = endpoints.health;
  config.socketMode = endpoints.socketMode;
  for (const auto& [service, ports] : table)
    for (const RoutedPort& port : ports) {
      HaproxyBackend backend;
      backend.name = port.backend;
      backend.binds = {port.bind};
      backend.mode = modeOf(port.protocol);
      config.backends.push_back(std::move(backend));
    }
  return config;
}

bool hasSameSkeleton(const std::string& one, const std::string& other) {
  return skeletonOf(one) == skeletonOf(other);
}

ConfigKeeper::ConfigKeeper(HaproxyRouterOps& ops, ConfigSink& sink, HaproxyConfig config)
    : m_ops(ops), m_sink(sink), m_config(std::move(config)) {}

void ConfigKeeper::ensure(Callback<Done> done) {
  if (m_isEnsured)
    return m_outbox.post([done = std::move(done)] { done(Done{}); });
  m_ensuring.push_back(std::move(done));
  if (m_ensuring.size() > 1)
    return;
  m_ops.sample({}, [this](Result<std::vector<HaproxyStat>> rows) {
    const auto answer = [this](Result<Done> result) {
      answerEnsured(std::move(result));
    };
    if (!rows && rows.error().kind == ErrorKind::Unreachable)
      return start(answer);
    if (!rows)
      return answer(failure(rows.error()));
    hasAllBackends(*rows) ? answer(Done{}) : addBackends(answer);
  });
}

void ConfigKeeper::answerEnsured(Result<Done> result) {
  m_isEnsured = result.has_value();
  const std::vector<Callback<Done>> waiting = std::move(m_ensuring);
  m_ensuring.clear();
  for (const Callback<Done>& done : waiting)
    m_outbox.post([done, result] { done(result); });
}

void ConfigKeeper::start(Callback<Done> done) {
  if (!m_sink.startsRouter())
    return awaitBackends(m_clock.now().boot + startPatience, true, std::move(done));
  Result<std::string> text = textWith({});
  if (!text)
    return done(failure(text.error()));
  // A router that died comes back with the servers it had.
  if (Result<std::string> stored = m_sink.stored(); stored && hasSameSkeleton(*stored, *text))
    text = std::move(stored);
  m_ahead.reset();
  m_sink.put(*text, false, [this, done = std::move(done)](Result<Done> put) {
    if (!put)
      return done(put);
    awaitBackends(m_clock.now().boot + startPatience, true, done);
  });
}

void ConfigKeeper::addBackends(Callback<Done> done) {
  m_ops.servers({}, [this, done = std::move(done)](Result<std::vector<HaproxyServerState>> servers) {
    const Result<std::string> text = servers ? textWith(*servers) : failure(servers.error());
    if (!text)
      return done(failure(text.error()));
    m_ahead.reset();
    m_sink.put(*text, true, [this, done](Result<Done> put) {
      if (!put)
        return done(put);
      awaitBackends(m_clock.now().boot + reloadPatience, false, done);
    });
  });
}

void ConfigKeeper::awaitBackends(BootTime until, bool needsAll, Callback<Done> done) {
  m_ops.sample({}, [this, until, needsAll, done = std::move(done)](Result<std::vector<HaproxyStat>> rows) {
    if (rows && hasAllBackends(*rows))
      return done(Done{});
    if (m_clock.now().boot < until)
      return m_outbox.postAfter(lookInterval,
                                [this, until, needsAll, done] { awaitBackends(until, needsAll, done); });
    if (rows && !needsAll)
      return done(Done{});
    if (!rows)
      return done(failure(rows.error().kind, "the router did not start: " + rows.error().message,
                          "look at the router's own output"));
    done(failure(ErrorKind::Refused, "the router started without the backends of this stack",
                 "start the router anew"));
  });
}

bool ConfigKeeper::hasAllBackends(const std::vector<HaproxyStat>& rows) const {
  std::set<std::string> known;
  for (const HaproxyStat& row : rows)
    known.insert(row.backend);
  return std::all_of(m_config.backends.begin(), m_config.backends.end(),
                     [&](const HaproxyBackend& backend) { return known.contains(backend.name); });
}

Result<std::string> ConfigKeeper::textWith(const std::vector<HaproxyServerState>& servers) const {
  HaproxyConfig config = m_config;
  for (HaproxyBackend& backend : config.backends)
    for (const HaproxyServerState& server : servers)
      if (server.backend == backend.name && !server.isMaintenance && !server.isDraining)
        backend.servers.push_back({server.server, server.address + ':' + std::to_string(server.port)});
  return writeHaproxyConfig(config);
}

void ConfigKeeper::rewrite(Callback<Done> done) {
  m_next.push_back(std::move(done));
  if (m_isRewriting)
    return;
  m_isRewriting = true;
  m_rewriting = std::move(m_next);
  m_next.clear();
  m_ops.servers({}, [this](Result<std::vector<HaproxyServerState>> servers) {
    const Result<std::string> text = servers ? textWith(*servers) : failure(servers.error());
    if (!text)
      return finishRewrite(failure(text.error()));
    if (std::exchange(m_ahead, std::nullopt) == *text)
      return finishRewrite(Done{});
    m_sink.put(*text, false, [this](Result<Done> put) { finishRewrite(std::move(put)); });
  });
}

void ConfigKeeper::writeAhead(const std::vector<HaproxyServerState>& coming) {
  if (m_isRewriting || coming.empty())
    return;
  m_isRewriting = true;
  m_ahead.reset();
  m_ops.servers({}, [this, coming](Result<std::vector<HaproxyServerState>> servers) {
    if (!servers)
      return finishRewrite(failure(servers.error()));
    for (const auto& server : coming)
      if (std::none_of(servers->begin(), servers->end(), [&](const HaproxyServerState& other) {
            return other.backend == server.backend && other.server == server.server;
          }))
        servers->push_back(server);
    const auto text = textWith(*servers);
    if (!text)
      return finishRewrite(failure(text.error()));
    m_sink.put(*text, false, [this, text = *text](Result<Done> put) {
      if (put)
        m_ahead = text;
      finishRewrite(std::move(put));
    });
  });
}

void ConfigKeeper::finishRewrite(Result<Done> result) {
  const std::vector<Callback<Done>> answered = std::move(m_rewriting);
  m_rewriting.clear();
  m_isRewriting = false;
  if (!m_next.empty()) {
    Callback<Done> next = std::move(m_next.back());
    m_next.pop_back();
    rewrite(std::move(next));
  }
  for (const Callback<Done>& done : answered)
    m_outbox.post([done, result] { done(result); });
}

} // namespace ratdeck
