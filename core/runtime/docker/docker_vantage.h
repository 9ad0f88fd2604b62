// Where the probes and the router's commands are sent from: this machine, or the relay in the engine's
// networks.
//
// From this machine where the engine's networks are bridges of its own: then their addresses are on its
// interfaces. With an engine elsewhere, in a virtual machine or without root they are not, and the relay is
// asked. Engine thread only.
#pragma once

#include "core/remote/haproxy/runtime_client.h"
#include "core/remote/local_addresses.h"
#include "core/runtime/docker/relay_container.h"
#include "core/runtime/docker/relay_http.h"
#include "core/runtime/docker/relay_prober.h"
#include "core/runtime/docker/router_network.h"
#include "core/runtime/probe/target_prober.h"

namespace ratdeck {

struct VantageOptions {
  std::string socket; // of the router, as it is reached from this machine
  RelayOptions relay;
  // Of this machine's interfaces; a test says others.
  std::function<std::vector<std::string>()> addresses = localAddresses;
};

class DockerVantage {
public:
  // All outlive this object. `network`: null where the stack has no router.
  DockerVantage(DockerClient& client, DockerCopies& copies, Runtime& runtime, const RouterNetwork* network,
                VantageOptions options);

  // Whether the relay is asked; from what is known of the networks now.
  bool isRelayed() const;
  // Finds out what isRelayed() needs to know where there is no router. Errors: Unreachable, Timeout.
  void look(Callback<Done> done);
  // For people: "this machine", "ratdeck-relay on shop_ratdeck".
  std::string title() const;
  // Chooses for each probe.
  Prober& prober() { return m_prober; }
  // Chooses for each command.
  HaproxyRun haproxy();
  // Null: from this machine.
  HttpSender* http() { return isRelayed() ? &m_relayHttp : nullptr; }
  RelayContainer& relay() { return m_relay; }
  bool hasRelayAnswered() const { return m_relay.hasAnswered(); }

private:
  struct Choosing final : Prober {
    explicit Choosing(DockerVantage& of) : vantage(of) {}
    void probe(const ProbeSpec& spec, const InstanceId& id, const std::string& address,
               Callback<ProbeResult> done) override;
    DockerVantage& vantage;
  };
  HaproxyExchange throughRelay();

  DockerClient& m_client;
  const RouterNetwork* m_network;
  VantageOptions m_options;
  std::optional<bool> m_isLocal; // where there is no router
  TargetProber m_direct;
  RelayContainer m_relay;
  RelayProber m_relayed;
  RelayHttp m_relayHttp;
  HaproxyRuntimeClient m_socket, m_relayedSocket;
  Choosing m_prober{*this};
};

} // namespace ratdeck
