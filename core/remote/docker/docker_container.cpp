#include "core/remote/docker/docker_container.h"

#include "core/remote/docker/docker_answer.h"

namespace ratdeck {

namespace {

Result<DockerState> stateOf(const std::string& text) {
  static const std::map<std::string, DockerState> states = {
      {"created", DockerState::Created},   {"running", DockerState::Running},
      {"paused", DockerState::Paused},     {"restarting", DockerState::Restarting},
      {"removing", DockerState::Removing}, {"exited", DockerState::Exited},
      {"dead", DockerState::Dead},
  };
  const auto found = states.find(text);
  if (found == states.end())
    return failure(ErrorKind::Internal, "Docker names an unknown state of a container: " + dockerWords(text));
  return found->second;
}

DockerHealth healthOf(const Json& state) {
  const auto text = textAt(memberAt(state, "Health"), "Status");
  if (text == "starting")
    return DockerHealth::Starting;
  if (text == "healthy")
    return DockerHealth::Healthy;
  return text == "unhealthy" ? DockerHealth::Unhealthy : DockerHealth::None;
}

std::string withoutSlash(std::string name) {
  return name.starts_with('/') ? name.substr(1) : name;
}

std::map<std::string, DockerAttachment> attachmentsOf(const Json& value) {
  std::map<std::string, DockerAttachment> attachments;
  for (const auto& [name, network] : dockerObjectAt(memberAt(value, "NetworkSettings"), "Networks").items())
    attachments[name] = {textAt(network, "NetworkID"), textAt(network, "IPAddress"),
                         dockerTextsAt(network, "Aliases")};
  return attachments;
}

Result<DockerContainerSummary> readSummary(const Json& value) {
  DockerContainerSummary summary;
  summary.id = textAt(value, "Id");
  if (summary.id.empty())
    return failure(ErrorKind::Internal, "Docker lists a container without an id");
  const auto state = stateOf(textAt(value, "State"));
  if (!state)
    return failure(state.error());
  summary.state = *state;
  for (const auto& name : dockerTextsAt(value, "Names")) // a link shows as /OTHER/ALIAS
    if (summary.name.empty() && name.find('/', 1) == std::string::npos)
      summary.name = withoutSlash(name);
  summary.image = textAt(value, "Image");
  summary.imageId = textAt(value, "ImageID");
  summary.labels = dockerLabelsAt(value, "Labels");
  summary.networks = attachmentsOf(value);
  for (const Json& port : dockerListAt(value, "Ports"))
    if (const auto number = integerAt(port, "PublicPort"); number > 0 && number <= 65535)
      summary.ports.push_back(
          {textAt(port, "IP"), static_cast<std::uint16_t>(number), textAt(port, "Type", "tcp")});
  return summary;
}

void takeState(DockerContainer& container, const Json& state) {
  container.health = healthOf(state);
  container.exitCode = dockerIntAt(state, "ExitCode");
  container.oomKilled = boolAt(state, "OOMKilled");
  container.error = dockerWords(textAt(state, "Error"));
  container.startedAt = dockerTimeAt(state, "StartedAt");
  container.finishedAt = dockerTimeAt(state, "FinishedAt");
}

void takeConfig(DockerContainer& container, const Json& config) {
  container.image = textAt(config, "Image");
  container.stopSignal = textAt(config, "StopSignal");
  container.isTty = boolAt(config, "Tty");
  container.labels = dockerLabelsAt(config, "Labels");
}

} // namespace

Result<std::vector<DockerContainerSummary>> readDockerContainers(std::string_view body) {
  const auto json = readDockerJson(body, "the list of containers");
  if (!json)
    return failure(json.error());
  if (!json->is_array())
    return failure(ErrorKind::Internal, "Docker's list of containers is no list");
  std::vector<DockerContainerSummary> containers;
  for (const Json& value : *json) {
    auto summary = readSummary(value);
    if (!summary)
      return failure(summary.error());
    containers.push_back(std::move(*summary));
  }
  return containers;
}

Result<DockerContainer> readDockerContainer(std::string_view body) {
  auto json = readDockerJson(body, "a container");
  if (!json)
    return failure(json.error());
  DockerContainer container;
  container.id = textAt(*json, "Id");
  if (container.id.empty())
    return failure(ErrorKind::Internal, "Docker described a container without an id");
  const Json& state = memberAt(*json, "State");
  const auto known = stateOf(textAt(state, "Status"));
  if (!known)
    return failure(known.error());
  container.state = *known;
  takeState(container, state);
  takeConfig(container, memberAt(*json, "Config"));
  container.name = withoutSlash(textAt(*json, "Name"));
  container.imageId = textAt(*json, "Image");
  container.createdAt = dockerTimeAt(*json, "Created");
  container.restarts = dockerIntAt(*json, "RestartCount");
  container.restartPolicy = textAt(memberAt(memberAt(*json, "HostConfig"), "RestartPolicy"), "Name");
  container.networks = attachmentsOf(*json);
  container.raw = std::move(*json);
  return container;
}

Result<DockerCreated> readDockerCreated(std::string_view body) {
  const auto json = readDockerJson(body, "what it made");
  if (!json)
    return failure(json.error());
  DockerCreated created{textAt(*json, "Id"), dockerTextsAt(*json, "Warnings")};
  if (created.id.empty())
    return failure(ErrorKind::Internal, "Docker gave no id to what it made");
  return created;
}

Result<DockerExit> readDockerExit(std::string_view body) {
  const auto json = readDockerJson(body, "a container's end");
  if (!json)
    return failure(json.error());
  if (!memberAt(*json, "StatusCode").is_number_integer())
    return failure(ErrorKind::Internal, "Docker told of a container's end without an exit code");
  return DockerExit{dockerIntAt(*json, "StatusCode"),
                    dockerWords(textAt(memberAt(*json, "Error"), "Message"))};
}

} // namespace ratdeck
