#include "ui/widgets/theme.h"

#include "ui/model/tr.h"
#include "ui/widgets/deck_style.h"

#include <QApplication>
#include <QPainter>
#include <QPainterPath>
#include <QStyle>

namespace ratdeck {

namespace {

// Okabe and Ito's colours, darker or lighter where the surface asks for it.
Theme lightTheme() {
  Theme theme;
  theme.window = QColor(0xF3F4F6);
  theme.surface = QColor(0xFFFFFF);
  theme.raised = QColor(0xE8EAEE);
  theme.text = QColor(0x15181D);
  theme.muted = QColor(0x525A66);
  theme.line = QColor(0xC9CED6);
  theme.accent = QColor(0x0B5CAD);
  theme.ok = QColor(0x00805D);
  theme.failed = QColor(0xC24A00);
  theme.waiting = QColor(0xA86E00);
  theme.running = QColor(0x0072B2);
  theme.unknown = QColor(0x6B7280);
  theme.oldVersion = QColor(0xA86E00);
  theme.newVersion = QColor(0x0072B2);
  theme.total = QColor(0x3D4450);
  return theme;
}

Theme darkTheme() {
  Theme theme;
  theme.isDark = true;
  theme.window = QColor(0x15181D);
  theme.surface = QColor(0x1C2027);
  theme.raised = QColor(0x272C35);
  theme.text = QColor(0xECEEF2);
  theme.muted = QColor(0xA9B1BD);
  theme.line = QColor(0x3B424E);
  theme.accent = QColor(0x6CB4F5);
  theme.ok = QColor(0x2FC49A);
  theme.failed = QColor(0xFF8A3D);
  theme.waiting = QColor(0xF0B429);
  theme.running = QColor(0x56B4E9);
  theme.unknown = QColor(0x9AA3AF);
  theme.oldVersion = QColor(0xF0B429);
  theme.newVersion = QColor(0x56B4E9);
  theme.total = QColor(0xC5CBD5);
  return theme;
}

QPalette paletteOf(const Theme& theme) {
  QPalette palette;
  const QColor inactive = theme.muted;
  palette.setColor(QPalette::Window, theme.window);
  palette.setColor(QPalette::WindowText, theme.text);
  palette.setColor(QPalette::Base, theme.surface);
  palette.setColor(QPalette::AlternateBase, theme.window);
  palette.setColor(QPalette::Text, theme.text);
  palette.setColor(QPalette::PlaceholderText, theme.muted);
  palette.setColor(QPalette::Button, theme.raised);
  palette.setColor(QPalette::ButtonText, theme.text);
  palette.setColor(QPalette::ToolTipBase, theme.raised);
  palette.setColor(QPalette::ToolTipText, theme.text);
  palette.setColor(QPalette::Highlight, theme.accent);
  palette.setColor(QPalette::HighlightedText, theme.isDark ? theme.window : theme.surface);
  palette.setColor(QPalette::Link, theme.accent);
  palette.setColor(QPalette::Light, theme.surface);
  palette.setColor(QPalette::Midlight, theme.raised);
  palette.setColor(QPalette::Mid, theme.line);
  palette.setColor(QPalette::Dark, theme.line);
  palette.setColor(QPalette::Shadow, theme.isDark ? QColor(Qt::black) : theme.muted);
  for (auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
    palette.setColor(QPalette::Disabled, role, inactive);
  return palette;
}

void paintHatched(QPainter& painter, const QRectF& box, const QColor& color) {
  painter.setPen(QPen(color, 1.5));
  painter.setBrush(QBrush(color, Qt::BDiagPattern));
  painter.drawEllipse(box);
}

} // namespace

Theme themeOf(const QPalette& palette) {
  return palette.color(QPalette::Window).lightness() < 128 ? darkTheme() : lightTheme();
}

QColor targetColor(const Theme& theme, const QString& band) {
  if (band == QLatin1String("SANDBOX"))
    return theme.isDark ? QColor(0x5B4B8A) : QColor(0x6A4FB3);
  if (band.isEmpty())
    return theme.unknown;
  return theme.isDark ? QColor(0x8A3B12) : QColor(0xA33D00);
}

QColor moodColor(const Theme& theme, Mood mood) {
  switch (mood) {
  case Mood::Idle:
    return theme.muted;
  case Mood::Ok:
    return theme.ok;
  case Mood::Running:
    return theme.running;
  case Mood::Waiting:
  case Mood::Caution:
    return theme.waiting;
  case Mood::Failed:
    return theme.failed;
  case Mood::Unknown:
    return theme.unknown;
  }
  return theme.unknown;
}

QString moodWord(Mood mood) {
  switch (mood) {
  case Mood::Idle:
    return tr("idle");
  case Mood::Ok:
    return tr("ok");
  case Mood::Running:
    return tr("under way");
  case Mood::Waiting:
    return tr("waiting");
  case Mood::Caution:
    return tr("caution");
  case Mood::Failed:
    return tr("failed");
  case Mood::Unknown:
    return tr("not known");
  }
  return {};
}

void paintMood(QPainter& painter, const QRectF& box, const Theme& theme, Mood mood) {
  const QColor color = moodColor(theme, mood);
  const qreal side = box.width();
  const auto at = [&](qreal x, qreal y) {
    return QPointF(box.left() + x * side, box.top() + y * side);
  };
  const QPen mark(theme.surface, side / 7, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(color);
  switch (mood) {
  case Mood::Idle:
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(color, side / 8));
    painter.drawEllipse(box.adjusted(side / 8, side / 8, -side / 8, -side / 8));
    break;
  case Mood::Ok:
    painter.drawEllipse(box);
    painter.setPen(mark);
    painter.setBrush(Qt::NoBrush);
    painter.drawPolyline(QPolygonF({at(0.27, 0.52), at(0.44, 0.68), at(0.74, 0.34)}));
    break;
  case Mood::Running:
    painter.drawPolygon(QPolygonF({at(0.12, 0.05), at(0.95, 0.5), at(0.12, 0.95)}));
    break;
  case Mood::Waiting:
    painter.drawEllipse(box);
    painter.setPen(mark);
    painter.drawPolyline(QPolygonF({at(0.5, 0.24), at(0.5, 0.54), at(0.7, 0.64)}));
    break;
  case Mood::Caution:
    painter.setPen(QPen(color, side / 8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawPolygon(QPolygonF({at(0.5, 0.08), at(0.94, 0.9), at(0.06, 0.9)}));
    painter.setPen(mark);
    painter.drawLine(at(0.5, 0.36), at(0.5, 0.58));
    painter.drawPoint(at(0.5, 0.78));
    break;
  case Mood::Failed:
    painter.drawRoundedRect(box, side / 6, side / 6);
    painter.setPen(mark);
    painter.drawLine(at(0.28, 0.28), at(0.72, 0.72));
    painter.drawLine(at(0.72, 0.28), at(0.28, 0.72));
    break;
  case Mood::Unknown:
    paintHatched(painter, box.adjusted(1, 1, -1, -1), color);
    break;
  }
  painter.restore();
}

void applyTheme(QApplication& application, ThemeChoice choice) {
  const bool isDesktopDark = application.style()->standardPalette().color(QPalette::Window).lightness() < 128;
  const bool isDark = choice == ThemeChoice::Dark || (choice == ThemeChoice::System && isDesktopDark);
  QApplication::setStyle(new DeckStyle);
  QApplication::setPalette(paletteOf(isDark ? darkTheme() : lightTheme()));
}

} // namespace ratdeck
