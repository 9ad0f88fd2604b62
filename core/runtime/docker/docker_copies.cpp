#include "core/runtime/docker/docker_copies.h"

#include "core/runtime/docker/container_copy.h"
#include "core/runtime/docker/copy_labels.h"

#include <algorithm>
#include <charconv>

namespace ratdeck {

namespace {

std::string labelOf(const std::map<std::string, std::string>& labels, const char* name) {
  const auto found = labels.find(name);
  return found == labels.end() ? std::string() : found->second;
}

int numberOf(const std::string& text) {
  int number = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), number);
  return bad == std::errc() && end == text.data() + text.size() && number > 0 ? number : 0;
}

bool isCopy(const DockerContainerSummary& summary) {
  return !labelOf(summary.labels, copy_labels::service).empty() &&
         labelOf(summary.labels, copy_labels::oneOff) != "True" && summary.state != DockerState::Removing;
}

// Against what its label says that it was made with. One without the label tells nothing.
std::vector<std::string> handChangesOf(const DockerContainer& container) {
  const auto made = parseJson(labelOf(container.labels, copy_labels::changeable));
  if (!made || !made->is_object())
    return {};
  return differingNames(made->get<ContainerFields>(),
                        changeableFields(fieldsOf(copiedForm(container, Json::object()))));
}

std::map<std::string, std::string> anonymousVolumesOf(const DockerContainer& container) {
  std::map<std::string, std::string> volumes;
  for (const Json& mount : memberAt(container.raw, "Mounts"))
    if (textAt(mount, "Type") == "volume" && isAnonymousVolume(textAt(mount, "Name")))
      volumes[textAt(mount, "Destination")] = textAt(mount, "Name");
  return volumes;
}

std::string addressOf(const DockerContainer& container, const std::string& routerNetwork) {
  const auto routed = container.networks.find(routerNetwork);
  if (routed != container.networks.end() && !routed->second.address.empty())
    return routed->second.address;
  for (const auto& [name, attachment] : container.networks)
    if (!attachment.address.empty())
      return attachment.address;
  return {};
}

} // namespace

InstanceInfo copyOf(const DockerContainer& container, const std::string& routerNetwork) {
  InstanceInfo info;
  const std::string given = labelOf(container.labels, copy_labels::copy);
  info.id = InstanceId(given.empty() ? container.name : given);
  info.service = labelOf(container.labels, copy_labels::service);
  info.number = numberOf(labelOf(container.labels, copy_labels::number));
  info.image = container.image;
  info.imageId = container.imageId;
  info.specHash = labelOf(container.labels, copy_labels::specHash);
  info.revision = numberOf(labelOf(container.labels, copy_labels::revision));
  info.rollout = RolloutId(labelOf(container.labels, copy_labels::rollout));
  const bool runs = container.isRunning() || container.state == DockerState::Restarting;
  info.state = runs ? InstanceState::Running : InstanceState::Exited;
  // One that was made and never started has done nothing.
  info.exitCode = container.state == DockerState::Created ? -1 : container.exitCode;
  info.restarts = container.restarts;
  if (runs)
    info.changedByHand = handChangesOf(container);
  info.anonymousVolumes = anonymousVolumesOf(container);
  info.address = addressOf(container, routerNetwork);
  if (container.startedAt)
    info.startedAt = *container.startedAt;
  return info;
}

namespace {

// Those that the container has, or gets when it is started.
void addStaticAddresses(const DockerContainer& container, const std::string& network,
                        std::set<std::string>& addresses) {
  const Json& networks = memberAt(memberAt(container.raw, "NetworkSettings"), "Networks");
  const Json& attachment = memberAt(networks, network.c_str());
  for (const std::string& address :
       {textAt(memberAt(attachment, "IPAMConfig"), "IPv4Address"), textAt(attachment, "IPAddress")})
    if (!address.empty())
      addresses.insert(address);
}

} // namespace

// One list with the inspections it needs.
struct DockerCopies::Round {
  std::vector<DockerContainer> containers;
  std::size_t open = 0;
  std::optional<Error> error;
  Callback<std::vector<InstanceInfo>> done;
  DockerCopies* owner = nullptr;

