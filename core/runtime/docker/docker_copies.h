// The copies of one stack's services on a Docker Engine, found by Compose's labels.
//
// A list tells little; what an inspection tells is kept until the engine's events, or five seconds, say that
// it may have changed. Engine thread only.
#pragma once

#include "core/remote/docker/docker_client.h"
#include "core/remote/docker/docker_event_watch.h"
#include "core/runtime/runtime.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace ratdeck {

class DockerCopies {
public:
  // `client` outlives this object. `routerNetwork`: the network on which the router reaches copies; a copy's
  // address is the one it has there, else on any other.
  DockerCopies(DockerClient& client, std::string project, std::string routerNetwork);

  void list(Callback<std::vector<InstanceInfo>> done);
  // The container of a copy, by id or name: as the last list had it; else the copy's own id, which is the
  // container's name.
  std::string containerOf(const InstanceId& copy) const;
  // The same, of a copy that the last list may not have had: then it is listed anew. Known ones are answered
  // at once. Errors: NotFound.
  void find(const InstanceId& copy, Callback<std::string> done);
  // As the last list inspected it; null where it has no such copy.
  const DockerContainer* inspected(const InstanceId& copy) const;
  // Something was just done to containers: the next list asks anew.
  void forget();
  // Static addresses on the router's network that are promised to a copy, running or not, as of the last
  // list.
  const std::set<std::string>& promisedAddresses() const { return m_promised; }

private:
  struct Round;
  void startWatch();

  DockerClient& m_client;
  std::string m_project, m_routerNetwork;
  struct Known {
    DockerState state;
    DockerContainer container;
  };
  std::map<std::string, Known> m_known;               // by container id
  std::map<InstanceId, DockerContainer> m_containers; // of the last list
  std::set<std::string> m_promised;                   // of the last list
  unsigned long long m_change = 0; // an inspection that was begun before the last one tells of the past
  std::unique_ptr<DockerEventWatch> m_watch;
};

// What a container of a stack is to a rollout. Pure.
InstanceInfo copyOf(const DockerContainer& container, const std::string& routerNetwork);

} // namespace ratdeck
