// The edges of a graph: a line from who calls to what it depends on, with an arrow there, thicker the more
// requests go that way, and the requests a second above the arrow. GUI thread.
#pragma once

#include "ui/model/graph_layout.h"
#include "ui/widgets/card_style.h"

#include <QPainterPath>

#include <optional>

class QPainter;

namespace ratdeck {

// Where on a widget a layout is shown: a point p of it at origin + p * zoom.
struct GraphPlace {
  QPointF origin;
  qreal zoom = 1;

  QRectF onScreen(const QRectF& box) const { // on whole pixels, of the same size wherever it is
    return QRectF(origin.x() + qRound(box.left() * zoom), origin.y() + qRound(box.top() * zoom),
                  qRound(box.width() * zoom), qRound(box.height() * zoom));
  }
  QRectF onLayout(const QRectF& box) const {
    return QRectF((box.topLeft() - origin) / zoom, box.size() / zoom);
  }
};

class GraphEdges {
public:
  void setLayout(const GraphLayout& layout);
  // What arrives at a node; "" and nothing where that is not known. Returns what of the layout looks
  // different now, or an empty box.
  QRectF setRate(int node, std::optional<double> perSecond, const QString& text);

  // Those that meet `exposed` (of the widget); those of the node `selected` stand out.
  void paint(QPainter& painter, const QRectF& exposed, const GraphPlace& place, const CardStyle& style,
             int selected) const;

private:
  // A part of an edge that can be painted alone.
  struct Piece {
    QPainterPath path;
    QRectF bounds;
  };
  struct Edge {
    int dependency, dependent;
    std::vector<Piece> pieces;
    QPolygonF arrow;
  };
  struct Rate {
    qreal thickness = 1;
    QString text;
  };

  static Edge edgeOf(const GraphEdge& edge);
  // Room that the label of a node may take.
  QRectF labelBox(int node) const;
  void addEntry(int node);
  void paintEdge(QPainter& painter, const Edge& edge, const QRectF& exposed, const QColor& color,
                 qreal zoom) const;
  void paintLabels(QPainter& painter, const QRectF& exposed, const GraphPlace& place,
                   const CardStyle& style) const;

  std::vector<QRectF> m_nodes;
  std::vector<Edge> m_edges;
  std::vector<std::optional<Edge>> m_entries; // of nodes that nothing depends on: from outside, where known
  std::vector<Rate> m_rates;
};

} // namespace ratdeck
