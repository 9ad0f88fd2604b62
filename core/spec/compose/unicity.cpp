#include "core/spec/compose/merge.h"
#include "core/spec/compose/volume_spec.h"

#include <unordered_map>

namespace ratdeck::compose {

namespace {

class Unicity {
public:
  explicit Unicity(Report& report) : m_report(report) {}

  void walk(Node& node) {
    if (m_report.hasFailed())
      return;
    // Nothing below an item or an extension has a key of its own.
    for (auto& entry : node.entries)
      if (!entry.value.isScalar() && entry.key.rfind("x-", 0) != 0) {
        Step step(m_path, entry.key);
        walk(entry.value);
      }
    if (!node.isList())
      return;
    for (const auto& rule : rules())
      if (m_path.matches(rule.where)) {
        dropRepeated(node, rule.key);
        return;
      }
  }

private:
  using KeyOf = std::string (Unicity::*)(const Node&);
  struct Rule {
    Pattern where;
    KeyOf key;
  };

  static const std::vector<Rule>& rules() {
    static const std::vector<Rule> table{
        {"networks.*.labels", &Unicity::nameOf},
        {"networks.*.ipam.options", &Unicity::nameOf},
        {"volumes.*.labels", &Unicity::nameOf},
        {"services.*.annotations", &Unicity::nameOf},
        {"services.*.build.args", &Unicity::nameOf},
        {"services.*.build.additional_contexts", &Unicity::nameOf},
        {"services.*.build.platform", &Unicity::nameOf},
        {"services.*.build.tags", &Unicity::nameOf},
        {"services.*.build.labels", &Unicity::nameOf},
        {"services.*.cap_add", &Unicity::nameOf},
        {"services.*.cap_drop", &Unicity::nameOf},
        {"services.*.devices", &Unicity::deviceOf},
        {"services.*.configs", &Unicity::configOf},
        {"services.*.deploy.labels", &Unicity::nameOf},
        {"services.*.dns", &Unicity::nameOf},
        {"services.*.dns_opt", &Unicity::nameOf},
        {"services.*.dns_search", &Unicity::nameOf},
        {"services.*.environment", &Unicity::nameOf},
        {"services.*.env_file", &Unicity::pathOf},
        {"services.*.expose", &Unicity::textOf},
        {"services.*.labels", &Unicity::nameOf},
        {"services.*.links", &Unicity::nameOf},
        {"services.*.networks.*.aliases", &Unicity::nameOf},
        {"services.*.networks.*.link_local_ips", &Unicity::nameOf},
        {"services.*.ports", &Unicity::portOf},
        {"services.*.profiles", &Unicity::nameOf},
        {"services.*.secrets", &Unicity::secretOf},
        {"services.*.sysctls", &Unicity::nameOf},
        {"services.*.tmpfs", &Unicity::nameOf},
        {"services.*.volumes", &Unicity::targetOf},
    };
    return table;
  }

  void dropRepeated(Node& list, KeyOf keyOf) {
    std::vector<Node> kept;
    std::unordered_map<std::string, size_t> index;
    for (auto& item : list.items) {
      auto key = (this->*keyOf)(item);
      auto [it, isNew] = index.emplace(key, kept.size());
      if (isNew)
        kept.push_back(std::move(item));
      else
        kept[it->second] = std::move(item);
    }
    list.items = std::move(kept);
  }

  std::string nameOf(const Node& item) {
    if (!item.isText()) {
      m_report.fail(item.place,
                    m_path.toString() + ": a " + kindName(item.kind) + " stands in a list of strings",
                    "write a string");
      return {};
    }
    return item.text.substr(0, item.text.find('='));
  }

  std::string textOf(const Node& item) { return scalarText(item); }

  std::string pathOf(const Node& item) { return item.isText() ? item.text : item.textAt("path"); }

  std::string targetOf(const Node& item) {
    if (item.isText()) {
      auto volume = parseVolume(item.text);
      if (!volume) {
        m_report.fail(item.place, m_path.toString() + ": " + volume.error().message, volume.error().next);
        return {};
      }
      return volume->target;
    }
    if (item.isMap() && !item.find("target"))
      m_report.fail(item.place, m_path.toString() + ": a volume is missing its mount target",
                    "add target: and the path inside the container");
    return item.textAt("target");
  }

  std::string deviceOf(const Node& item) {
    if (!item.isText())
      return item.textAt("target");
    auto colon = item.text.find(':');
    if (colon == std::string::npos)
      return item.text;
    auto rest = item.text.substr(colon + 1);
    return rest.substr(0, rest.find(':'));
  }

  std::string mountOf(const Node& item, const std::string& folder) {
    if (item.isText())
      return folder + "/" + item.text;
    return item.find("target") ? item.textAt("target") : folder + "/" + item.textAt("source");
  }
  std::string secretOf(const Node& item) { return mountOf(item, "/run/secrets"); }
  std::string configOf(const Node& item) { return mountOf(item, ""); }

  std::string portOf(const Node& item) {
    if (!item.isMap())
      return scalarText(item);
    auto part = [&](const char* key, const char* fallback) {
      const auto* value = item.find(key);
      return value ? scalarText(*value) : std::string(fallback);
    };
    if (!item.find("target"))
      m_report.fail(item.place, m_path.toString() + ": a port is missing its target",
                    "add target: and the port");
    return part("host_ip", "0.0.0.0") + ":" + part("published", "") + ":" + part("target", "") + "/" +
           part("protocol", "tcp");
  }

  TreePath m_path;
  Report& m_report;
};

} // namespace

void enforceUnicity(Node& root, Report& report) {
  Unicity(report).walk(root);
}

} // namespace ratdeck::compose
