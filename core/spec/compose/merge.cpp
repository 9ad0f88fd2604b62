#include "core/spec/compose/merge.h"

#include <algorithm>
#include <unordered_map>

namespace ratdeck::compose {

namespace {

constexpr size_t maxPoolPairs = 10'000;

class Merger {
public:
  Merger(TreePath path, Report& report) : m_path(std::move(path)), m_report(report) {}

  Node run(Node base, Node over) {
    for (const auto& rule : rules())
      if (m_path.matches(rule.where))
        return (this->*rule.merge)(std::move(base), std::move(over));
    if (over.isNull())
      return base;
    if (base.isMap()) {
      if (!over.isMap())
        return refuse(std::move(base), over);
      return mergeMaps(std::move(base), std::move(over));
    }
    if (base.isList()) {
      if (!over.isList())
        return refuse(std::move(base), over);
      return append(std::move(base), std::move(over));
    }
    return over;
  }

private:
  struct Rule {
    Pattern where;
    Node (Merger::*merge)(Node, Node);
  };

  static const std::vector<Rule>& rules() {
    static const std::vector<Rule> table{
        {"networks.*.ipam.config", &Merger::mergeIpam},
        {"networks.*.labels", &Merger::mergeToList},
        {"volumes.*.labels", &Merger::mergeToList},
        {"services.*.annotations", &Merger::mergeToList},
        {"services.*.build", &Merger::mergeBuild},
        {"services.*.build.args", &Merger::mergeToList},
        {"services.*.build.additional_contexts", &Merger::mergeToList},
        {"services.*.build.extra_hosts", &Merger::mergeExtraHosts},
        {"services.*.build.labels", &Merger::mergeToList},
        {"services.*.command", &Merger::replace},
        {"services.*.depends_on", &Merger::mergeDependsOn},
        {"services.*.deploy.labels", &Merger::mergeToList},
        {"services.*.dns", &Merger::mergeToList},
        {"services.*.dns_opt", &Merger::mergeToList},
        {"services.*.dns_search", &Merger::mergeToList},
        {"services.*.entrypoint", &Merger::replace},
        {"services.*.env_file", &Merger::mergeToList},
        {"services.*.label_file", &Merger::mergeToList},
        {"services.*.environment", &Merger::mergeToList},
        {"services.*.extra_hosts", &Merger::mergeExtraHosts},
        {"services.*.healthcheck.test", &Merger::replace},
        {"services.*.labels", &Merger::mergeToList},
        {"services.*.logging", &Merger::mergeLogging},
        {"services.*.models", &Merger::mergeNames},
        {"services.*.networks", &Merger::mergeNames},
        {"services.*.sysctls", &Merger::mergeToList},
        {"services.*.tmpfs", &Merger::mergeToList},
        {"services.*.ulimits.*", &Merger::mergeUlimit},
    };
    return table;
  }

  Node refuse(Node base, const Node& over) {
    m_report.fail(over.place,
                  "cannot override " + m_path.toString() + ": a " + kindName(base.kind) +
                      " stands in an earlier file, a " + kindName(over.kind) + " here",
                  "write both in the same form");
    return base;
  }

  Node mergeMaps(Node base, Node over) {
    if (!base.isMap())
      base = Node::ofMap(base.place);
    std::unordered_map<std::string, size_t> index;
    for (size_t i = 0; i < base.entries.size(); ++i)
      index.emplace(base.entries[i].key, i);
    for (auto& entry : over.entries) {
      auto found = index.find(entry.key);
      if (found == index.end()) {
        index.emplace(entry.key, base.entries.size());
        base.entries.push_back(std::move(entry));
        continue;
      }
      Step step(m_path, entry.key);
      auto& present = base.entries[found->second];
      present.value = run(std::move(present.value), std::move(entry.value));
    }
    return base;
  }

  static Node append(Node base, Node over) {
    for (auto& item : over.items)
      base.items.push_back(std::move(item));
    return base;
  }

  Node replace(Node, Node over) { return over; }

