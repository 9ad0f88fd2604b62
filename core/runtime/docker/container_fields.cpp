#include "core/runtime/docker/container_fields.h"

#include "core/runtime/docker/container_plain.h"

#include <algorithm>
#include <set>

namespace ratdeck {

namespace {

constexpr std::size_t anonymousNameLength = 64;
constexpr long long engineShmSize = 64ll << 20;
constexpr long long engineGrace = 10; // seconds

bool saysNothing(const Json& value) {
  return value.is_null() || value == false || value == 0 || value == "" ||
         (value.is_structured() && value.empty());
}

Json sorted(const Json& list) {
  Json copy = list.is_array() ? list : Json::array();
  std::sort(copy.begin(), copy.end());
  return copy;
}

bool isToolLabel(const std::string& name) {
  return name.starts_with("com.docker.compose.") || name.starts_with("ratdeck.");
}

// NAME=VALUE over the image's; NAME alone takes the image's away.
void addEnvironment(const ContainerForm& form, ContainerFields& fields) {
  for (const Json* lines : {&memberAt(form.image, "Env"), &memberAt(form.body, "Env")})
    for (const Json& line : *lines) {
      const auto text = line.is_string() ? line.get<std::string>() : std::string();
      const auto mark = text.find('=');
      const auto name = "environment." + text.substr(0, mark);
      if (mark == std::string::npos)
        fields.erase(name);
      else
        fields[name] = text.substr(mark + 1);
    }
}

void addLabels(const ContainerForm& form, ContainerFields& fields) {
  for (const Json* labels : {&memberAt(form.image, "Labels"), &memberAt(form.body, "Labels")})
    for (const auto& [name, value] : labels->items())
      if (!isToolLabel(name))
        fields["labels." + name] = value;
}

// As Docker does: the image's command goes with the image's entry point only.
void addCommand(const ContainerForm& form, ContainerFields& fields) {
  const Json& entrypoint = memberAt(form.body, "Entrypoint");
  const Json& command = memberAt(form.body, "Cmd");
  const bool inheritsCommand = saysNothing(entrypoint) && saysNothing(command);
  fields["entrypoint"] = entrypoint.is_null() ? memberAt(form.image, "Entrypoint") : entrypoint;
  fields["command"] = inheritsCommand ? memberAt(form.image, "Cmd") : command;
}

// Each part that is not said is the image's.
void addHealth(const ContainerForm& form, ContainerFields& fields) {
  Json health = memberAt(form.image, "Healthcheck");
  for (const auto& [name, value] : memberAt(form.body, "Healthcheck").items())
    if (!saysNothing(value))
      health[name] = value;
  if (const Json& test = memberAt(health, "Test"); test.is_array() && !test.empty() && test.front() == "NONE")
    health = {{"Test", {"NONE"}}};
  fields["healthcheck"] = health;
}

void addPorts(const ContainerForm& form, ContainerFields& fields) {
  std::set<std::string> exposed;
  for (const Json* ports : {&memberAt(form.image, "ExposedPorts"), &memberAt(form.body, "ExposedPorts")})
    for (const auto& [port, nothing] : ports->items())
      exposed.insert(port);
  Json published = Json::array();
  for (const auto& [port, bindings] : memberAt(memberAt(form.body, "HostConfig"), "PortBindings").items()) {
    exposed.insert(port);
    for (const Json& binding : bindings) {
      const auto address = textAt(binding, "HostIp");
      published.push_back(
          {port, address == "0.0.0.0" ? std::string() : address, textAt(binding, "HostPort")});
    }
  }
  fields["expose"] = exposed;
  fields["ports"] = sorted(published);
}

struct BindLine {
  std::string source, target;
  std::set<std::string> options;
};

// SOURCE:TARGET[:OPTION,…]
BindLine readBind(const std::string& line) {
  const auto first = line.find(':');
  const auto second = first == std::string::npos ? first : line.find(':', first + 1);
  BindLine bind{line.substr(0, first), line.substr(first + 1, second - first - 1), {}};
  if (first == std::string::npos)
    return {"", line, {}};
  for (auto at = second; at != std::string::npos;) {
    const auto comma = line.find(',', at + 1);
    bind.options.insert(line.substr(at + 1, comma == std::string::npos ? comma : comma - at - 1));
    at = comma;
  }
  for (const char* plain : {"rw", "nocopy", "", "rprivate"})
    bind.options.erase(plain);
  return bind;
}

Json mountOf(const std::string& source, std::set<std::string> options) {
  if (source.empty() || isAnonymousVolume(source))
    return {{"anonymous", options}};
  return {{"source", source}, {"options", options}};
}

Json readMount(const Json& mount) {
  std::set<std::string> options;
  if (boolAt(mount, "ReadOnly"))
    options.insert("ro");
  const Json& bind = memberAt(mount, "BindOptions");
  if (const auto propagation = textAt(bind, "Propagation"); !propagation.empty() && propagation != "rprivate")
    options.insert(propagation);
  Json read = textAt(mount, "Type") == "tmpfs"
                  ? Json{{"tmpfs", memberAt(mount, "TmpfsOptions")}, {"options", options}}
                  : mountOf(textAt(mount, "Source"), options);
  if (const auto subpath = textAt(memberAt(mount, "VolumeOptions"), "Subpath"); !subpath.empty())
    read["subpath"] = subpath;
  return read;
}

// By the path inside. An anonymous volume is one wherever it is written.
void addVolumes(const ContainerForm& form, ContainerFields& fields) {
  Json volumes = Json::object();
  for (const Json* anonymous : {&memberAt(form.image, "Volumes"), &memberAt(form.body, "Volumes")})
    for (const auto& [target, nothing] : anonymous->items())
      volumes[target] = mountOf("", {});
  const Json& host = memberAt(form.body, "HostConfig");
  for (const Json& line : memberAt(host, "Binds")) {
    const auto bind = readBind(line.is_string() ? line.get<std::string>() : std::string());
    volumes[bind.target] = mountOf(bind.source, bind.options);
  }
  for (const Json& mount : memberAt(host, "Mounts"))
    volumes[textAt(mount, "Target")] = readMount(mount);
  fields["volumes"] = volumes;
  fields["tmpfs"] = memberAt(host, "Tmpfs");
}

void addRestart(const Json& host, ContainerFields& fields) {
  const Json& policy = memberAt(host, "RestartPolicy");
  auto name = textAt(policy, "Name");
  const auto count = integerAt(policy, "MaximumRetryCount");
  if (name == "on-failure" && count > 0)
    name += ":" + std::to_string(count);
  fields["restart"] = name == "no" ? "" : name;
}

bool isOwnNetwork(const std::string& mode) {
  return !mode.empty() && mode != "default" && mode != "bridge" && mode != "host" && mode != "none" &&
         !mode.starts_with("container:");
}

// Which container's does not matter: it has another id after each of its updates.
std::string withoutId(const std::string& mode) {
  return mode.starts_with("container:") ? "container:" : mode;
}

void addNetworks(const ContainerForm& form, ContainerFields& fields) {
  const Json& host = memberAt(form.body, "HostConfig");
  const auto mode = textAt(host, "NetworkMode");
  fields["network_mode"] = isOwnNetwork(mode) || mode == "default" ? "" : withoutId(mode);
  Json networks = Json::object();
  for (const auto& [name, endpoint] : form.networks.items()) {
    const Json& address = memberAt(endpoint, "IPAMConfig");
    networks[name] = {{"aliases", sorted(memberAt(endpoint, "Aliases"))},
                      {"ipv4", textAt(address, "IPv4Address")},
                      {"ipv6", textAt(address, "IPv6Address")}};
  }
  fields["networks"] = networks;
}

// Limits, namespaces and the like. What the engine fills in by itself says nothing.
void addHostKeys(const Json& host, ContainerFields& fields) {
  for (const auto& plain : plainHostKeys())
    fields[plain.key] = memberAt(host, plain.member);
  for (const char* ids : {"ipc", "pid"})
    if (fields[ids].is_string())
      fields[ids] = withoutId(fields[ids].get<std::string>());
  if (fields["ipc"] == "private" || fields["ipc"] == "shareable")
    fields["ipc"] = "";
  for (const char* engines : {"cgroup", "runtime", "isolation"}) // the engine's own choice where none is made
    fields.erase(engines);
  if (integerAt(host, "ShmSize") == engineShmSize)
    fields["shm_size"] = nullptr;
  const auto memory = integerAt(host, "Memory"), swap = integerAt(host, "MemorySwap");
  if (swap == 2 * memory || (memory > 0 && swap < 0)) // twice the memory, or not to be limited here
    fields["memswap_limit"] = nullptr;
  if (numberAt(host, "PidsLimit") < 0)
    fields["pids_limit"] = nullptr;
  if (integerAt(host, "MemorySwappiness", -1) < 0)
    fields["mem_swappiness"] = nullptr;
  for (const char* list : {"cap_add", "cap_drop", "group_add"}) {
    Json names = Json::array();
    for (const Json& name : fields[list])
      if (name.is_string())
        names.push_back(name.get<std::string>().starts_with("CAP_") ? Json(name.get<std::string>().substr(4))
                                                                    : name);
    fields[list] = sorted(names);
  }
  fields["cpus"] = memberAt(host, "NanoCpus");
  fields["extra_hosts"] = sorted(memberAt(host, "ExtraHosts"));
  fields["security_opt"] = sorted(memberAt(host, "SecurityOpt"));
  fields["ulimits"] = sorted(memberAt(host, "Ulimits"));
  fields["devices"] = sorted(memberAt(host, "Devices"));
  fields["volumes_from"] = memberAt(host, "VolumesFrom").size();
  if (const Json& masked = memberAt(host, "MaskedPaths"); masked.is_array() && masked.empty())
    fields["security_opt"].push_back("systempaths=unconfined");
}

void addProcess(const ContainerForm& form, ContainerFields& fields) {
  for (const auto& plain : plainConfigKeys()) {
    const Json& own = memberAt(form.body, plain.member);
    fields[plain.key] = saysNothing(own) ? memberAt(form.image, plain.member) : own;
  }
  if (fields["working_dir"] == "/")
    fields["working_dir"] = "";
  if (fields["stop_signal"] == "SIGTERM")
    fields["stop_signal"] = "";
  const auto grace = integerAt(form.body, "StopTimeout", engineGrace);
  fields["stop_grace_period"] = grace == engineGrace ? Json() : Json(grace);
  fields["mac_address"] = memberAt(form.body, "MacAddress");
}

} // namespace

bool isAnonymousVolume(std::string_view name) {
  return name.size() == anonymousNameLength &&
         name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

ContainerFields fieldsOf(const ContainerForm& form) {
  ContainerFields fields;
  const Json& host = memberAt(form.body, "HostConfig");
  addHostKeys(host, fields);
  addProcess(form, fields);
  addEnvironment(form, fields);
  addLabels(form, fields);
  addCommand(form, fields);
  addHealth(form, fields);
  addPorts(form, fields);
  addVolumes(form, fields);
  addRestart(host, fields);
  addNetworks(form, fields);
  fields["logging"] = memberAt(host, "LogConfig");
  std::erase_if(fields, [](const auto& field) {
    return saysNothing(field.second) && !field.first.starts_with("environment.") &&
           !field.first.starts_with("labels.");
  });
  return fields;
}

std::vector<std::string> differingNames(const ContainerFields& a, const ContainerFields& b) {
  std::set<std::string> names;
  for (const auto* side : {&a, &b})
    for (const auto& [name, value] : *side) {
      const auto left = a.find(name), right = b.find(name);
      if (left == a.end() || right == b.end() || left->second != right->second)
        names.insert(name);
    }
  return {names.begin(), names.end()};
}

ContainerFields changeableFields(const ContainerFields& fields) {
  static const std::set<std::string> names = {
      "cpu_period", "cpu_quota",     "cpu_rt_period", "cpu_rt_runtime",  "cpu_shares", "cpus",   "cpuset",
      "mem_limit",  "memswap_limit", "networks",      "mem_reservation", "pids_limit", "restart"};
  ContainerFields kept;
  for (const auto& [name, value] : fields)
    if (names.contains(name))
      kept[name] = value;
  return kept;
}

} // namespace ratdeck
