#include "core/runtime/docker/container_copy.h"

#include "core/runtime/docker/container_plain.h"
#include "core/runtime/docker/container_request.h"

#include <algorithm>
#include <chrono>

namespace ratdeck {

namespace {

constexpr std::size_t shortIdLength = 12;
constexpr int newestApi = 99; // a comparison asks no engine, so no key is too new for it
constexpr const char* bodyMember = "body";
constexpr const char* networksMember = "networks";
constexpr const char* imageMember = "image";

// What an image hands down.
constexpr const char* inherited[] = {"Cmd",    "Entrypoint", "Env",  "ExposedPorts", "Healthcheck",
                                     "Labels", "StopSignal", "User", "Volumes",      "WorkingDir"};

Json withoutNulls(const Json& object) {
  Json kept = Json::object();
  for (const auto& [name, value] : object.items())
    if (!value.is_null())
      kept[name] = value;
  return kept;
}

bool isOneOf(const std::string& mode, std::initializer_list<const char*> modes) {
  return std::any_of(modes.begin(), modes.end(), [&](const char* one) { return mode == one; });
}

// Some are the engine's doing, and refused in a create.
void dropForeignNames(Json& body, const std::string& id, const std::string& mode) {
  const auto hostname = textAt(body, "Hostname");
  const bool isShared = mode.starts_with("container:");
  if (hostname == id.substr(0, shortIdLength) || isShared ||
      textAt(memberAt(body, "HostConfig"), "UTSMode") == "host")
    body.erase("Hostname");
  if (isShared)
    for (const char* member : {"Domainname", "ExposedPorts", "MacAddress"})
      body.erase(member);
}

void dropAlias(Json& endpoint, const std::string& alias) {
  if (!endpoint.contains("Aliases"))
    return;
  auto& aliases = endpoint["Aliases"];
  for (auto it = aliases.begin(); it != aliases.end();)
    it = *it == alias ? aliases.erase(it) : std::next(it);
}

Json endpointOf(const Json& attachment, const DockerContainer& container) {
  Json endpoint = Json::object();
  for (const char* member : {"Aliases", "DriverOpts", "IPAMConfig", "Links"})
    if (const Json& value = memberAt(attachment, member); !value.is_null())
      endpoint[member] = value;
  dropAlias(endpoint, container.id.substr(0, shortIdLength));
  dropAlias(endpoint, container.name);
  return endpoint;
}

// Those that its network mode alone gives it are not asked for again.
Json attachmentsOf(const DockerContainer& container, const std::string& mode) {
  Json networks = Json::object();
  const Json& attachments = memberAt(memberAt(container.raw, "NetworkSettings"), "Networks");
  if (mode.starts_with("container:") || !attachments.is_object())
    return networks;
  const bool isOnlyOne = attachments.size() == 1 && isOneOf(mode, {"default", "bridge", "host", "none"});
  if (!isOnlyOne)
    for (const auto& [name, attachment] : attachments.items())
      networks[name] = endpointOf(attachment, container);
  return networks;
}

Json inheritedPart(const Json& image) {
  Json part = Json::object();
  for (const char* member : inherited)
    if (const Json& value = memberAt(image, member); !value.is_null())
      part[member] = value;
  return part;
}

// The Compose form of a container, key by key.
class ReadableForm {
public:
  explicit ReadableForm(const ContainerForm& form, const std::string& service)
      : m_form(form), m_service(service), m_fields(fieldsOf(form)),
        m_inherited(fieldsOf({Json::object(), Json::object(), form.image})) {}

  Json write() {
    writePlain();
    writeNamed("environment");
    writeNamed("labels");
    writeCommand();
    writeHealth();
    writePorts();
    writeVolumes();
    writeNetworks();
    return std::move(m_json);
  }

private:
  const Json& own(const std::string& name) const {
    static const Json nothing;
    const auto field = m_fields.find(name), handed = m_inherited.find(name);
    const bool isOwn =
        field != m_fields.end() && (handed == m_inherited.end() || handed->second != field->second);
    return isOwn ? field->second : nothing;
  }

  void writePlain() {
    for (const auto keys : {plainConfigKeys(), plainHostKeys()})
      for (const auto& plain : keys)
        if (const Json& value = own(plain.key); !value.is_null())
          m_json[plain.key] = value;
    for (const char* key : {"restart", "mac_address", "extra_hosts"})
      if (const Json& value = own(key); !value.is_null())
        m_json[key] = value;
    if (const Json& grace = own("stop_grace_period"); grace.is_number())
      m_json["stop_grace_period"] = std::to_string(grace.get<long long>()) + "s";
    if (const auto processors = integerAt(memberAt(m_form.body, "HostConfig"), "NanoCpus"); processors > 0)
      m_json["cpus"] = static_cast<double>(processors) / 1e9;
  }

