#include "core/runtime/docker/container_draft.h"
#include "core/runtime/docker/stack_resources.h"

#include <algorithm>
#include <charconv>

namespace ratdeck {

namespace {

constexpr int macPerNetworkApi = 44;
constexpr const char* interfaceOption = "com.docker.network.endpoint.ifname";

// The first is the container's own; the others follow by name.
std::vector<std::string> byPriority(const Json& networks) {
  std::vector<std::string> names;
  for (const auto& [name, value] : networks.items())
    names.push_back(name);
  std::stable_sort(names.begin(), names.end(), [&](const std::string& a, const std::string& b) {
    return numberAt(networks[a], "priority") > numberAt(networks[b], "priority");
  });
  return names;
}

// NAME[:ALIAS] as NAME:ALIAS.
std::vector<std::string> linksAt(KeyReader& keys, const char* key) {
  auto links = keys.texts(key);
  for (auto& link : links)
    if (link.find(':') == std::string::npos)
      link += ":" + link;
  return links;
}

// Docker looks the name up at each question, so a link to a service follows it from copy to copy, and through
// a router; Compose links to the container that happens to run.
std::vector<std::string> linksWithin(const std::vector<std::string>& links) {
  std::vector<std::string> aliases;
  for (const auto& link : links)
    if (const auto colon = link.find(':'); link.substr(0, colon) != link.substr(colon + 1))
      aliases.push_back(link); // by its own name it is known anyway
  return aliases;
}

// Beside a network_mode: the engine's own bridge links containers, and knows no services.
void translateLinksOfMode(const std::string& mode, const std::vector<std::string>& links,
                          const std::vector<std::string>& externalLinks, KeyReader& keys,
                          ContainerDraft& draft) {
  if (!links.empty())
    keys.fail("links", "need a network of the stack, and network_mode is " + mode, "remove one of them");
  if (mode == "bridge" || mode == "default")
    put(draft.host, "Links", externalLinks);
  else if (!externalLinks.empty())
    keys.fail("external_links", "need a network, and network_mode is " + mode, "remove one of them");
}

std::vector<std::string> aliasesOf(KeyReader& network, const ContainerDraft& draft) {
  std::vector<std::string> aliases{draft.name};
  const auto written = network.texts("aliases");
  if (!draft.options.hasServiceAlias)
    return aliases;
  aliases.push_back(draft.service.name);
  aliases.insert(aliases.end(), written.begin(), written.end());
  return aliases;
}

Json endpointOf(KeyReader network, const std::vector<std::string>& links, const ContainerDraft& draft) {
  Json endpoint = {{"Aliases", aliasesOf(network, draft)}};
  put(endpoint, "Links", links);
  Json address = Json::object();
  put(address, "IPv4Address", network.text("ipv4_address"));
  put(address, "IPv6Address", network.text("ipv6_address"));
  put(address, "LinkLocalIPs", network.texts("link_local_ips"));
  put(endpoint, "IPAMConfig", address.empty() ? Json() : address);
  Json options = network.labels("driver_opts");
  if (const auto name = network.text("interface_name"); !name.empty())
    options[interfaceOption] = name;
  put(endpoint, "DriverOpts", options);
  put(endpoint, "MacAddress", network.text("mac_address"));
  network.leave({"priority"});
  network.unheeded("gw_priority", "needs a Docker Engine 28 or newer");
  network.end();
  return endpoint;
}

// Older engines give a container one address, that of its first network.
void placeMacAddresses(KeyReader& keys, ContainerDraft& draft) {
  const auto ofContainer = keys.text("mac_address");
  if (draft.networks.empty())
    return put(draft.config, "MacAddress", ofContainer);
  auto& first = draft.networks.front().endpoint;
  const auto ofFirst = textAt(first, "MacAddress");
  if (!ofContainer.empty() && !ofFirst.empty() && ofContainer != ofFirst)
    return keys.fail("mac_address", "differs from that of the first network", "keep one of them");
  put(first, "MacAddress", ofContainer);
  if (draft.options.apiMinor >= macPerNetworkApi)
    return;
  for (std::size_t i = 1; i < draft.networks.size(); ++i)
    if (draft.networks[i].endpoint.contains("MacAddress"))
      return keys.fail("networks",
                       "gives mac_address on more than the first network, which needs a Docker Engine 25",
                       "set it on the network with the highest priority");
  put(draft.config, "MacAddress", textAt(first, "MacAddress"));
  first.erase("MacAddress");
}

void translateAttachments(KeyReader& keys, ContainerDraft& draft) {
  auto links = linksAt(keys, "links");
  const auto externalLinks = linksAt(keys, "external_links");
  auto networks = keys.map("networks");
  const auto mode = textAt(draft.host, "NetworkMode");
  if (!mode.empty())
    return translateLinksOfMode(mode, links, externalLinks, keys, draft);
  links.insert(links.end(), externalLinks.begin(), externalLinks.end());
  links = linksWithin(links);
  for (const auto& key :
       byPriority(keys.take("networks").is_object() ? keys.take("networks") : Json::object())) {
    const auto name = realName(draft.stack, "networks", key);
    if (!name)
      return networks.fail(key, "is not usable: " + name.error().message, name.error().next,
                           name.error().kind);
    draft.networks.push_back({*name, endpointOf(networks.map(key), links, draft)});
  }
  draft.host["NetworkMode"] = draft.networks.empty() ? "none" : draft.networks.front().network;
}

// "3000", "3000/udp", "3000-3005/tcp"
void exposePorts(const std::string& text, KeyReader& keys, Json& exposed) {
  const auto slash = text.find('/');
  const auto protocol = slash == std::string::npos ? "tcp" : text.substr(slash + 1);
  const auto range = text.substr(0, slash);
  const auto dash = range.find('-');
  int first = 0, last = 0;
  const auto read = [](const std::string& digits, int& port) {
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    return error == std::errc() && stop == digits.data() + digits.size() && port > 0 && port <= 65535;
  };
  const bool isRead = read(range.substr(0, dash), first) &&
                      read(dash == std::string::npos ? range : range.substr(dash + 1), last);
  if (!isRead || first > last)
    return keys.fail("expose", "has \"" + text + "\", which is no port",
                     "write it like 3000 or 3000-3005/udp");
  for (int port = first; port <= last; ++port)
    exposed[std::to_string(port) + "/" + protocol] = Json::object();
}

void translatePorts(KeyReader& keys, ContainerDraft& draft) {
  Json exposed = Json::object(), bindings = Json::object();
  for (const auto& text : keys.texts("expose"))
    exposePorts(text, keys, exposed);
  for (auto& port : keys.list("ports")) {
    const auto inside = port.text("target") + "/" + (port.has("protocol") ? port.text("protocol") : "tcp");
    port.leave({"protocol", "mode", "name", "app_protocol"}); // the others say nothing to one engine
    exposed[inside] = Json::object();
    bindings[inside].push_back({{"HostIp", port.text("host_ip")}, {"HostPort", port.text("published")}});
    port.end();
  }
  put(draft.config, "ExposedPorts", exposed.empty() ? Json() : exposed);
  put(draft.host, "PortBindings", bindings.empty() || !draft.options.publishesPorts ? Json() : bindings);
}

// NAME=ADDRESS as NAME:ADDRESS.
void translateHosts(KeyReader& keys, ContainerDraft& draft) {
  std::vector<std::string> lines;
  for (auto line : keys.texts("extra_hosts")) {
    if (const auto mark = line.find('='); mark != std::string::npos)
      line[mark] = ':';
    lines.push_back(std::move(line));
  }
  put(draft.host, "ExtraHosts", lines);
}

} // namespace

void translateNetworks(KeyReader& keys, ContainerDraft& draft) {
  translateAttachments(keys, draft);
  placeMacAddresses(keys, draft);
  translatePorts(keys, draft);
  translateHosts(keys, draft);
}

} // namespace ratdeck