  void finishOne() {
    if (--open > 0)
      return;
    if (error)
      return done(failure(*error));
    std::vector<InstanceInfo> copies;
    owner->m_containers.clear();
    owner->m_promised.clear();
    for (DockerContainer& container : containers) {
      copies.push_back(copyOf(container, owner->m_routerNetwork));
      addStaticAddresses(container, owner->m_routerNetwork, owner->m_promised);
      owner->m_containers[copies.back().id] = std::move(container);
    }
    std::sort(copies.begin(), copies.end(),
              [](const InstanceInfo& a, const InstanceInfo& b) { return a.id < b.id; });
    done(std::move(copies));
  }
};

DockerCopies::DockerCopies(DockerClient& client, std::string project, std::string routerNetwork)
    : m_client(client), m_project(std::move(project)), m_routerNetwork(std::move(routerNetwork)) {}

// Commands inside containers make events of their own, which say nothing of their state.
void DockerCopies::startWatch() {
  DockerEventWatch::Options options;
  options.filters = {{"type", {"container"}},
                     {"label", {std::string(copy_labels::project) + '=' + m_project}},
                     {"event",
                      {"create", "start", "die", "stop", "kill", "oom", "pause", "unpause", "restart",
                       "rename", "update", "destroy"}}};
  m_watch = std::make_unique<DockerEventWatch>(m_client.connection, std::move(options),
                                               [this](DockerLook) { forget(); });
}

void DockerCopies::list(Callback<std::vector<InstanceInfo>> done) {
  if (!m_watch)
    startWatch();
  const DockerFilters filters = {{"label", {std::string(copy_labels::project) + '=' + m_project}}};
  m_client.containers.list(
      filters, [this, done = std::move(done)](Result<std::vector<DockerContainerSummary>> summaries) {
        if (!summaries)
          return done(failure(summaries.error()));
        std::erase_if(*summaries, [](const DockerContainerSummary& one) { return !isCopy(one); });
        std::erase_if(m_known, [&](const auto& known) {
          return std::none_of(summaries->begin(), summaries->end(),
                              [&](const auto& one) { return one.id == known.first; });
        });
        auto round = std::make_shared<Round>();
        round->done = done;
        round->owner = this;
        round->open = summaries->size() + 1;
        for (const DockerContainerSummary& one : *summaries) {
          if (const auto known = m_known.find(one.id);
              known != m_known.end() && known->second.state == one.state) {
            round->containers.push_back(known->second.container);
            round->finishOne();
            continue;
          }
          m_client.containers.inspect(
              one.id, [this, round, state = one.state, change = m_change](Result<DockerContainer> seen) {
                if (seen) {
                  if (change == m_change)
                    m_known.insert_or_assign(seen->id, Known{state, *seen});
                  round->containers.push_back(std::move(*seen));
                } else if (seen.error().kind != ErrorKind::NotFound) // gone meanwhile
                  round->error = seen.error();
                round->finishOne();
              });
        }
        round->finishOne();
      });
}

void DockerCopies::forget() {
  m_known.clear();
  ++m_change;
}

// A copy whose container has another name is found by the list alone.
void DockerCopies::find(const InstanceId& copy, Callback<std::string> done) {
  if (const auto found = m_containers.find(copy); found != m_containers.end())
    return done(found->second.id);
  list([this, copy, done = std::move(done)](Result<std::vector<InstanceInfo>> listed) {
    if (!listed)
      return done(failure(listed.error()));
    const auto found = m_containers.find(copy);
    if (found == m_containers.end())
      return done(failure(ErrorKind::NotFound, "there is no copy " + copy.value + " of this stack"));
    done(found->second.id);
  });
}

std::string DockerCopies::containerOf(const InstanceId& copy) const {
  const auto found = m_containers.find(copy);
  return found == m_containers.end() ? copy.value : found->second.id;
}

const DockerContainer* DockerCopies::inspected(const InstanceId& copy) const {
  const auto found = m_containers.find(copy);
  return found == m_containers.end() ? nullptr : &found->second;
}

} // namespace ratdeck