  void writeNamed(const std::string& section) {
    for (const auto& [name, value] : m_fields)
      if (name.starts_with(section + ".") && !own(name).is_null())
        m_json[section][name.substr(section.size() + 1)] = value;
  }

  // An entry point of its own takes the image's command away.
  void writeCommand() {
    m_json["entrypoint"] = own("entrypoint");
    m_json["command"] = own("command");
    const auto command = m_fields.find("command");
    if (!own("entrypoint").is_null())
      m_json["command"] = command == m_fields.end() ? Json::array() : command->second;
  }

  void writeHealth() {
    const Json& health = own("healthcheck");
    if (health.is_null())
      return;
    const Json& test = memberAt(health, "Test");
    if (test.is_array() && !test.empty() && test.front() == "NONE") {
      m_json["healthcheck"] = {{"disable", true}};
      return;
    }
    Json& check = m_json["healthcheck"] = {{"test", test}};
    constexpr std::pair<const char*, const char*> times[] = {{"interval", "Interval"},
                                                             {"timeout", "Timeout"},
                                                             {"start_period", "StartPeriod"},
                                                             {"start_interval", "StartInterval"}};
    for (const auto& [key, member] : times)
      if (const auto nanoseconds = integerAt(health, member); nanoseconds > 0)
        check[key] = toGoString(Duration(std::chrono::nanoseconds(nanoseconds)));
    if (const auto retries = integerAt(health, "Retries"); retries > 0)
      check["retries"] = retries;
  }

  void writePorts() {
    const auto published = m_fields.find("ports");
    std::vector<std::string> said;
    if (published != m_fields.end())
      for (const Json& port : published->second) {
        const auto inside = port[0].get<std::string>();
        const auto slash = inside.find('/');
        Json written = {{"mode", "ingress"},
                        {"target", std::atoi(inside.c_str())},
                        {"protocol", slash == std::string::npos ? "tcp" : inside.substr(slash + 1)}};
        if (port[1] != "")
          written["host_ip"] = port[1];
        if (port[2] != "")
          written["published"] = port[2];
        m_json["ports"].push_back(std::move(written));
        said.push_back(inside);
      }
    const Json handed = memberAt(m_form.image, "ExposedPorts");
    const auto exposed = m_fields.find("expose");
    if (exposed != m_fields.end())
      for (const Json& port : exposed->second)
        if (!handed.contains(port.get<std::string>()) &&
            std::find(said.begin(), said.end(), port.get<std::string>()) == said.end())
          m_json["expose"].push_back(port);
  }

  void writeVolumes() {
    const auto volumes = m_fields.find("volumes");
    const Json handed = memberAt(m_form.image, "Volumes");
    if (volumes != m_fields.end())
      for (const auto& [target, volume] : volumes->second.items()) {
        if (volume.contains("anonymous") && handed.contains(target))
          continue;
        const auto source = textAt(volume, "source");
        const bool isBind = source.starts_with('/');
        Json written = {{"type", volume.contains("tmpfs") ? "tmpfs"
                                 : isBind                 ? "bind"
                                                          : "volume"},
                        {"target", target}};
        if (!source.empty())
          written["source"] = source;
        for (const char* options : {"options", "anonymous"})
          for (const Json& option : memberAt(volume, options))
            if (option == "ro")
              written["read_only"] = true;
        m_json["volumes"].push_back(std::move(written));
      }
    if (const auto tmpfs = m_fields.find("tmpfs"); tmpfs != m_fields.end())
      for (const auto& [target, options] : tmpfs->second.items())
        m_json["tmpfs"].push_back(target + (options == "" ? "" : ":" + options.get<std::string>()));
  }

  void writeNetworks() {
    const auto mode = textAt(memberAt(m_form.body, "HostConfig"), "NetworkMode");
    if (m_form.networks.empty() && !isOneOf(mode, {"", "default"})) {
      m_json["network_mode"] = mode;
      return;
    }
    for (const auto& [name, endpoint] : m_form.networks.items()) {
      Json& network = m_json["networks"][name] = Json::object();
      for (const Json& alias : memberAt(endpoint, "Aliases"))
        if (alias != m_service)
          network["aliases"].push_back(alias);
      const Json& address = memberAt(endpoint, "IPAMConfig");
      for (const auto& [key, member] :
           {std::pair("ipv4_address", "IPv4Address"), {"ipv6_address", "IPv6Address"}})
        if (const auto text = textAt(address, member); !text.empty())
          network[key] = text;
    }
  }

