#include "ui/widgets/severity_mark.h"

#include <QPainter>

namespace ratdeck {

namespace {

// A stroke and a dot, at these heights of the box.
void paintStroke(QPainter& painter, const QRectF& box, const QColor& color, qreal from, qreal to, qreal dot) {
  const qreal side = box.width(), middle = box.center().x();
  painter.setPen(QPen(color, side / 7, Qt::SolidLine, Qt::RoundCap));
  painter.drawLine(QPointF(middle, box.top() + from * side), QPointF(middle, box.top() + to * side));
  painter.drawPoint(QPointF(middle, box.top() + dot * side));
}

} // namespace

QColor severityColor(const Theme& theme, Severity severity) {
  switch (severity) {
  case Severity::Error:
    return theme.failed;
  case Severity::Warning:
    return theme.waiting;
  case Severity::Info:
    return theme.running;
  }
  return theme.unknown;
}

void paintMarkGround(QPainter& painter, const QRectF& mark, const Theme& theme) {
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setBrush(theme.surface);
  painter.setPen(Qt::NoPen);
  painter.drawRoundedRect(mark.adjusted(-2, -2, 2, 2), 3, 3);
  painter.restore();
}

void paintSeverity(QPainter& painter, const QRectF& box, const Theme& theme, Severity severity) {
  const QColor color = severityColor(theme, severity);
  const qreal side = box.width();
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  switch (severity) {
  case Severity::Error:
    paintMood(painter, box, theme, Mood::Failed);
    break;
  case Severity::Warning:
    paintMood(painter, box, theme, Mood::Caution);
    break;
  case Severity::Info:
    painter.setPen(QPen(color, side / 9));
    painter.setBrush(Qt::NoBrush);
    painter.drawEllipse(box.adjusted(side / 14, side / 14, -side / 14, -side / 14));
    paintStroke(painter, box, color, 0.46, 0.74, 0.26);
    break;
  }
  painter.restore();
}

} // namespace ratdeck
