#include "core/spec/compose/canonical.h"

#include "core/spec/compose/interpolate.h"
#include "core/spec/compose/ports.h"
#include "core/spec/compose/volume_spec.h"

#include <functional>

namespace ratdeck::compose {

namespace {

Node portNode(const ShortPort& port, Place place) {
  auto node = Node::ofMap(place);
  node.set("mode", Node::ofText("ingress", place));
  if (!port.hostIp.empty())
    node.set("host_ip", Node::ofText(port.hostIp, place));
  node.set("target", Node::ofInteger(port.target, place));
  if (!port.published.empty())
    node.set("published", Node::ofText(port.published, place));
  node.set("protocol", Node::ofText(port.protocol, place));
  return node;
}

Node volumeNode(const ShortVolume& volume, Place place) {
  auto node = Node::ofMap(place);
  node.set("type", Node::ofText(volume.isBind ? "bind" : "volume", place));
  if (!volume.source.empty())
    node.set("source", Node::ofText(volume.source, place));
  node.set("target", Node::ofText(volume.target, place));
  if (volume.isReadOnly)
    node.set("read_only", Node::ofBool(true, place));
  if (volume.isBind || !volume.propagation.empty() || !volume.selinux.empty()) {
    auto& bind = node.set("bind", Node::ofMap(place));
    if (volume.isBind)
      bind.set("create_host_path", Node::ofBool(true, place));
    if (!volume.propagation.empty())
      bind.set("propagation", Node::ofText(volume.propagation, place));
    if (!volume.selinux.empty())
      bind.set("selinux", Node::ofText(volume.selinux, place));
  }
  if ((!volume.isBind && volume.hasVolumeOptions) || volume.noCopy) {
    auto& options = node.set("volume", Node::ofMap(place));
    if (volume.noCopy)
      options.set("nocopy", Node::ofBool(true, place));
  }
  return node;
}

class Canonical {
public:
  explicit Canonical(Report& report) : m_report(report) {}

  void run(Node& root) {
    if (auto* services = root.find("services"))
      for (auto& entry : services->entries) {
        if (m_report.hasFailed())
          return;
        m_name = "services." + entry.key;
        service(entry.value);
      }
    for (const char* section : {"volumes", "networks", "secrets", "configs"})
      if (auto* resources = root.find(section))
        for (auto& entry : resources->entries)
          external(entry.value, std::string(section) + "." + entry.key);
  }

private:
  void service(Node& node) {
    if (!node.isMap())
      return;
    ifThere(node, "build", [this](Node& n) { build(n); });
    ifThere(node, "depends_on", [](Node& n) { dependsOn(n); });
    ifThere(node, "env_file", [](Node& n) { envFile(n); });
    ifThere(node, "label_file", [](Node& n) { toList(n); });
    ifThere(node, "networks", [](Node& n) { namesToMap(n); });
    ifThere(node, "models", [](Node& n) { namesToMap(n); });
    ifThere(node, "dns", [](Node& n) { toList(n); });
    ifThere(node, "ports", [this](Node& n) { ports(n); });
    ifThere(node, "gpus", [](Node& n) { gpus(n); });
    ifThere(node, "extends", [](Node& n) { wrap(n, "service"); });
    eachItem(node, "volumes", [this](Node& n) { volume(n); });
    eachItem(node, "devices", [this](Node& n) { device(n); });
    eachItem(node, "secrets", [](Node& n) { wrap(n, "source"); });
    eachItem(node, "configs", [](Node& n) { wrap(n, "source"); });
    if (auto* dns = node.find("dns"))
      std::erase_if(dns->items, [](const Node& n) { return n.isNull() || (n.isText() && n.text.empty()); });
  }

  template <class Do>
  static void ifThere(Node& node, const char* key, Do act) {
    if (auto* member = node.find(key))
      act(*member);
  }
  template <class Do>
  static void eachItem(Node& node, const char* key, Do act) {
    if (auto* list = node.find(key))
      for (auto& item : list->items)
        act(item);
  }

  static void toList(Node& node) {
    if (!node.isText())
      return;
    auto list = Node::ofList(node.place);
    list.items.push_back(std::move(node));
    node = std::move(list);
  }

  static void wrap(Node& node, const char* key) {
    if (!node.isText())
      return;
    auto map = Node::ofMap(node.place);
    map.set(key, std::move(node));
    node = std::move(map);
  }

  static void namesToMap(Node& node) {
    if (!node.isList())
      return;
    auto map = Node::ofMap(node.place);
    for (const auto& item : node.items) {
      Node none;
      none.place = item.place;
      map.set(item.text, std::move(none));
    }
    node = std::move(map);
  }

  static void dependsOn(Node& node) {
    namesToMap(node);
    for (auto& entry : node.entries) {
      if (entry.value.isNull())
        entry.value = Node::ofMap(entry.value.place);
      if (!entry.value.find("condition"))
        entry.value.set("condition", Node::ofText("service_started", entry.value.place));
      if (!entry.value.find("required"))
        entry.value.set("required", Node::ofBool(true, entry.value.place));
    }
  }

  static void envFile(Node& node) {
    toList(node);
    for (auto& item : node.items) {
      wrap(item, "path");
      if (item.isMap() && !item.find("required"))
        item.set("required", Node::ofBool(true, item.place));
    }
  }

  static void gpus(Node& node) {
    if (!node.isText())
      return;
    auto list = Node::ofList(node.place);
    auto device = Node::ofMap(node.place);
    device.set("count", std::move(node));
    list.items.push_back(std::move(device));
    node = std::move(list);
  }

