#include "ui/widgets/chart_lines.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace ratdeck {

namespace {

// Pieces of a line, cut into dashes. They are drawn in one call without joins: as a path, a line of a
// thousand points costs fifty times as much, and its pen's own dashes begin anew at every point.
class Pieces {
public:
  // In the pen's widths, as a pen has them: on, off. Empty: no dashes.
  Pieces(const QList<qreal>& pattern, qreal width)
      : m_on(pattern.isEmpty() ? 0 : pattern[0] * width),
        m_length(m_on + (pattern.isEmpty() ? 0 : pattern[1] * width)) {}

  void beginAnew() { m_at = 0; }
  void add(const QPointF& from, const QPointF& to) {
    if (m_length <= 0)
      return lines.append({from, to});
    // Steep ups and downs count for less, or a restless line would be all dots.
    const qreal whole = std::abs(to.x() - from.x()) + std::abs(to.y() - from.y()) / 4;
    for (qreal done = 0; done < whole;) {
      const bool isOn = m_at < m_on;
      const qreal part = std::min(whole - done, (isOn ? m_on : m_length) - m_at);
      if (isOn)
        lines.append({from + (to - from) * done / whole, from + (to - from) * (done + part) / whole});
      done += part;
      m_at = m_at + part >= m_length - 1e-6 ? 0 : m_at + part;
    }
  }

  QList<QLineF> lines;

private:
  qreal m_on, m_length;
  qreal m_at = 0; // within the pattern
};

} // namespace

void ChartLines::setLines(std::vector<Drawn> lines, const TimeScale& scale, const QRectF& area, double top) {
  prepareGeometryChange();
  m_lines = std::move(lines);
  m_scale = scale;
  m_area = area;
  m_top = top;
}

QPointF ChartLines::place(const LinePoint& point) const {
  return {m_scale.x(point.at), m_area.bottom() - point.value / m_top * m_area.height()};
}

void ChartLines::paint(QPainter* painter, const QStyleOptionGraphicsItem*, QWidget*) {
  painter->save();
  painter->setClipRect(m_area.adjusted(0, -1, 0, 1));
  for (const Drawn& drawn : m_lines) {
    Pieces pieces(drawn.pen.style() == Qt::SolidLine ? QList<qreal>() : drawn.pen.dashPattern(),
                  drawn.pen.widthF());
    QList<QPointF> dots;
    const Line& line = drawn.line;
    for (size_t i = 0; i < line.size(); ++i) {
      if (line[i].joins) {
        pieces.add(place(line[i - 1]), place(line[i]));
        continue;
      }
      pieces.beginAnew();
      if (i + 1 == line.size() || !line[i + 1].joins)
        dots.append(place(line[i]));
    }
    QPen pen = drawn.pen;
    pen.setStyle(Qt::SolidLine);
    if (drawn.pen.style() == Qt::SolidLine)
      pen.setCapStyle(Qt::SquareCap); // or faint seams are seen between the pieces
    painter->setPen(pen);
    // More points than columns make a band, whose inner edges nobody sees.
    painter->setRenderHint(QPainter::Antialiasing, line.size() <= static_cast<size_t>(m_scale.width));
    painter->drawLines(pieces.lines);
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    painter->setBrush(drawn.pen.color());
    for (const QPointF& dot : dots)
      painter->drawEllipse(dot, drawn.pen.widthF(), drawn.pen.widthF());
  }
  painter->restore();
}

} // namespace ratdeck