  // NAME=value for each member, sorted by it; a text becomes a list of one.
  static Node toList(Node node) {
    if (node.isList())
      return node;
    auto list = Node::ofList(node.place);
    if (node.isText())
      list.items.push_back(std::move(node));
    for (auto& entry : node.entries) {
      auto place = entry.place;
      if (entry.value.isNull())
        list.items.push_back(Node::ofText(entry.key, place));
      else if (entry.value.isList())
        for (const auto& item : entry.value.items)
          list.items.push_back(Node::ofText(entry.key + "=" + scalarText(item), item.place));
      else
        list.items.push_back(Node::ofText(entry.key + "=" + scalarText(entry.value), entry.value.place));
    }
    if (node.isMap())
      std::stable_sort(list.items.begin(), list.items.end(),
                       [](const Node& a, const Node& b) { return a.text < b.text; });
    return list;
  }

  Node mergeToList(Node base, Node over) { return append(toList(std::move(base)), toList(std::move(over))); }

  Node mergeExtraHosts(Node base, Node over) {
    auto list = toList(std::move(base));
    for (auto& item : toList(std::move(over)).items)
      if (std::none_of(list.items.begin(), list.items.end(),
                       [&](const Node& n) { return sameValue(n, item); }))
        list.items.push_back(std::move(item));
    return list;
  }

  static Node toBuild(Node node) {
    if (!node.isText())
      return node;
    auto map = Node::ofMap(node.place);
    map.set("context", std::move(node));
    return map;
  }
  Node mergeBuild(Node base, Node over) {
    return mergeMaps(toBuild(std::move(base)), toBuild(std::move(over)));
  }

  template <class Fill>
  static Node toMap(Node node, Fill fill) {
    if (!node.isList())
      return node;
    auto map = Node::ofMap(node.place);
    for (const auto& item : node.items)
      if (item.isText())
        map.set(item.text, fill(item.place));
    return map;
  }

  Node mergeDependsOn(Node base, Node over) {
    auto started = [](Place place) {
      auto dependency = Node::ofMap(place);
      dependency.set("condition", Node::ofText("service_started", place));
      dependency.set("required", Node::ofBool(true, place));
      return dependency;
    };
    return mergeMaps(toMap(std::move(base), started), toMap(std::move(over), started));
  }

  Node mergeNames(Node base, Node over) {
    auto none = [](Place place) {
      Node node;
      node.place = place;
      return node;
    };
    return mergeMaps(toMap(std::move(base), none), toMap(std::move(over), none));
  }

  // Options are merged only where both say the same driver, or one says none.
  Node mergeLogging(Node base, Node over) {
    if (!base.isMap() || !over.isMap())
      return over.isNull() ? base : over;
    const auto* mine = base.find("driver");
    const auto* theirs = over.find("driver");
    if (!mine || !theirs || sameValue(*mine, *theirs))
      return mergeMaps(std::move(base), std::move(over));
    return over;
  }

  Node mergeUlimit(Node, Node over) { return over; }

  Node mergeIpam(Node base, Node over) {
    if (!base.isList() || !over.isList())
      return refuse(std::move(base), over);
    if (base.items.size() * over.items.size() > maxPoolPairs) {
      m_report.fail(over.place, m_path.toString() + " has too many address pools", "write fewer pools");
      return base;
    }
    auto list = Node::ofList(base.place);
    auto subnetOf = [](const Node& pool) {
      return pool.textAt("subnet");
    };
    auto indexOf = [&](const std::string& subnet) {
      return std::find_if(list.items.begin(), list.items.end(),
                          [&](const Node& n) { return subnetOf(n) == subnet; });
    };
    for (const auto& original : base.items)
      for (const auto& pool : over.items) {
        if (subnetOf(pool) != subnetOf(original) && indexOf(subnetOf(pool)) == list.items.end()) {
          list.items.push_back(pool);
          continue;
        }
        auto merged = mergeMaps(original, pool);
        if (auto it = indexOf(subnetOf(merged)); it != list.items.end())
          *it = std::move(merged);
        else
          list.items.push_back(std::move(merged));
      }
    return list;
  }

  TreePath m_path;
  Report& m_report;
};

} // namespace

Node merge(Node base, Node over, TreePath path, Report& report) {
  return Merger(std::move(path), report).run(std::move(base), std::move(over));
}

} // namespace ratdeck::compose
