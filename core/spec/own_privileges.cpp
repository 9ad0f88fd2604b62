#include "core/spec/own_privileges.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

namespace ratdeck {

namespace {

using Lines = std::set<std::string>;

struct Sharing {
  const char* key;
  const char* what;
};

constexpr std::array<Sharing, 6> sharings{{{"network_mode", "network"},
                                           {"pid", "processes"},
                                           {"ipc", "shared memory"},
                                           {"uts", "host name"},
                                           {"userns_mode", "users"},
                                           {"cgroup", "cgroups"}}};

// Folders of a host through which it can be taken over or read out.
constexpr std::array<std::string_view, 13> wideFolders{"/",     "/boot",    "/dev",    "/etc", "/home",
                                                       "/proc", "/root",    "/run",    "/sys", "/usr",
                                                       "/var",  "/var/lib", "/var/run"};
constexpr std::array<std::string_view, 4> engineSockets{"docker.sock", "containerd.sock", "podman.sock",
                                                        "crio.sock"};

std::string withoutSlash(std::string path) {
  while (path.size() > 1 && path.back() == '/')
    path.pop_back();
  return path;
}

bool isEngineSocket(const std::string& path) {
  return std::any_of(engineSockets.begin(), engineSockets.end(),
                     [&](std::string_view name) { return path.ends_with("/" + std::string(name)); });
}

void addMount(const std::string& source, bool isReadOnly, Lines& lines) {
  const auto path = withoutSlash(source);
  if (isEngineSocket(path))
    lines.insert("controls the container engine through " + path); // read-only or not
  if (std::find(wideFolders.begin(), wideFolders.end(), path) == wideFolders.end() &&
      !path.starts_with("/var/lib/docker"))
    return;
  lines.insert("reads " + path + " of the host");
  if (!isReadOnly)
    lines.insert("writes to " + path + " of the host");
}

// NET_ADMIN, CAP_NET_ADMIN, net_admin: one capability.
std::string capabilityNamed(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return text.starts_with("CAP_") ? text.substr(4) : text;
}

void addSecurityOption(std::string option, Lines& lines) {
  std::replace(option.begin(), option.end(), ':', '=');
  if (option.ends_with("=unconfined") || option == "label=disable")
    lines.insert("is not confined: " + option);
}

std::vector<std::string> textsAt(const Json& value, const char* key) {
  std::vector<std::string> texts;
  if (const auto& list = memberAt(value, key); list.is_array())
    for (const auto& item : list)
      if (item.is_string())
        texts.push_back(item.get<std::string>());
  return texts;
}

void addSharings(const Json& service, Lines& lines) {
  for (const auto& sharing : sharings) {
    const auto mode = textAt(service, sharing.key);
    if (mode == "host")
      lines.insert("shares the " + std::string(sharing.what) + " of the host");
    else if (mode.starts_with("container:"))
      lines.insert("shares the " + std::string(sharing.what) + " of the container " + mode.substr(10));
  }
}

void addDevices(const Json& service, Lines& lines) {
  for (const auto& device : memberAt(service, "devices"))
    if (device.is_object())
      lines.insert("has the device " + textAt(device, "source"));
  for (const auto& rule : textsAt(service, "device_cgroup_rules"))
    lines.insert("has the devices \"" + rule + "\"");
}

// SOURCE:TARGET:OPTIONS of the engine's API as a Compose file has it.
Json mountOf(const std::string& bind) {
  const auto target = bind.find(':');
  const auto options = target == std::string::npos ? target : bind.find(':', target + 1);
  const auto words = options == std::string::npos ? "," : "," + bind.substr(options + 1) + ",";
  return {{"type", "bind"},
          {"source", bind.substr(0, target)},
          {"read_only", words.find(",ro,") != std::string::npos}};
}

// An adopted container's keys by their names in a Compose file.
Json composedOf(const Json& host) {
  Json service = {{"privileged", memberAt(host, "Privileged")},
                  {"cap_add", memberAt(host, "CapAdd")},
                  {"security_opt", memberAt(host, "SecurityOpt")},
                  {"device_cgroup_rules", memberAt(host, "DeviceCgroupRules")},
                  {"network_mode", memberAt(host, "NetworkMode")},
                  {"pid", memberAt(host, "PidMode")},
                  {"ipc", memberAt(host, "IpcMode")},
                  {"uts", memberAt(host, "UTSMode")},
                  {"userns_mode", memberAt(host, "UsernsMode")},
                  {"cgroup", memberAt(host, "CgroupnsMode")}};
  for (const auto& device : memberAt(host, "Devices"))
    service["devices"].push_back({{"source", textAt(device, "PathOnHost")}});
  for (const auto& bind : textsAt(host, "Binds"))
    service["volumes"].push_back(mountOf(bind));
  for (const auto& mount : memberAt(host, "Mounts"))
    service["volumes"].push_back({{"type", textAt(mount, "Type")},
                                  {"source", textAt(mount, "Source")},
                                  {"read_only", boolAt(mount, "ReadOnly")}});
  return service;
}

void collect(const Json& service, Lines& lines) {
  if (boolAt(service, "privileged"))
    lines.insert("is privileged");
  for (const auto& capability : textsAt(service, "cap_add"))
    lines.insert("has the capability " + capabilityNamed(capability));
  for (const auto& option : textsAt(service, "security_opt"))
    addSecurityOption(option, lines);
  addSharings(service, lines);
  addDevices(service, lines);
  for (const auto& mount : memberAt(service, "volumes"))
    if (textAt(mount, "type") == "bind")
      addMount(textAt(mount, "source"), boolAt(mount, "read_only"), lines);
  if (boolAt(service, "use_api_socket"))
    addMount("/var/run/docker.sock", false, lines);
}

} // namespace

std::vector<std::string> privilegesOf(const Json& normalised) {
  const auto& adopted = memberAt(normalised, adoptedContainerKey);
  Lines lines;
  collect(adopted.is_object() ? composedOf(memberAt(memberAt(adopted, "body"), "HostConfig")) : normalised,
          lines);
  return {lines.begin(), lines.end()};
}

std::vector<std::string> privilegesOf(const ServiceSpec& service) {
  return privilegesOf(service.normalised);
}

std::vector<std::string> gainedPrivileges(const Json& before, const Json& now) {
  const auto had = privilegesOf(before), has = privilegesOf(now);
  std::vector<std::string> gained;
  std::set_difference(has.begin(), has.end(), had.begin(), had.end(), std::back_inserter(gained));
  return gained;
}

} // namespace ratdeck
