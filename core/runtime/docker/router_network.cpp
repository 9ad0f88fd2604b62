#include "core/runtime/docker/router_network.h"

#include "core/base/digest.h"
#include "core/base/file.h"
#include "core/remote/local_addresses.h"
#include "core/runtime/docker/copy_labels.h"

#include <algorithm>

namespace ratdeck {

namespace {

constexpr const char* keptName = "subnet";
constexpr std::uint32_t routerPlace = 2; // 1 is the bridge's own
constexpr std::uint32_t relayPlace = 3;
constexpr std::uint32_t firstCopy = 10;
constexpr std::size_t triedSubnets = 8;
constexpr unsigned rangesOfFourBlocks = 64; // of 10.231.0.0/16

Json networkBody(const std::string& name, const std::string& project, const std::string& subnet) {
  return {{"Name", name},
          {"CheckDuplicate", true},
          {"Driver", "bridge"},
          {"Internal", true},
          {"IPAM", {{"Driver", "default"}, {"Config", Json::array({{{"Subnet", subnet}}})}}},
          {"Labels", {{copy_labels::project, project}, {copy_labels::network, "ratdeck"}}}};
}

bool overlaps(const Error& error) {
  return error.message.find("overlaps") != std::string::npos;
}

// Docker looks at its own networks only. A bridge over a range that an interface of this machine has already,
// be it another engine's, would be there and lead nowhere.
bool isInUseHere(const std::string& range) {
  const auto subnet = Subnet::parse(range);
  const auto addresses = localAddresses();
  return subnet && std::any_of(addresses.begin(), addresses.end(),
                               [&](const std::string& address) { return subnet->contains(address); });
}

} // namespace

std::vector<std::string> routerSubnets(const std::string& project) {
  const unsigned start = unsigned(std::stoul(sha256(project).substr(0, 4), nullptr, 16));
  std::vector<std::string> subnets;
  for (unsigned i = 0; i < triedSubnets; ++i)
    subnets.push_back("10.231." + std::to_string((start + i * 7) % rangesOfFourBlocks * 4) + ".0/22");
  return subnets;
}

RouterNetwork::RouterNetwork(DockerClient& client, const std::string& project, std::string folder)
    : m_project(project), m_name(project + "_ratdeck"), m_folder(std::move(folder)), m_client(client) {
  if (const auto kept = readFile(m_folder + '/' + keptName, 64))
    m_subnet = Subnet::parse(*kept);
}

// What cannot be kept is found out again.
void RouterNetwork::keep(const Subnet& subnet) {
  if (m_subnet == subnet)
    return;
  m_subnet = subnet;
  if (makePrivateFolder(m_folder))
    (void)writeFile(m_folder + '/' + keptName, subnet.toString(), 0600);
}

void RouterNetwork::find(Callback<Done> done) {
  m_client.networks.inspect(m_name, [this, done = std::move(done)](Result<DockerNetwork> network) {
    if (!network)
      return done(failure(network.error()));
    for (const std::string& text : network->subnets)
      if (const auto subnet = Subnet::parse(text)) {
        keep(*subnet);
        return done(Done{});
      }
    done(failure(ErrorKind::Refused, "the network " + m_name + " has no range of addresses of its own",
                 "remove it with `docker network rm " + m_name + "`; it is made again when needed"));
  });
}

void RouterNetwork::ensure(Callback<Done> done) {
  find([this, done = std::move(done)](Result<Done> found) {
    if (found || found.error().kind != ErrorKind::NotFound)
      return done(std::move(found));
    make(0, done);
  });
}

void RouterNetwork::make(std::size_t attempt, Callback<Done> done) {
  const std::vector<std::string> subnets = routerSubnets(m_project);
  while (attempt < subnets.size() && isInUseHere(subnets[attempt]))
    ++attempt;
  if (attempt == subnets.size())
    return done(failure(ErrorKind::Refused, "no range of addresses in 10.231.0.0/16 is free for " + m_name,
                        "remove networks that nobody needs: `docker network prune`"));
  const Json body = networkBody(m_name, m_project, subnets[attempt]);
  m_client.networks.create(body, [this, attempt, done = std::move(done)](Result<DockerCreated> made) {
    if (!made && overlaps(made.error()))
      return make(attempt + 1, done);
    if (!made && made.error().kind != ErrorKind::Conflict) // somebody else was faster
      return done(failure(made.error()));
    find(done);
  });
}

std::string RouterNetwork::routerAddress() const {
  return m_subnet ? m_subnet->addressAt(routerPlace) : std::string();
}

std::string RouterNetwork::relayAddress() const {
  return m_subnet ? m_subnet->addressAt(relayPlace) : std::string();
}

std::optional<bool> RouterNetwork::hasOneOf(const std::vector<std::string>& addresses) const {
  if (!m_subnet)
    return {};
  return std::any_of(addresses.begin(), addresses.end(),
                     [this](const std::string& address) { return m_subnet->contains(address); });
}

std::string RouterNetwork::addressFor(const InstanceId& copy, const std::set<std::string>& taken) {
  if (const auto given = m_given.find(copy); given != m_given.end())
    return given->second;
  if (!m_subnet)
    return {};
  std::set<std::string> gone = taken;
  for (const auto& [id, address] : m_given)
    gone.insert(address);
  for (std::uint32_t place = firstCopy; place + 1 < m_subnet->size(); ++place)
    if (const std::string address = m_subnet->addressAt(place); !gone.contains(address))
      return m_given[copy] = address;
  return {};
}

} // namespace ratdeck
