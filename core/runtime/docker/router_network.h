// The network of a stack on which its router reaches the copies: a bridge of its own without a way out, on
// which every copy has an address for life. On Compose's networks a copy gets another address at each start,
// and a router that nobody drives would go on sending requests to the old one.
//
// Engine thread only.
#pragma once

#include "core/remote/docker/docker_client.h"
#include "core/runtime/docker/subnet.h"
#include "core/runtime/runtime.h"

#include <set>
#include <string>

namespace ratdeck {

class RouterNetwork {
public:
  // `client` outlives this object. `folder`: of this machine, where its range is kept once it is known, so
  // that the router's address is known before anything was asked.
  RouterNetwork(DockerClient& client, const std::string& project, std::string folder);

  const std::string& name() const { return m_name; }
  // Looks for it, and makes it where it is missing. Errors: Refused (no free range of addresses).
  void ensure(Callback<Done> done);
  // Looks for it. Errors: NotFound.
  void find(Callback<Done> done);
  // "" where the network has never been found from this machine.
  std::string routerAddress() const;
  // The relay's, as the router's.
  std::string relayAddress() const;
  // Whether the bridge is this machine's: one of its addresses, V4 or V6, is on the network. Nothing where
  // the network has never been found.
  std::optional<bool> hasOneOf(const std::vector<std::string>& addresses) const;
  // The lowest address that nobody has and that was not given before; the same for one copy each time. ""
  // where there is none.
  std::string addressFor(const InstanceId& copy, const std::set<std::string>& taken);

private:
  void make(std::size_t attempt, Callback<Done> done);
  void keep(const Subnet& subnet);

  std::string m_project, m_name, m_folder;
  DockerClient& m_client;
  std::optional<Subnet> m_subnet;
  std::map<InstanceId, std::string> m_given;
};

// The ranges that are tried one after the other for a stack's network; pure.
std::vector<std::string> routerSubnets(const std::string& project);

} // namespace ratdeck
