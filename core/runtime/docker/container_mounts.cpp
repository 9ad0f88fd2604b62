#include "core/runtime/docker/container_draft.h"
#include "core/runtime/docker/stack_resources.h"

namespace ratdeck {

namespace {

constexpr int subpathApi = 45;
constexpr int readOnlyRecursionApi = 44;

// The short form, SOURCE:TARGET:OPTIONS, in which the engine makes a missing source of a bind.
void addBind(const std::string& source, KeyReader& mount, KeyReader& bind, bool copies, Json& host) {
  std::string line =
      source + ":" + mount.text("target") + (mount.flag("read_only").value_or(false) ? ":ro" : ":rw");
  for (const auto& option : {bind.text("selinux"), bind.text("propagation"), mount.text("consistency")})
    line += option.empty() ? "" : "," + option;
  host["Binds"].push_back(line + (copies ? "" : ",nocopy"));
}

Json mountOf(const std::string& type, const std::string& source, KeyReader& keys) {
  Json mount = {{"Type", type}, {"Target", keys.text("target")}};
  put(mount, "Source", source);
  put(mount, "ReadOnly", keys.flag("read_only"));
  put(mount, "Consistency", keys.text("consistency"));
  return mount;
}

void putRecursion(KeyReader& bind, int apiMinor, Json& options) {
  const auto recursion = bind.text("recursive");
  if (recursion == "disabled")
    options["NonRecursive"] = true;
  else if (recursion == "writable" || recursion == "readonly") {
    if (apiMinor < readOnlyRecursionApi)
      bind.fail("recursive", "needs a Docker Engine 25 or newer", "remove it");
    options[recursion == "writable" ? "ReadOnlyNonRecursive" : "ReadOnlyForceRecursive"] = true;
  } else if (!recursion.empty() && recursion != "enabled")
    bind.fail("recursive", "is \"" + recursion + "\"", "write enabled, disabled, writable or readonly");
}

void translateBindMount(KeyReader& keys, ContainerDraft& draft) {
  const auto source = keys.text("source");
  auto bind = keys.map("bind");
  const bool makesSource = bind.flag("create_host_path").value_or(true);
  const bool isPlain = makesSource && !bind.has("recursive") && source.find(':') == std::string::npos;
  if (isPlain) {
    bind.leave({"recursive"});
    addBind(source, keys, bind, true, draft.host);
  } else {
    auto mount = mountOf("bind", source, keys);
    Json options = Json::object();
    put(options, "Propagation", bind.text("propagation"));
    putRecursion(bind, draft.options.apiMinor, options);
    bind.refuse("selinux", "cannot be set beside create_host_path: false or recursive", "remove one of them");
    put(mount, "BindOptions", options.empty() ? Json() : options);
    draft.host["Mounts"].push_back(std::move(mount));
  }
  bind.end();
}

void translateVolume(KeyReader& keys, ContainerDraft& draft) {
  const auto key = keys.text("source");
  auto bind = keys.map("bind");
  auto volume = keys.map("volume");
  const auto source = key.empty() ? Result<std::string>("") : realName(draft.stack, "volumes", key);
  if (!source)
    return keys.fail("source", "is not usable: " + source.error().message, source.error().next,
                     source.error().kind);
  const bool copies = !volume.flag("nocopy").value_or(false);
  if (!source->empty() && !volume.has("labels") && !volume.has("subpath")) {
    volume.leave({"labels", "subpath"});
    addBind(*source, keys, bind, copies, draft.host);
  } else {
    auto mount = mountOf("volume", *source, keys);
    Json options = Json::object();
    if (!copies)
      options["NoCopy"] = true;
    put(options, "Labels", volume.labels("labels"));
    if (volume.has("subpath") && draft.options.apiMinor < subpathApi)
      volume.fail("subpath", "needs a Docker Engine 26 or newer", "mount the whole volume");
    put(options, "Subpath", volume.text("subpath"));
    put(mount, "VolumeOptions", options.empty() ? Json() : options);
    draft.host["Mounts"].push_back(std::move(mount));
  }
  bind.end();
  volume.end();
}

// Octal as text, a number as YAML read it.
std::optional<long long> tmpfsMode(KeyReader& keys) {
  const auto& mode = keys.take("mode");
  if (!mode.is_string())
    return keys.number("mode");
  const auto& digits = mode.get_ref<const std::string&>();
  if (!digits.empty() && digits.size() <= 5 && digits.find_first_not_of("01234567") == std::string::npos)
    return std::stoll(digits, nullptr, 8);
  keys.fail("mode", "is no octal mode", "write it like \"0700\"");
  return {};
}

void translateTmpfsMount(KeyReader& keys, ContainerDraft& draft) {
  auto tmpfs = keys.map("tmpfs");
  auto mount = mountOf("tmpfs", "", keys);
  Json options = Json::object();
  put(options, "SizeBytes", tmpfs.number("size"));
  put(options, "Mode", tmpfsMode(tmpfs));
  tmpfs.end();
  put(mount, "TmpfsOptions", options.empty() ? Json() : options);
  draft.host["Mounts"].push_back(std::move(mount));
}

void translateMount(KeyReader& keys, ContainerDraft& draft) {
  const auto type = keys.text("type");
  if (type == "bind")
    translateBindMount(keys, draft);
  else if (type == "volume")
    translateVolume(keys, draft);
  else if (type == "tmpfs")
    translateTmpfsMount(keys, draft);
  else if (type == "npipe")
    draft.host["Mounts"].push_back(mountOf("npipe", keys.text("source"), keys));
  else
    return keys.fail("type", "is \"" + type + "\", which the Docker runtime does not mount",
                     "use bind, volume or tmpfs");
  keys.end();
}

// NAME[:MODE] of a service, container:NAME[:MODE].
void translateVolumesFrom(KeyReader& keys, ContainerDraft& draft) {
  constexpr std::string_view ofContainer = "container:";
  std::vector<std::string> lines;
  for (const auto& line : keys.texts("volumes_from")) {
    if (line.starts_with(ofContainer)) {
      lines.push_back(line.substr(ofContainer.size()));
      continue;
    }
    const auto colon = line.find(':');
    lines.push_back(draft.containerOf(line.substr(0, colon), keys, "volumes_from") +
                    (colon == std::string::npos ? "" : line.substr(colon)));
  }
  put(draft.host, "VolumesFrom", lines);
}

// The path inside of SOURCE:TARGET[:OPTIONS].
std::string targetOf(const Json& line) {
  const auto text = line.is_string() ? line.get<std::string>() : std::string();
  const auto first = text.find(':');
  const auto second = first == std::string::npos ? first : text.find(':', first + 1);
  return first == std::string::npos ? text : text.substr(first + 1, second - first - 1);
}

} // namespace

void bindKeptVolumes(const Json& kept, Json& body) {
  Json& host = body["HostConfig"];
  for (const auto& [target, name] : kept.items()) {
    bool isMounted = memberAt(host, "Tmpfs").contains(target);
    for (const Json& line : memberAt(host, "Binds"))
      isMounted = isMounted || targetOf(line) == target;
    if (host.contains("Mounts"))
      for (Json& mount : host["Mounts"])
        if (textAt(mount, "Target") == target) {
          isMounted = true;
          if (textAt(mount, "Type") == "volume" && textAt(mount, "Source").empty())
            mount["Source"] = name;
        }
    if (!isMounted)
      host["Binds"].push_back(name.get<std::string>() + ":" + target);
  }
}

void translateMounts(KeyReader& keys, ContainerDraft& draft) {
  for (auto& mount : keys.list("volumes"))
    translateMount(mount, draft);
  for (const auto& line : keys.texts("tmpfs")) {
    const auto colon = line.find(':');
    draft.host["Tmpfs"][line.substr(0, colon)] = colon == std::string::npos ? "" : line.substr(colon + 1);
  }
  translateVolumesFrom(keys, draft);
}

} // namespace ratdeck
