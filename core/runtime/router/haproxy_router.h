// The router port on a real HAProxy, driven by its runtime API.
//
// A service has one backend for each routed port; a copy is a server under its id in each of them. The order
// of one swap, in which no request is lost: the new copy's gate has passed; join adds it everywhere, then
// enables it everywhere (HAProxy routes to it at once); drain holds new requests off the old one; the caller
// samples until nothing is in flight; leave deletes it; only then its process is stopped.
//
// A copy that leaves with requests still open after 2 s has them cut: who calls leave then has decided that
// their time is over. After each change the configuration file is written again; that it could not be written
// does not undo the change, and is said by the next join.
#pragma once

#include "core/runtime/router/config_keeper.h"
#include "core/runtime/steps.h"

#include <memory>
#include <optional>
#include <string>

namespace ratdeck {

class HaproxyRouter final : public Router {
public:
  HaproxyRouter(RoutingTable table, const RouterEndpoints& endpoints, std::unique_ptr<ConfigSink> sink);

  // Starts the router where none runs; every other call does so first by itself.
  void ensure(Callback<Done> done) { m_keeper.ensure(std::move(done)); }

  bool routes(const std::string& service) const override { return m_table.contains(service); }
  void join(const std::string& service, const InstanceId& id, const std::string& address,
            Callback<Done> done) override;
  void drain(const std::string& service, const InstanceId& id, Callback<Done> done) override;
  void giveBack(const std::string& service, const InstanceId& id, const std::string& address,
                Callback<Done> done) override;
  void leave(const std::string& service, const InstanceId& id, Callback<Done> done) override;
  void sample(Callback<std::vector<RouterSample>> done) override;
  void look(Callback<std::vector<RouterSample>> done) override;
  std::string frontendOf(const std::string& service, std::uint16_t port) const override;

  const RoutingTable& table() const { return m_table; }
  // The router's address has become known, or another: every frontend is reached there.
  void reachAt(const std::string& host);
  // The configuration that a router is started with while others serve: the running copies take traffic.
  Result<std::string> startingConfig(const std::vector<InstanceInfo>& copies) const;

private:
  void rewrite(Callback<Done> done);
  void catchUp(Callback<Done> done);
  void change(const std::string& service, std::vector<Step> steps, Callback<Done> done);
  std::vector<Step> joinSteps(const std::string& service, const InstanceId& id, const std::string& address);
  std::vector<HaproxyServerState> serversOf(const std::string& service, const InstanceId& id,
                                            const std::string& address) const;

  RoutingTable m_table;
  std::optional<Error> m_configProblem; // the file is behind what the router does
  Outbox m_outbox;
  std::unique_ptr<ConfigSink> m_sink;
  HaproxyRouterOps m_ops;
  ConfigKeeper m_keeper;
};

// `show stat` as samples: one for each copy, summed over its backends, and one for each service. Pure.
std::vector<RouterSample> routerSamples(const RoutingTable& table, const std::vector<HaproxyStat>& rows);

} // namespace ratdeck
