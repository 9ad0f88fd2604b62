#include "ui/model/graph_columns.h"

#include <algorithm>
#include <map>

namespace ratdeck {

namespace {

using Lists = std::vector<std::vector<int>>;

// Dependencies before dependents, but for one edge of each cycle.
std::vector<int> dependenciesFirst(const Lists& dependencies) {
  struct Visit {
    int node;
    size_t next;
  };
  std::vector<int> order;
  std::vector<bool> isSeen(dependencies.size());
  for (size_t start = 0; start < dependencies.size(); ++start) {
    if (isSeen[start])
      continue;
    isSeen[start] = true;
    std::vector<Visit> path = {{static_cast<int>(start), 0}};
    while (!path.empty()) {
      const auto& below = dependencies[path.back().node];
      if (path.back().next == below.size()) {
        order.push_back(path.back().node);
        path.pop_back();
      } else if (const int node = below[path.back().next++]; !isSeen[node]) {
        isSeen[node] = true;
        path.push_back({node, 0});
      }
    }
  }
  return order;
}

// The dependencies of each node that do not close a cycle.
Lists withoutCycles(Lists dependencies, const std::vector<int>& order) {
  std::vector<size_t> place(order.size());
  for (size_t i = 0; i < order.size(); ++i)
    place[order[i]] = i;
  for (size_t node = 0; node < dependencies.size(); ++node)
    std::erase_if(dependencies[node], [&](int dependency) { return place[dependency] > place[node]; });
  return dependencies;
}

} // namespace

std::vector<int> graphColumns(const GraphNodes& nodes, const std::vector<GraphEdge>& edges) {
  Lists dependencies(nodes.size());
  for (const auto& edge : edges)
    dependencies[edge.dependent].push_back(edge.dependency);
  const auto order = dependenciesFirst(dependencies);
  dependencies = withoutCycles(std::move(dependencies), order);

  std::vector<int> columns(nodes.size());
  const auto pushRight = [&] {
    for (int node : order)
      for (int dependency : dependencies[node])
        columns[node] = std::max(columns[node], columns[dependency] + 1);
  };
  pushRight();
  std::map<int, std::vector<int>> waves;
  for (size_t node = 0; node < nodes.size(); ++node)
    if (nodes[node].wave > 0)
      waves[nodes[node].wave].push_back(static_cast<int>(node));
  int first = 0; // column that is free for the wave
  for (const auto& [wave, members] : waves) {
    for (int node : members)
      columns[node] = std::max(columns[node], first);
    pushRight();
    for (int node : members)
      first = std::max(first, columns[node] + 1);
  }
  return columns;
}

} // namespace ratdeck
