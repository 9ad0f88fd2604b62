#include "core/runtime/docker/docker_vantage.h"

#include "core/runtime/docker/router_container.h"
#include "core/runtime/docker/subnet.h"

#include <algorithm>

namespace ratdeck {

DockerVantage::DockerVantage(DockerClient& client, DockerCopies& copies, Runtime& runtime,
                             const RouterNetwork* network, VantageOptions options)
    : m_client(client), m_network(network), m_options(std::move(options)), m_direct(runtime),
      m_relay(client, copies, m_options.relay), m_relayed(m_relay, m_direct), m_relayHttp(m_relay),
      m_socket(m_options.socket), m_relayedSocket(throughRelay()) {}

bool DockerVantage::isRelayed() const {
  if (m_client.connection.endpoint().transport != DockerTransport::Unix)
    return true;
  return !(m_network ? m_network->hasOneOf(m_options.addresses()) : m_isLocal).value_or(true);
}

std::string DockerVantage::title() const {
  if (!isRelayed())
    return "this machine";
  return "ratdeck-relay on " + (m_network ? m_network->name() : "the stack's networks");
}

// Only a bridge has an address of its machine on it.
void DockerVantage::look(Callback<Done> done) {
  if (m_network || m_isLocal || m_client.connection.endpoint().transport != DockerTransport::Unix)
    return done(Done{});
  m_client.networks.list({}, [this, done = std::move(done)](Result<std::vector<DockerNetwork>> networks) {
    if (!networks)
      return done(failure(networks.error()));
    const auto addresses = m_options.addresses();
    const auto& ours = m_options.relay.networks;
    for (const DockerNetwork& network : *networks) {
      if (network.driver != "bridge" || std::find(ours.begin(), ours.end(), network.name) == ours.end())
        continue;
      for (const std::string& text : network.subnets)
        if (const auto subnet = Subnet::parse(text))
          m_isLocal = m_isLocal.value_or(false) ||
                      std::any_of(addresses.begin(), addresses.end(),
                                  [&](const std::string& address) { return subnet->contains(address); });
    }
    done(Done{});
  });
}

void DockerVantage::Choosing::probe(const ProbeSpec& spec, const InstanceId& id, const std::string& address,
                                    Callback<ProbeResult> done) {
  vantage.look([this, spec, id, address, done = std::move(done)](Result<Done> looked) {
    if (!looked)
      return done(failure(looked.error()));
    Prober& chosen = vantage.isRelayed() ? static_cast<Prober&>(vantage.m_relayed) : vantage.m_direct;
    chosen.probe(spec, id, address, done);
  });
}

HaproxyRun DockerVantage::haproxy() {
  return [this](const std::string& command, Answer<std::string> done) {
    (isRelayed() ? m_relayedSocket : m_socket).run(command, std::move(done));
  };
}

// No copy runs: then no router does either.
HaproxyExchange DockerVantage::throughRelay() {
  return [this](const std::string& line, Duration timeout, Answer<std::string> done) {
    m_relay.ask("haproxy", timeout, {router_container::socketPath, line},
                [done = std::move(done)](Result<RelayReply> reply) {
                  if (!reply && reply.error().kind == ErrorKind::NotFound)
                    return done(failure(ErrorKind::Unreachable, reply.error().message, reply.error().next));
                  if (!reply)
                    return done(failure(reply.error()));
                  if (reply->error)
                    return done(failure(reply->error->kind,
                                        "HAProxy's runtime socket: " + reply->error->message,
                                        "is the router running?"));
                  done(textAt(reply->value, "answer"));
                });
  };
}

} // namespace ratdeck
