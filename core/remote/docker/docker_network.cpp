#include "core/remote/docker/docker_network.h"

#include "core/remote/docker/docker_answer.h"

namespace ratdeck {

namespace {

Result<DockerNetwork> read(const Json& value) {
  DockerNetwork network;
  network.id = textAt(value, "Id");
  if (network.id.empty())
    return failure(ErrorKind::Internal, "Docker described a network without an id");
  network.name = textAt(value, "Name");
  network.driver = textAt(value, "Driver");
  network.scope = textAt(value, "Scope");
  network.isInternal = boolAt(value, "Internal");
  network.labels = dockerLabelsAt(value, "Labels");
  for (const Json& pool : dockerListAt(memberAt(value, "IPAM"), "Config"))
    if (auto subnet = textAt(pool, "Subnet"); !subnet.empty())
      network.subnets.push_back(std::move(subnet));
  for (const auto& [id, member] : dockerObjectAt(value, "Containers").items()) {
    const auto address = textAt(member, "IPv4Address"); // with the length of its prefix
    network.members[id] = address.substr(0, address.find('/'));
  }
  return network;
}

} // namespace

Result<std::vector<DockerNetwork>> readDockerNetworks(std::string_view body) {
  const auto json = readDockerJson(body, "the list of networks");
  if (!json)
    return failure(json.error());
  if (!json->is_array())
    return failure(ErrorKind::Internal, "Docker's list of networks is no list");
  std::vector<DockerNetwork> networks;
  for (const Json& value : *json) {
    auto network = read(value);
    if (!network)
      return failure(network.error());
    networks.push_back(std::move(*network));
  }
  return networks;
}

Result<DockerNetwork> readDockerNetwork(std::string_view body) {
  const auto json = readDockerJson(body, "a network");
  if (!json)
    return failure(json.error());
  return read(*json);
}

} // namespace ratdeck
