#include "core/runtime/docker/container_draft.h"
#include "core/runtime/docker/copy_labels.h"

namespace ratdeck {

namespace {

// Of the engine itself: the mode says that a container is there, and names other than its own it has none.
bool isPredefined(const std::string& network) {
  return network == "bridge" || network == "host" || network == "none" || network == "default";
}

// The tool that made it knows it again by what it wrote, and so finds nothing to do.
void keepToolsLabels(Json& labels, const Json& written) {
  for (const char* name : {copy_labels::configHash, copy_labels::configFiles, copy_labels::workingFolder})
    if (const Json& label = memberAt(written, name); !label.is_null())
      labels[name] = label;
}

} // namespace

Result<ContainerRequest> adoptedRequest(const Json& adopted, ContainerDraft& draft) {
  const auto& body = memberAt(adopted, "body");
  if (!body.is_object())
    return failure(ErrorKind::Input,
                   "service \"" + draft.service.name + "\": " + adoptedContainerKey +
                       " has no body of a container",
                   "deploy again from the Compose files");
  ContainerRequest request;
  request.name = draft.name;
  request.body = body;
  Json labels = memberAt(body, "Labels").is_object() ? body["Labels"] : Json::object();
  addCopyLabels(labels, draft);
  keepToolsLabels(labels, memberAt(body, "Labels"));
  request.body["Labels"] = labels;
  if (!draft.options.publishesPorts && memberAt(body, "HostConfig").is_object())
    for (const char* member : {"PortBindings", "PublishAllPorts"})
      request.body["HostConfig"].erase(member);
  const auto main = textAt(memberAt(body, "HostConfig"), "NetworkMode");
  for (const auto& [name, endpoint] : memberAt(adopted, "networks").items()) {
    if (isPredefined(name) && isPredefined(main))
      continue;
    ContainerNetwork network{name, endpoint.is_object() ? endpoint : Json::object()};
    if (!draft.options.hasServiceAlias && !isPredefined(name))
      network.endpoint["Aliases"] = {draft.name};
    request.networks.insert(name == main ? request.networks.begin() : request.networks.end(),
                            std::move(network));
  }
  return request;
}

} // namespace ratdeck
