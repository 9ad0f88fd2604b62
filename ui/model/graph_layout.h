// A graph of dependencies as plain values: what is to be laid out, and where it came to lie. Lengths are
// device-independent pixels, x to the right and y down, all nodes between (0, 0) and the layout's size.
#pragma once

#include <QPointF>
#include <QRectF>
#include <QSizeF>
#include <QString>
#include <QStringList>

#include <vector>

namespace ratdeck {

struct GraphNode {
  QString name;
  QSizeF size;
  int wave = 0; // from 1; 0 = in none
  QStringList dependsOn;

  bool operator==(const GraphNode&) const = default;
};

using GraphNodes = std::vector<GraphNode>;

// Nodes are named by their index.
struct GraphEdge {
  int dependency = 0;
  int dependent = 0;
  // Cubic Bézier curves, each beginning where the one before ended: 3 n + 1 points, from the dependency's
  // right side to the dependent's left side.
  std::vector<QPointF> curve;
};

struct GraphLayout {
  std::vector<QRectF> nodes;
  std::vector<GraphEdge> edges;
  QSizeF size;
};

// The least room between two columns and between two nodes of a column.
inline constexpr qreal graphColumnGap = 56;
inline constexpr qreal graphRowGap = 16;

// Each dependency once and without its curve, in the order of the nodes. Names that no node has and nodes
// that depend on themselves are left out; of several nodes of one name the first is meant.
std::vector<GraphEdge> dependencyEdges(const GraphNodes& nodes);

// Dependencies left, dependents right, waves in columns of their own, few crossings. Total and deterministic
// for any input, with cycles too; 500 nodes take some milliseconds.
GraphLayout columnLayout(const GraphNodes& nodes);

} // namespace ratdeck
