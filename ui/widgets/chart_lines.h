// The lines of one chart, drawn within its plot area: with gaps, single points as dots, each line in one go.
// (A QLineSeries bridges its gaps, and one series a piece costs too much where traffic comes and goes.) GUI
// thread.
#pragma once

#include "ui/model/line.h"
#include "ui/widgets/time_scale.h"

#include <QGraphicsItem>
#include <QPen>

namespace ratdeck {

class ChartLines : public QGraphicsItem {
public:
  struct Drawn {
    QPen pen;
    Line line;
  };

  explicit ChartLines(QGraphicsItem* parent) : QGraphicsItem(parent) {}

  // The first lies undermost. `area` spans the scale across and 0 to `top` upwards.
  void setLines(std::vector<Drawn> lines, const TimeScale& scale, const QRectF& area, double top);

  QRectF boundingRect() const override { return m_area; }
  void paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget* widget) override;

private:
  QPointF place(const LinePoint& point) const;

  std::vector<Drawn> m_lines;
  TimeScale m_scale;
  QRectF m_area;
  double m_top = 1;
};

} // namespace ratdeck
