// A container in the making: what each module has translated so far. Internal to core/runtime/docker;
// containerRequest() runs the modules in the order in which they stand here.
#pragma once

#include "core/runtime/docker/container_request.h"
#include "core/runtime/docker/key_reader.h"

namespace ratdeck {

struct ContainerDraft {
  ContainerDraft(const ServiceSpec& from, const StackSpec& of, const CopyIdentity& who,
                 const ContainerOptions& how)
      : service(from), stack(of), copy(who), options(how), report(from) {}

  const ServiceSpec& service; // all four outlive the draft
  const StackSpec& stack;
  const CopyIdentity& copy;
  const ContainerOptions& options;
  TranslationReport report;
  std::string name;
  Json config = Json::object(); // the body without its HostConfig
  Json host = Json::object();   // the body's HostConfig
  std::vector<ContainerNetwork> networks;
  std::vector<ContainerFile> files, hostFiles;

  // The container that runs the service, or an error at the key that wants it.
  std::string containerOf(const std::string& other, KeyReader& keys, const std::string& key);
};

// Puts what is there.
template <class T>
void put(Json& object, const char* name, const std::optional<T>& value) {
  if (value)
    object[name] = *value;
}
inline void put(Json& object, const char* name, const std::string& text) {
  if (!text.empty())
    object[name] = text;
}
inline void put(Json& object, const char* name, const std::vector<std::string>& texts) {
  if (!texts.empty())
    object[name] = texts;
}
inline void put(Json& object, const char* name, Json value) {
  if (!value.is_null())
    object[name] = std::move(value);
}

// container_plain.cpp: keys whose value is the API's own.
void translatePlainKeys(KeyReader& keys, ContainerDraft& draft);
// container_process.cpp: command, environment, health, restarts, the stop, logging.
void translateProcess(KeyReader& keys, ContainerDraft& draft);
// container_isolation.cpp: namespaces, security options.
void translateIsolation(KeyReader& keys, ContainerDraft& draft);
// container_limits.cpp: processors, memory, block devices, devices, ulimits, what `deploy` says of them.
void translateLimits(KeyReader& keys, ContainerDraft& draft);
// container_mounts.cpp: volumes, tmpfs, volumes_from.
void translateMounts(KeyReader& keys, ContainerDraft& draft);
// The same: the volumes that the copy goes on with, at the paths where it would get new ones without a name.
void bindKeptVolumes(const Json& kept, Json& body);
// container_files.cpp: secrets and configs; after the mounts, which win over them.
void translateFiles(KeyReader& keys, ContainerDraft& draft);
// container_networks.cpp: networks, links, ports.
void translateNetworks(KeyReader& keys, ContainerDraft& draft);

// container_request.cpp: Compose's labels and ours, over `labels`.
void addCopyLabels(Json& labels, const ContainerDraft& draft);
// adopted_container.cpp: what x-ratdeck-container says, with our name and labels.
Result<ContainerRequest> adoptedRequest(const Json& adopted, ContainerDraft& draft);

} // namespace ratdeck
