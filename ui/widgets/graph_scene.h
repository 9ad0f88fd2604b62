// What a graph shows: the cards and edges of a layout, found by name, by place, and painted where exposed.
// Knows no widget; GUI thread.
#pragma once

#include "ui/model/graph_layout.h"
#include "ui/widgets/graph_edges.h"
#include "ui/widgets/service_card.h"

#include <QHash>

namespace ratdeck {

class GraphScene {
public:
  // `layout` is of `nodes`; rows are found by their names.
  void setLayout(const GraphNodes& nodes, const GraphLayout& layout);
  // The boxes (of the layout) that look different now. A node without a row is not painted.
  std::vector<QRectF> setRows(const ServiceRows& rows, Instant now);

  const GraphLayout& layout() const { return m_layout; }
  bool isEmpty() const { return m_layout.nodes.empty(); }
  // With the room for what arrives from outside.
  QSizeF size() const;
  std::optional<int> nodeAt(QPointF point) const;
  std::optional<int> nodeOf(const QString& name) const;
  // The first that failed, else that is under way or waits, else the first of all.
  std::optional<int> nodeToSee() const;
  const ServiceRow& row(int node) const { return m_cards[node].row(); }

  void paint(QPainter& painter, const QRectF& exposed, const GraphPlace& place, const CardStyle& style,
             int selected, ServiceCard::Look selectedLook);

private:
  GraphLayout m_layout;
  QHash<QString, int> m_nodes; // by name
  GraphEdges m_edges;
  std::vector<ServiceCard> m_cards;
  std::vector<bool> m_isThere;
};

} // namespace ratdeck
