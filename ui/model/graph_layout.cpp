#include "ui/model/graph_layout.h"

#include "ui/model/graph_columns.h"

#include <QHash>
#include <QSet>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace ratdeck {

namespace {

constexpr qreal laneHeight = 8;   // of an edge that passes through a column
constexpr int mostLanes = 20000;  // beyond them edges pass behind the nodes
constexpr int orderingRounds = 8; // crossings change little after
constexpr int straighteningRounds = 8;
constexpr qreal largestSide = 100000; // what is larger, or no number, counts as nothing

// A node in its column, or the lane of an edge through it.
struct Slot {
  int column = 0;
  qreal width = 0, height = 0;
  qreal center = 0;             // vertically
  std::vector<int> left, right; // slots that it is joined with
};

qreal usable(qreal side) {
  return std::isfinite(side) && side > 0 && side <= largestSide ? side : 0;
}

class Columns {
public:
  explicit Columns(const GraphNodes& nodes) : m_nodes(static_cast<int>(nodes.size())) {
    m_layout.edges = dependencyEdges(nodes);
    const auto columns = graphColumns(nodes, m_layout.edges);
    for (size_t i = 0; i < nodes.size(); ++i)
      m_slots.push_back(
          {columns[i], usable(nodes[i].size.width()), usable(nodes[i].size.height()), 0, {}, {}});
    joinSlots();
    m_columns.resize(nodes.empty() ? 0 : 1 + *std::max_element(columns.begin(), columns.end()));
    for (size_t i = 0; i < m_slots.size(); ++i)
      m_columns[m_slots[i].column].push_back(static_cast<int>(i));
  }

  GraphLayout layout() {
    for (int round = 0; round < orderingRounds; ++round)
      orderColumns(round % 2 == 0);
    for (auto& column : m_columns)
      stack(column);
    for (int round = 0; round < straighteningRounds; ++round)
      straightenColumns(round % 2 == 0);
    placeNodes();
    for (size_t i = 0; i < m_layout.edges.size(); ++i)
      drawEdge(i);
    return std::move(m_layout);
  }

private:
  // Edges that run to the right get a lane in every column between their ends.
  void joinSlots() {
    m_lanes.resize(m_layout.edges.size());
    int lanes = 0;
    for (size_t i = 0; i < m_layout.edges.size(); ++i) {
      const auto& edge = m_layout.edges[i];
      const int first = m_slots[edge.dependency].column + 1;
      const int end = m_slots[edge.dependent].column;
      lanes += std::max(0, end - first);
      if (first > end || lanes > mostLanes)
        continue;
      int last = edge.dependency;
      for (int column = first; column < end; ++column) {
        m_slots.push_back({column, 0, laneHeight, 0, {}, {}});
        m_lanes[i].push_back(static_cast<int>(m_slots.size()) - 1);
        join(last, m_lanes[i].back());
        last = m_lanes[i].back();
      }
      join(last, edge.dependent);
    }
  }

  void join(int left, int right) {
    m_slots[left].right.push_back(right);
    m_slots[right].left.push_back(left);
  }

  template <class Value>
  static qreal meanOf(const std::vector<int>& slots, qreal without, Value value) {
    if (slots.empty())
      return without;
    return std::accumulate(slots.begin(), slots.end(), 0.0,
                           [&](qreal sum, int slot) { return sum + value(slot); }) /
           static_cast<qreal>(slots.size());
  }

  // Barycentres: each slot goes where the mean of its neighbours on one side is.
  void orderColumns(bool isByLeft) {
    std::vector<qreal> place(m_slots.size());
    for (const auto& column : m_columns)
      for (size_t i = 0; i < column.size(); ++i)
        place[column[i]] = (static_cast<qreal>(i) + 0.5) / static_cast<qreal>(column.size());
    std::vector<qreal> wanted(m_slots.size());
    forEachColumn(isByLeft, [&](std::vector<int>& column) {
      for (int slot : column)
        wanted[slot] = meanOf(isByLeft ? m_slots[slot].left : m_slots[slot].right, place[slot],
                              [&](int other) { return place[other]; });
      std::stable_sort(column.begin(), column.end(), [&](int a, int b) { return wanted[a] < wanted[b]; });
      for (size_t i = 0; i < column.size(); ++i)
        place[column[i]] = (static_cast<qreal>(i) + 0.5) / static_cast<qreal>(column.size());
    });
  }

  void stack(const std::vector<int>& column) {
    qreal top = 0;
    for (int slot : column) {
      m_slots[slot].center = top + m_slots[slot].height / 2;
      top += m_slots[slot].height + graphRowGap;
    }
  }

  void straightenColumns(bool isByLeft) {
    forEachColumn(isByLeft, [&](std::vector<int>& column) {
      std::vector<qreal> wanted;
      for (int slot : column)
        wanted.push_back(meanOf(isByLeft ? m_slots[slot].left : m_slots[slot].right, m_slots[slot].center,
                                [&](int other) { return m_slots[other].center; }));
      settle(column, wanted);
    });
  }

