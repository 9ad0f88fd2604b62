#include "ui/model/graph_focus.h"

#include <QHash>
#include <QSet>

#include <algorithm>
#include <cmath>

namespace ratdeck {

namespace {

std::optional<int> firstWaveIn(const ServiceRows& rows, std::initializer_list<Mood> moods) {
  std::optional<int> wave;
  for (const auto& row : rows)
    if (row.wave > 0 && (!wave || row.wave < *wave) &&
        std::find(moods.begin(), moods.end(), row.mood) != moods.end())
      wave = row.wave;
  return wave;
}

// How far `to` lies from `from` in that direction, and how far aside; absent if it does not lie there.
struct Way {
  qreal ahead, aside;
};

std::optional<Way> wayTo(const QRectF& from, const QRectF& to, Toward direction) {
  const QPointF by = to.center() - from.center();
  const bool isAcross = direction == Toward::Left || direction == Toward::Right;
  const qreal sign = direction == Toward::Left || direction == Toward::Up ? -1 : 1;
  const Way way = isAcross ? Way{sign * by.x(), std::abs(by.y())} : Way{sign * by.y(), std::abs(by.x())};
  // Of the same column, or the same row, are those whose middles lie within the node.
  const qreal least = isAcross ? from.width() / 2 : 0;
  return way.ahead > least ? std::optional(way) : std::nullopt;
}

} // namespace

std::optional<int> activeWave(const ServiceRows& rows) {
  if (const auto wave = firstWaveIn(rows, {Mood::Running, Mood::Waiting}))
    return wave;
  if (const auto wave = firstWaveIn(rows, {Mood::Failed}))
    return wave;
  return firstWaveIn(rows, {Mood::Idle});
}

std::vector<int> focusOf(const ServiceRows& rows) {
  const auto wave = activeWave(rows);
  QSet<QString> chosen, wanted;
  for (const auto& row : rows)
    if (wave && row.wave == *wave) {
      chosen.insert(row.name);
      for (const auto& name : row.dependsOn)
        wanted.insert(name);
    }
  std::vector<int> shown, all;
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto& row = rows[i];
    const bool isNeighbour =
        wanted.contains(row.name) || std::any_of(row.dependsOn.begin(), row.dependsOn.end(),
                                                 [&](const QString& name) { return chosen.contains(name); });
    all.push_back(static_cast<int>(i));
    if (chosen.contains(row.name) || isNeighbour || row.mood == Mood::Failed)
      shown.push_back(static_cast<int>(i));
  }
  return shown.empty() ? all : shown;
}

std::optional<int> nodeBeside(const GraphLayout& layout, int node, Toward direction) {
  std::vector<bool> isLinked(layout.nodes.size());
  for (const auto& edge : layout.edges) {
    if (edge.dependency == node)
      isLinked[edge.dependent] = true;
    if (edge.dependent == node)
      isLinked[edge.dependency] = true;
  }
  const bool isAcross = direction == Toward::Left || direction == Toward::Right;
  std::optional<int> best;
  qreal least = 0;
  for (size_t i = 0; i < layout.nodes.size(); ++i) {
    const auto way = wayTo(layout.nodes[node], layout.nodes[i], direction);
    if (!way)
      continue;
    // Edges first across; otherwise aside counts heavily, so that a column is not left.
    const bool isPreferred = isAcross ? isLinked[i] : way->aside < layout.nodes[node].width() / 2;
    const qreal cost = way->ahead + way->aside * (isAcross ? 2 : 4) + (isPreferred ? 0 : 1e9);
    if (!best || cost < least) {
      best = static_cast<int>(i);
      least = cost;
    }
  }
  return best;
}

} // namespace ratdeck