  const ContainerForm& m_form;
  const std::string& m_service;
  ContainerFields m_fields, m_inherited;
  Json m_json = Json::object();
};

ContainerForm formOf(const ServiceSpec& copied) {
  const Json& whole = memberAt(copied.normalised, adoptedContainerKey);
  return {memberAt(whole, bodyMember), memberAt(whole, networksMember), memberAt(whole, imageMember)};
}

// Every copy answers to its service's name: no difference.
void dropServiceAlias(ContainerForm& form, const std::string& service) {
  for (auto& endpoint : form.networks)
    dropAlias(endpoint, service);
}

// What the wanted one leaves to the engine, and what an older engine does not tell of a container.
void forgetUnknown(ContainerFields& copied, const ContainerFields& wanted, const Json& body) {
  if (!wanted.contains("logging"))
    copied.erase("logging");
  if (!wanted.contains("hostname") && textAt(memberAt(body, "HostConfig"), "NetworkMode") == "host")
    copied.erase("hostname");
}

} // namespace

ContainerForm copiedForm(const DockerContainer& container, const Json& image) {
  ContainerForm form;
  form.image = inheritedPart(image);
  form.body = withoutNulls(memberAt(container.raw, "Config"));
  form.body["HostConfig"] = withoutNulls(memberAt(container.raw, "HostConfig"));
  form.body["HostConfig"].erase("ContainerIDFile");
  const auto mode = textAt(form.body["HostConfig"], "NetworkMode");
  dropForeignNames(form.body, container.id, mode);
  form.networks = attachmentsOf(container, mode);
  return form;
}

ContainerForm requestedForm(const ContainerRequest& request) {
  ContainerForm form{request.body, Json::object(), Json::object()};
  if (request.body.contains("NetworkingConfig"))
    form.networks = request.body["NetworkingConfig"]["EndpointsConfig"];
  for (const auto& network : request.networks)
    form.networks[network.network] = network.endpoint;
  for (auto& endpoint : form.networks)
    dropAlias(endpoint, request.name);
  return form;
}

ServiceSpec copiedService(const std::string& name, const DockerContainer& container, const Json& image) {
  const auto form = copiedForm(container, image);
  ServiceSpec service;
  service.name = name;
  service.image = container.image;
  service.normalised = ReadableForm(form, name).write();
  service.normalised["image"] = container.image;
  service.normalised[adoptedContainerKey] = {
      {bodyMember, form.body}, {networksMember, form.networks}, {imageMember, form.image}};
  setImageId(service, container.imageId);
  for (const auto& [variable, value] : memberAt(service.normalised, "environment").items())
    service.environment.emplace(variable, Secret(value.get<std::string>()));
  return service;
}

Json resourcesOfCopy(const ServiceSpec& service) {
  Json resources = {{"networks", Json::object()}, {"volumes", Json::object()}};
  for (const auto& [name, attachment] : memberAt(service.normalised, "networks").items())
    resources["networks"][name] = {{"name", name}, {"external", true}};
  for (const Json& volume : memberAt(service.normalised, "volumes"))
    if (const auto name = textAt(volume, "source"); textAt(volume, "type") == "volume" && !name.empty())
      resources["volumes"][name] = {{"name", name}, {"external", true}};
  return resources;
}

bool isCopied(const ServiceSpec& service) {
  return !memberAt(service.normalised, adoptedContainerKey).is_null();
}

Result<ContainerForm> formFor(const ServiceSpec& service, const StackSpec& stack) {
  if (isCopied(service))
    return formOf(service);
  ContainerOptions options;
  options.apiMinor = newestApi;
  for (const auto& [name, other] : stack.services)
    options.containers[name] = name;
  auto request = containerRequest(service, stack, {InstanceId(service.name), 1, 0, {}, {}}, options);
  if (!request)
    return failure(request.error());
  return requestedForm(*request);
}

std::vector<std::string> driftOf(const ServiceSpec& copied, const ServiceSpec& wanted,
                                 const StackSpec& stack) {
  auto now = formOf(copied);
  auto then = formFor(wanted, stack);
  if (!then)
    return {"configuration"};
  then->image = now.image;
  dropServiceAlias(now, copied.name);
  dropServiceAlias(*then, wanted.name);
  auto running = fieldsOf(now);
  const auto asked = fieldsOf(*then);
  forgetUnknown(running, asked, now.body);
  return differingNames(running, asked);
}

} // namespace ratdeck
