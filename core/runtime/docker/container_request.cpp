#include "core/runtime/docker/container_request.h"

#include "core/runtime/docker/container_draft.h"
#include "core/runtime/docker/copy_labels.h"

#include <algorithm>

namespace ratdeck {

namespace {

bool isAbsolute(const std::string& path) {
  return path.starts_with('/');
}

std::string folderOf(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

// Keys that other parts carry out, and those that no container can.
void settleOtherKeys(KeyReader& keys) {
  keys.leave({"attach", "build", "container_name", "depends_on", "develop", "image", "platform", "profiles",
              "pull_policy", "pull_refresh_after", "scale"});
  for (const char* key : {"pre_start", "post_start", "pre_stop"})
    keys.refuse(key, "is not run by the Docker runtime",
                "do it in the entrypoint, or in a service of its own");
  keys.refuse("provider", "is not run by the Docker runtime", "start it outside, or use an image");
  keys.refuse("models", "are not served by the Docker runtime", "name the model's address in environment");
  keys.refuse("use_api_socket", "is not done by the Docker runtime",
              "mount /var/run/docker.sock under volumes");
}

// The network of the mode goes with the create, the others after it.
void placeFirstNetwork(ContainerRequest& request) {
  const auto mode = textAt(memberAt(request.body, "HostConfig"), "NetworkMode");
  if (request.networks.empty() || request.networks.front().network != mode)
    return;
  const auto& first = request.networks.front();
  request.body["NetworkingConfig"]["EndpointsConfig"] = {{first.network, first.endpoint}};
  request.networks.erase(request.networks.begin());
}

} // namespace

std::string ContainerDraft::containerOf(const std::string& other, KeyReader& keys, const std::string& key) {
  const auto it = options.containers.find(other);
  if (it == options.containers.end())
    keys.fail(key, "needs a running copy of the service " + other + ", and there is none",
              "start " + other + " first", ErrorKind::NotFound);
  return it == options.containers.end() ? std::string() : it->second;
}

void addCopyLabels(Json& labels, const ContainerDraft& draft) {
  const auto& files = draft.stack.files;
  labels[copy_labels::project] = draft.stack.project;
  labels[copy_labels::service] = draft.service.name;
  labels[copy_labels::number] = std::to_string(draft.copy.number);
  labels[copy_labels::oneOff] = draft.copy.isOnce ? "True" : "False";
  labels[copy_labels::configHash] = draft.copy.specHash;
  if (!files.empty() && std::all_of(files.begin(), files.end(), isAbsolute)) {
    std::string joined;
    for (const auto& file : files)
      joined += (joined.empty() ? "" : ",") + file;
    labels[copy_labels::configFiles] = joined;
    labels[copy_labels::workingFolder] = folderOf(files.front());
  }
  labels[copy_labels::revision] = std::to_string(draft.copy.revision);
  labels[copy_labels::store] = draft.copy.store;
  labels[copy_labels::rollout] = draft.copy.rollout.value;
  labels[copy_labels::specHash] = draft.copy.specHash;
  if (draft.name != draft.copy.id.value)
    labels[copy_labels::copy] = draft.copy.id.value;
}

Result<ContainerRequest> containerRequest(const ServiceSpec& service, const StackSpec& stack,
                                          const CopyIdentity& copy, const ContainerOptions& options) {
  ContainerDraft draft(service, stack, copy, options);
  draft.name = service.containerName.empty() ? copy.id.value : service.containerName;
  if (const auto& adopted = memberAt(service.normalised, adoptedContainerKey); !adopted.is_null()) {
    auto request = adoptedRequest(adopted, draft);
    if (request) {
      placeFirstNetwork(*request);
      bindKeptVolumes(memberAt(service.normalised, keptVolumesKey), request->body);
    }
    return request;
  }
  KeyReader keys(service.normalised, "", draft.report);
  settleOtherKeys(keys);
  draft.config["Image"] = service.image.empty() ? stack.project + "-" + service.name : service.image;
  for (auto* translate : {translatePlainKeys, translateProcess, translateIsolation, translateLimits,
                          translateMounts, translateFiles, translateNetworks})
    translate(keys, draft);
  keys.end();
  if (draft.report.error())
    return failure(*draft.report.error());
  ContainerRequest request{draft.name,
                           textAt(service.normalised, "platform"),
                           std::move(draft.config),
                           std::move(draft.networks),
                           std::move(draft.files),
                           std::move(draft.hostFiles),
                           draft.report.unheeded()};
  request.body["HostConfig"] = std::move(draft.host);
  placeFirstNetwork(request);
  bindKeptVolumes(memberAt(service.normalised, keptVolumesKey), request.body);
  return request;
}

} // namespace ratdeck