  void device(Node& node) {
    if (!node.isText())
      return;
    auto place = node.place;
    std::vector<std::string> parts(1);
    for (char c : node.text)
      if (c == ':')
        parts.emplace_back();
      else
        parts.back() += c;
    if (parts.size() > 3)
      m_report.fail(place, m_name + ".devices: \"" + node.text + "\" has too many colons",
                    "write source:, target: and permissions:");
    auto map = Node::ofMap(place);
    map.set("source", Node::ofText(parts[0], place));
    map.set("target", Node::ofText(parts.size() > 1 && !parts[1].empty() ? parts[1] : parts[0], place));
    map.set("permissions", Node::ofText(parts.size() > 2 ? parts[2] : "rwm", place));
    node = std::move(map);
  }

  void build(Node& node) {
    wrap(node, "context");
    eachItem(node, "secrets", [](Node& n) { wrap(n, "source"); });
    ifThere(node, "additional_contexts", [](Node& n) { keyValues(n); });
    ifThere(node, "ssh", [this](Node& n) { ssh(n); });
  }

  static void keyValues(Node& node) {
    if (!node.isList())
      return;
    auto map = Node::ofMap(node.place);
    for (const auto& item : node.items) {
      auto equals = item.text.find('=');
      map.set(item.text.substr(0, equals),
              Node::ofText(equals == std::string::npos ? "" : item.text.substr(equals + 1), item.place));
    }
    node = std::move(map);
  }

  void ssh(Node& node) {
    keyValues(node);
    for (const auto& entry : node.entries)
      if (entry.key != "default" && entry.value.isText() && entry.value.text.empty())
        m_report.fail(entry.place, m_name + ".build.ssh: the key \"" + entry.key + "\" has no path",
                      "write id=path, or default");
  }

  void ports(Node& node) {
    std::vector<Node> ports;
    for (auto& item : node.items) {
      if (item.isMap()) {
        ports.push_back(std::move(item));
        continue;
      }
      auto parsed = parsePort(scalarText(item));
      if (!parsed) {
        m_report.fail(item.place, m_name + ".ports: " + parsed.error().message, parsed.error().next);
        return;
      }
      if (!m_report.takePorts(parsed->size(), item.place))
        return;
      for (const auto& port : *parsed)
        ports.push_back(portNode(port, item.place));
    }
    node.items = std::move(ports);
  }

  void volume(Node& node) {
    if (node.isText()) {
      auto parsed = parseVolume(node.text);
      if (!parsed) {
        m_report.fail(node.place, m_name + ".volumes: " + parsed.error().message, parsed.error().next);
        return;
      }
      node = volumeNode(*parsed, node.place);
    }
    if (auto* target = node.find("target"); target && target->isText())
      target->text = cleanPath(target->text);
  }

  void external(Node& node, const std::string& name) {
    auto* external = node.find("external");
    if (!external)
      return;
    if (external->isText()) {
      if (auto value = parseBool(external->text))
        *external = Node::ofBool(*value, external->place);
      return;
    }
    if (!external->isMap())
      return;
    auto old = std::move(*external);
    *external = Node::ofBool(true, old.place);
    const auto* oldName = old.find("name");
    if (!oldName)
      return;
    m_report.warn(oldName->place, name + ": external.name is deprecated",
                  "write name: beside external: true");
    if (const auto* present = node.find("name")) {
      if (!sameValue(*present, *oldName))
        m_report.fail(oldName->place, name + ": name and external.name conflict", "keep only name");
    } else {
      node.set("name", *oldName);
    }
  }

  Report& m_report;
  std::string m_name;
};

} // namespace

void makeCanonical(Node& root, Report& report) {
  Canonical(report).run(root);
}

namespace {

void deviceDefaults(Node* devices) {
  if (!devices)
    return;
  for (auto& device : devices->items)
    if (device.isMap() && !device.find("count") && !device.find("device_ids"))
      device.set("count", Node::ofText("all", device.place));
}

void serviceDefaults(Node& service) {
  if (auto* build = service.find("build"); build && build->isMap() && !build->find("context"))
    build->set("context", Node::ofText(".", build->place));
  if (auto* secrets = service.find("secrets"))
    for (auto& secret : secrets->items)
      if (secret.isMap() && !secret.find("target"))
        secret.set("target", Node::ofText("/run/secrets/" + secret.textAt("source"), secret.place));
  if (auto* ports = service.find("ports"))
    for (auto& port : ports->items) {
      if (!port.find("mode"))
        port.set("mode", Node::ofText("ingress", port.place));
      if (!port.find("protocol"))
        port.set("protocol", Node::ofText("tcp", port.place));
    }
  if (auto* volumes = service.find("volumes"))
    for (auto& volume : volumes->items)
      if (auto* bind = volume.find("bind"); bind && bind->isMap() && !bind->find("create_host_path"))
        bind->set("create_host_path", Node::ofBool(true, bind->place));
  deviceDefaults(service.find("gpus"));
  auto* resources = service.find("deploy") ? service.find("deploy")->find("resources") : nullptr;
  if (auto* reservations = resources ? resources->find("reservations") : nullptr)
    deviceDefaults(reservations->find("devices"));
}

} // namespace

void setDefaults(Node& root) {
  if (auto* services = root.find("services"))
    for (auto& entry : services->entries)
      if (entry.value.isMap())
        serviceDefaults(entry.value);
}

} // namespace ratdeck::compose
