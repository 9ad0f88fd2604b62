#include "ui/widgets/graph_scene.h"

#include "ui/model/service_text.h"

#include <QPainter>

#include <algorithm>

namespace ratdeck {

void GraphScene::setLayout(const GraphNodes& nodes, const GraphLayout& layout) {
  m_layout = layout;
  m_nodes.clear();
  for (size_t node = nodes.size(); node-- > 0;)
    m_nodes[nodes[node].name] = static_cast<int>(node);
  m_edges.setLayout(layout);
  m_cards.assign(nodes.size(), {});
  m_isThere.assign(nodes.size(), false);
}

std::vector<QRectF> GraphScene::setRows(const ServiceRows& rows, Instant now) {
  std::vector<QRectF> changed;
  std::vector<bool> isThere(m_cards.size());
  for (const auto& row : rows) {
    const auto found = nodeOf(row.name);
    if (!found || isThere[*found])
      continue;
    const int node = *found;
    isThere[node] = true;
    if (m_cards[node].show(row, now) || !m_isThere[node])
      changed.push_back(m_layout.nodes[node]);
    if (const QRectF box = m_edges.setRate(node, row.requestRate, rateText(row)); !box.isEmpty())
      changed.push_back(box);
  }
  for (size_t node = 0; node < isThere.size(); ++node)
    if (m_isThere[node] && !isThere[node])
      changed.push_back(m_layout.nodes[node]);
  m_isThere = std::move(isThere);
  return changed;
}

QSizeF GraphScene::size() const {
  return isEmpty() ? QSizeF() : QSizeF(m_layout.size.width() + graphColumnGap, m_layout.size.height());
}

std::optional<int> GraphScene::nodeAt(QPointF point) const {
  for (size_t node = 0; node < m_layout.nodes.size(); ++node)
    if (m_isThere[node] && m_layout.nodes[node].contains(point))
      return static_cast<int>(node);
  return std::nullopt;
}

std::optional<int> GraphScene::nodeOf(const QString& name) const {
  const auto found = m_nodes.find(name);
  return found == m_nodes.end() ? std::nullopt : std::optional(*found);
}

std::optional<int> GraphScene::nodeToSee() const {
  for (const auto mood : {Mood::Failed, Mood::Waiting, Mood::Running})
    for (size_t node = 0; node < m_cards.size(); ++node)
      if (m_cards[node].row().mood == mood)
        return static_cast<int>(node);
  return isEmpty() ? std::nullopt : std::optional(0);
}

void GraphScene::paint(QPainter& painter, const QRectF& exposed, const GraphPlace& place,
                       const CardStyle& style, int selected, ServiceCard::Look selectedLook) {
  painter.setRenderHint(QPainter::Antialiasing);
  m_edges.paint(painter, exposed, place, style, selected);
  constexpr qreal outline = 4; // of the selected one, around its box
  for (size_t node = 0; node < m_cards.size(); ++node) {
    const QRectF box = place.onScreen(m_layout.nodes[node]);
    if (m_isThere[node] && box.adjusted(-outline, -outline, outline, outline).intersects(exposed))
      m_cards[node].paint(painter, box, style,
                          static_cast<int>(node) == selected ? selectedLook : ServiceCard::Look::Plain);
  }
}

} // namespace ratdeck