  // As near to what is wanted as the order and the gaps allow (least squares: neighbours that would overlap
  // are pooled and share the mean of their wishes).
  void settle(const std::vector<int>& column, const std::vector<qreal>& wanted) {
    struct Pool {
      qreal sum;
      size_t count;
      qreal mean() const { return sum / static_cast<qreal>(count); }
    };
    std::vector<qreal> offsets; // of each slot from the first, if all were packed
    std::vector<Pool> pools;
    for (size_t i = 0; i < column.size(); ++i) {
      offsets.push_back(i == 0 ? 0
                               : offsets.back() + graphRowGap +
                                     (m_slots[column[i - 1]].height + m_slots[column[i]].height) / 2);
      pools.push_back({wanted[i] - offsets[i], 1});
      while (pools.size() > 1 && pools[pools.size() - 2].mean() > pools.back().mean()) {
        pools[pools.size() - 2].sum += pools.back().sum;
        pools[pools.size() - 2].count += pools.back().count;
        pools.pop_back();
      }
    }
    size_t i = 0;
    for (const auto& pool : pools)
      for (size_t k = 0; k < pool.count; ++k, ++i)
        m_slots[column[i]].center = pool.mean() + offsets[i];
  }

  template <class Function>
  void forEachColumn(bool isFromLeft, Function function) {
    if (isFromLeft)
      std::for_each(m_columns.begin(), m_columns.end(), function);
    else
      std::for_each(m_columns.rbegin(), m_columns.rend(), function);
  }

  void placeNodes() {
    qreal top = std::numeric_limits<qreal>::max(), bottom = std::numeric_limits<qreal>::lowest(), x = 0;
    for (const auto& slot : m_slots) {
      top = std::min(top, slot.center - slot.height / 2);
      bottom = std::max(bottom, slot.center + slot.height / 2);
    }
    for (const auto& column : m_columns) {
      qreal width = 0;
      for (int slot : column)
        width = std::max(width, m_slots[slot].width);
      m_spans.push_back({x, x + width});
      x += width + graphColumnGap;
    }
    for (auto& slot : m_slots)
      slot.center -= top;
    for (int node = 0; node < m_nodes; ++node) {
      const auto& slot = m_slots[node];
      m_layout.nodes.emplace_back(m_spans[slot.column].left, slot.center - slot.height / 2, slot.width,
                                  slot.height);
    }
    m_layout.size = m_columns.empty() ? QSizeF(0, 0) : QSizeF(x - graphColumnGap, bottom - top);
  }

  void drawEdge(size_t index) {
    auto& edge = m_layout.edges[index];
    const auto& from = m_layout.nodes[edge.dependency];
    const auto& to = m_layout.nodes[edge.dependent];
    edge.curve = {QPointF(from.right(), from.center().y())};
    for (int lane : m_lanes[index]) {
      const auto& span = m_spans[m_slots[lane].column];
      bendTo(edge.curve, QPointF(span.left, m_slots[lane].center));
      bendTo(edge.curve, QPointF(span.right, m_slots[lane].center));
    }
    bendTo(edge.curve, QPointF(to.left(), to.center().y()));
  }

  // Leaves and arrives to the right, also where the end lies left of the start.
  static void bendTo(std::vector<QPointF>& curve, QPointF end) {
    const QPointF start = curve.back();
    const qreal reach = std::max(std::abs(end.x() - start.x()) / 2, end.x() < start.x() ? graphColumnGap : 0);
    curve.insert(curve.end(), {start + QPointF(reach, 0), end - QPointF(reach, 0), end});
  }

  struct Span {
    qreal left, right;
  };

  int m_nodes;
  GraphLayout m_layout;
  std::vector<Slot> m_slots;             // the nodes, then the lanes
  std::vector<std::vector<int>> m_lanes; // of each edge
  std::vector<std::vector<int>> m_columns;
  std::vector<Span> m_spans; // of the columns
};

} // namespace

std::vector<GraphEdge> dependencyEdges(const GraphNodes& nodes) {
  QHash<QString, int> indexes;
  for (size_t i = nodes.size(); i-- > 0;)
    indexes[nodes[i].name] = static_cast<int>(i);
  std::vector<GraphEdge> edges;
  for (size_t i = 0; i < nodes.size(); ++i) {
    QSet<int> seen = {static_cast<int>(i)};
    for (const auto& name : nodes[i].dependsOn) {
      const int dependency = indexes.value(name, -1);
      if (dependency < 0 || seen.contains(dependency))
        continue;
      seen.insert(dependency);
      edges.push_back({dependency, static_cast<int>(i), {}});
    }
  }
  return edges;
}

GraphLayout columnLayout(const GraphNodes& nodes) {
  return Columns(nodes).layout();
}

} // namespace ratdeck
