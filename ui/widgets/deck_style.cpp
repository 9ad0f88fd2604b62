#include "ui/widgets/deck_style.h"

#include "ui/widgets/theme.h"

#include <QPainter>
#include <QStyleOption>

#include <algorithm>

namespace ratdeck {

namespace {

constexpr qreal corner = 2;

// What is drawn of a box: its edge, in the accent's colour where it has the focus.
QPen edgeOf(const QStyleOption& option, const Theme& theme, const QColor& usual) {
  const bool hasFocus = option.state & QStyle::State_HasFocus;
  return QPen(hasFocus ? theme.accent : usual, hasFocus ? 2 : 1);
}

QColor groundOf(const QStyleOption& option, const Theme& theme) {
  return option.state & QStyle::State_Enabled ? theme.surface : theme.window;
}

QColor markOf(const QStyleOption& option, const Theme& theme) {
  return option.state & QStyle::State_Enabled ? theme.accent : theme.muted;
}

void drawFrame(QPainter& painter, const QStyleOption& option, const Theme& theme) {
  painter.setBrush(Qt::NoBrush);
  painter.setPen(edgeOf(option, theme, theme.line));
  painter.drawRoundedRect(QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5), corner, corner);
}

void drawField(QPainter& painter, const QStyleOption& option, const Theme& theme) {
  painter.setBrush(groundOf(option, theme));
  painter.setPen(edgeOf(option, theme, theme.unknown));
  painter.drawRoundedRect(QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5), corner, corner);
}

void drawCheck(QPainter& painter, const QStyleOption& option, const Theme& theme) {
  const auto box = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5);
  painter.setBrush(groundOf(option, theme));
  painter.setPen(edgeOf(option, theme, theme.muted));
  painter.drawRoundedRect(box, corner, corner);
  const auto at = [&](qreal x, qreal y) {
    return QPointF(box.left() + x * box.width(), box.top() + y * box.height());
  };
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(markOf(option, theme), 2, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
  if (option.state & QStyle::State_On)
    painter.drawPolyline(QPolygonF({at(0.22, 0.52), at(0.43, 0.74), at(0.8, 0.26)}));
  else if (option.state & QStyle::State_NoChange)
    painter.drawLine(at(0.25, 0.5), at(0.75, 0.5));
}

void drawRadio(QPainter& painter, const QStyleOption& option, const Theme& theme) {
  const auto box = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5);
  painter.setBrush(groundOf(option, theme));
  painter.setPen(edgeOf(option, theme, theme.muted));
  painter.drawEllipse(box);
  if (!(option.state & QStyle::State_On))
    return;
  painter.setPen(Qt::NoPen);
  painter.setBrush(markOf(option, theme));
  painter.drawEllipse(box.adjusted(3, 3, -3, -3));
}

// A button that is down stands out in every theme.
void drawChecked(QPainter& painter, const QStyleOption& option, const Theme& theme) {
  auto ground = theme.accent;
  ground.setAlphaF(0.25f);
  painter.setBrush(ground);
  painter.setPen(QPen(markOf(option, theme), 1));
  painter.drawRoundedRect(QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5), corner, corner);
}

} // namespace

DeckStyle::DeckStyle() : QProxyStyle(QStringLiteral("Fusion")) {}

void DeckStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                              const QWidget* widget) const {
  const auto theme = themeOf(option->palette);
  const auto drawn = [&](auto draw) {
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    draw(*painter, *option, theme);
    painter->restore();
  };
  switch (element) {
  case PE_Frame:
    return drawn(drawFrame);
  case PE_PanelLineEdit:
    if (const auto* frame = qstyleoption_cast<const QStyleOptionFrame*>(option);
        !frame || frame->lineWidth < 1)
      break; // in a table's cell
    return drawn(drawField);
  case PE_IndicatorCheckBox:
  case PE_IndicatorItemViewItemCheck:
    return drawn(drawCheck);
  case PE_IndicatorRadioButton:
    return drawn(drawRadio);
  case PE_PanelButtonTool:
    if (option->state & State_On)
      return drawn(drawChecked);
    break;
  default:
    break;
  }
  QProxyStyle::drawPrimitive(element, option, painter, widget);
}

QSize DeckStyle::sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& size,
                                  const QWidget* widget) const {
  auto whole = QProxyStyle::sizeFromContents(type, option, size, widget);
  if (type == CT_PushButton)
    whole.setWidth(std::max(whole.width(), size.width() + 2 * step));
  return whole;
}

} // namespace ratdeck
