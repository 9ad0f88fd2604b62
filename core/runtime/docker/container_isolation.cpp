#include "core/runtime/docker/container_draft.h"

namespace ratdeck {

namespace {

// "service:NAME" -> "container:ID"; everything else is Docker's own word.
std::string sharedMode(KeyReader& keys, const char* key, ContainerDraft& draft) {
  constexpr std::string_view ofService = "service:";
  const auto mode = keys.text(key);
  if (!mode.starts_with(ofService))
    return mode;
  return "container:" + draft.containerOf(mode.substr(ofService.size()), keys, key);
}

// Docker takes the profile itself, not its path.
std::string seccompProfile(const std::string& path, KeyReader& keys, ContainerDraft& draft) {
  if (!draft.options.readProfile) {
    keys.fail("security_opt", "names the seccomp profile " + path + ", which cannot be read here",
              "write seccomp=unconfined or remove it");
    return {};
  }
  const auto text = draft.options.readProfile(path);
  const auto profile = text ? parseJson(*text) : Result<Json>(failure(text.error()));
  if (!profile)
    keys.fail("security_opt", "names the seccomp profile " + path + ": " + profile.error().message,
              "check the file", profile.error().kind);
  return profile ? dumpJson(*profile) : std::string();
}

void translateSecurityOptions(KeyReader& keys, ContainerDraft& draft) {
  std::vector<std::string> options;
  for (auto option : keys.texts("security_opt")) {
    if (option == "systempaths=unconfined" || option == "systempaths:unconfined") {
      draft.host["MaskedPaths"] = Json::array();
      draft.host["ReadonlyPaths"] = Json::array();
      continue;
    }
    auto mark = option.find('=');
    if (mark == std::string::npos && option != "no-new-privileges") {
      mark = option.find(':'); // the old separator
      if (mark == std::string::npos)
        return keys.fail("security_opt", "has the option \"" + option + "\" without a value",
                         "write it like apparmor=PROFILE");
      option[mark] = '=';
    }
    const auto value = mark == std::string::npos ? std::string() : option.substr(mark + 1);
    if (option.starts_with("seccomp=") && value != "unconfined" && value != "builtin")
      option = "seccomp=" + seccompProfile(value, keys, draft);
    options.push_back(option);
  }
  if (keys.has("credential_spec")) {
    auto spec = keys.map("credential_spec");
    spec.refuse("config", "is a config of a swarm", "use file: or registry:");
    for (const char* source : {"file", "registry"})
      if (const auto place = spec.text(source); !place.empty())
        options.push_back(std::string("credentialspec=") + source + "://" + place);
    spec.end();
  }
  put(draft.host, "SecurityOpt", options);
}

// What docker refuses beside another container's network, in our words and before anything is done.
void checkSharedNetwork(KeyReader& keys, const std::string& mode) {
  if (!mode.starts_with("container:"))
    return;
  for (const char* key : {"ports", "expose", "hostname", "dns", "extra_hosts", "mac_address", "links"})
    keys.refuse(key, "cannot be set where network_mode takes another container's network",
                "set it on that container, or remove it");
}

} // namespace

void translateIsolation(KeyReader& keys, ContainerDraft& draft) {
  const auto network = sharedMode(keys, "network_mode", draft);
  checkSharedNetwork(keys, network);
  put(draft.host, "NetworkMode", network);
  put(draft.host, "IpcMode", sharedMode(keys, "ipc", draft));
  put(draft.host, "PidMode", sharedMode(keys, "pid", draft));
  translateSecurityOptions(keys, draft);
}

} // namespace ratdeck
