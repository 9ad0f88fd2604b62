#include "ui/widgets/graph_edges.h"

#include <QFontMetricsF>
#include <QLineF>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <utility>

namespace ratdeck {

namespace {

constexpr qreal arrowLength = 9;
constexpr qreal arrowWidth = 7;
constexpr qreal thickest = 5;
constexpr qreal labelReach = 32;  // above the arrow
constexpr qreal arrowZoom = 0.25; // arrows are too small to be seen below

// One request a second is a hair more than none, ten thousand are the thickest; in steps, so that a line does
// not change with each request.
qreal thicknessOf(std::optional<double> perSecond) {
  if (!perSecond || !std::isfinite(*perSecond) || *perSecond <= 0)
    return 1;
  return std::min(thickest, 1.5 + std::floor(2 * std::log10(1 + *perSecond)) / 2);
}

QRectF boundsOf(const QPainterPath& path) {
  return path.controlPointRect().adjusted(-thickest, -thickest, thickest, thickest);
}

QPolygonF arrowAt(QPointF tip, QPointF from) {
  QLineF line(tip, from);
  if (line.isNull())
    line = QLineF(tip, tip + QPointF(1, 0));
  line.setLength(arrowLength);
  const QLineF across = line.normalVector().unitVector();
  const QPointF aside = QPointF(across.dx(), across.dy()) * arrowWidth / 2;
  return QPolygonF({tip, line.p2() + aside, line.p2() - aside});
}

} // namespace

GraphEdges::Edge GraphEdges::edgeOf(const GraphEdge& edge) {
  Edge drawn{edge.dependency, edge.dependent, {}, {}};
  if (edge.curve.size() < 4)
    return drawn;
  const auto& curve = edge.curve;
  drawn.arrow = arrowAt(curve[0], curve[1]);
  QPointF start = (drawn.arrow[1] + drawn.arrow[2]) / 2; // a thick line would hide the tip
  for (size_t i = 0; i + 3 < curve.size(); i += 3) {
    QPainterPath path(start);
    path.cubicTo(curve[i + 1], curve[i + 2], curve[i + 3]);
    drawn.pieces.push_back({path, boundsOf(path)});
    start = curve[i + 3];
  }
  return drawn;
}

void GraphEdges::setLayout(const GraphLayout& layout) {
  m_nodes = layout.nodes;
  m_edges.clear();
  m_entries.assign(m_nodes.size(), std::nullopt);
  m_rates.assign(m_nodes.size(), {});
  std::vector<bool> isCalled(m_nodes.size());
  for (const auto& edge : layout.edges) {
    m_edges.push_back(edgeOf(edge));
    isCalled[edge.dependency] = true;
  }
  for (size_t node = 0; node < m_nodes.size(); ++node)
    if (!isCalled[node])
      addEntry(static_cast<int>(node));
}

void GraphEdges::addEntry(int node) {
  const QPointF tip(m_nodes[node].right(), m_nodes[node].center().y());
  const QPointF by(graphColumnGap / 5, 0); // short of the next column: nobody there calls it
  m_entries[node] = edgeOf({node, -1, {tip, tip + by, tip + by * 2, tip + by * 3}});
}

QRectF GraphEdges::setRate(int node, std::optional<double> perSecond, const QString& text) {
  const Rate rate = {thicknessOf(perSecond), text};
  const Rate before = std::exchange(m_rates[node], rate);
  if (before.text == rate.text && before.thickness == rate.thickness)
    return {};
  QRectF changed = labelBox(node);
  if (before.thickness != rate.thickness)
    for (const auto& edge : m_edges)
      if (edge.dependency == node)
        for (const auto& piece : edge.pieces)
          changed |= piece.bounds;
  return changed;
}

QRectF GraphEdges::labelBox(int node) const {
  const auto& box = m_nodes[node];
  return QRectF(box.right(), box.center().y() - labelReach, graphColumnGap, 2 * labelReach);
}

void GraphEdges::paint(QPainter& painter, const QRectF& exposed, const GraphPlace& place,
                       const CardStyle& style, int selected) const {
  const QRectF seen = place.onLayout(exposed);
  painter.save();
  painter.translate(place.origin);
  painter.scale(place.zoom, place.zoom);
  const auto isChosen = [selected](const Edge& edge) {
    return selected >= 0 && (edge.dependency == selected || edge.dependent == selected);
  };
  for (const auto& edge : m_edges)
    if (!isChosen(edge))
      paintEdge(painter, edge, seen, style.theme.unknown, place.zoom);
  for (const auto& edge : m_edges)
    if (isChosen(edge))
      paintEdge(painter, edge, seen, style.theme.accent, place.zoom);
  for (const auto& entry : m_entries)
    if (entry && !m_rates[entry->dependency].text.isEmpty())
      paintEdge(painter, *entry, seen, style.theme.unknown, place.zoom);
  painter.restore();
  paintLabels(painter, exposed, place, style);
}

void GraphEdges::paintEdge(QPainter& painter, const Edge& edge, const QRectF& exposed, const QColor& color,
                           qreal zoom) const {
  // 0 is a hairline, quick to paint, and all that can be seen from far.
  const bool isFar = zoom < arrowZoom;
  const qreal thickness = isFar ? 0 : std::max(m_rates[edge.dependency].thickness, 1 / zoom);
  painter.setPen(QPen(color, thickness, Qt::SolidLine, Qt::FlatCap));
  painter.setBrush(Qt::NoBrush);
  for (const auto& piece : edge.pieces)
    if (piece.bounds.intersects(exposed))
      painter.drawPath(piece.path);
  if (isFar || edge.arrow.isEmpty() || !edge.arrow.boundingRect().intersects(exposed))
    return;
  painter.setPen(Qt::NoPen);
  painter.setBrush(color);
  painter.drawPolygon(edge.arrow);
}

void GraphEdges::paintLabels(QPainter& painter, const QRectF& exposed, const GraphPlace& place,
                             const CardStyle& style) const {
  const QFontMetricsF metrics(style.text);
  painter.setFont(style.text);
  for (size_t node = 0; node < m_nodes.size(); ++node) {
    const QRectF room = place.onScreen(labelBox(static_cast<int>(node)));
    if (m_rates[node].text.isEmpty() || !room.intersects(exposed))
      continue;
    QRectF label(0, 0, metrics.horizontalAdvance(m_rates[node].text) + 2, metrics.height());
    if (label.width() > room.width())
      continue; // the tooltip says it
    label.moveCenter(room.center());
    label.moveBottom(room.center().y() - arrowWidth / 2 * place.zoom - 1);
    painter.fillRect(label, style.theme.window);
    painter.setPen(style.theme.text);
    painter.drawText(label, Qt::AlignCenter, m_rates[node].text);
  }
}

} // namespace ratdeck
