#include "ui/widgets/service_card.h"

#include "ui/model/countdown.h"
#include "ui/model/plain.h"
#include "ui/model/service_text.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>

namespace ratdeck {

namespace {

constexpr int ringSteps = 60; // finer cannot be seen

QString joined(const QString& a, const QString& b) {
  return a.isEmpty() || b.isEmpty() ? a + b : a + QStringLiteral(" · ") + b;
}

// "undo" of "nobody decided: undo".
QString effectOf(const ServiceRow& row) {
  return plain(row.then).section(QStringLiteral(": "), -1);
}

// "1 min → hold and ask"
QString shorterWait(const ServiceRow& row, Instant now) {
  const auto left = row.until ? *row.until - now.boot : Duration::zero();
  constexpr Duration minute = std::chrono::minutes(1);
  if (!row.until || row.then.isEmpty())
    return {};
  return countdownText(left < minute ? left : left / minute * minute) + QStringLiteral(" → ") + effectOf(row);
}

// What it waits for, as short as it can be said.
QString waitText(const ServiceRow& row, Instant now) {
  return row.until ? untilText(row, now) : plain(row.waitingFor);
}

bool isAtWork(Mood mood) {
  return mood == Mood::Running || mood == Mood::Waiting || mood == Mood::Failed;
}

} // namespace

bool ServiceCard::show(const ServiceRow& row, Instant now) {
  if (row == m_row && !row.until)
    return false;
  const auto left = waitLeft(row, now);
  const int ring = left ? qRound(*left * ringSteps) : -1;
  bool hasChanged =
      row.mood != m_row.mood || ring != m_ring || row.until.has_value() != m_row.until.has_value();
  m_row = row;
  m_ring = ring;
  hasChanged |= setLine(Name, plain(row.name));
  hasChanged |= setLine(Versions, versionsText(row));
  hasChanged |= setLine(State, joined(plain(row.status), inFlightText(row)));
  hasChanged |= setLine(Health, row.health == row.status ? QString() : plain(row.health));
  hasChanged |= setLine(Copies, plain(row.copies));
  hasChanged |= setLine(Wait, waitText(row, now));
  m_shorter[State] = plain(row.status);
  m_shorter[Wait] = shorterWait(row, now);
  return hasChanged;
}

bool ServiceCard::setLine(Line line, const QString& text) {
  if (m_lines[line] == text)
    return false;
  m_lines[line] = text;
  m_cuts[line].width = -1;
  return true;
}

void ServiceCard::paint(QPainter& painter, const QRectF& box, const CardStyle& style, Look look) {
  paintBox(painter, box, style, look);
  if (style.linesIn(box.size()) > 0) {
    paintLines(painter, box, style);
    return;
  }
  const qreal side = std::min(box.width(), box.height()) * 0.7;
  QRectF shape(0, 0, side, side);
  shape.moveCenter(box.center());
  paintMood(painter, shape, style.theme, m_row.mood);
}

void ServiceCard::paintBox(QPainter& painter, const QRectF& box, const CardStyle& style, Look look) const {
  const auto& theme = style.theme;
  const qreal radius = std::min<qreal>(halfStep * style.zoom, halfStep);
  const QColor border = isAtWork(m_row.mood) ? moodColor(theme, m_row.mood) : theme.line;
  if (radius < 1) { // quick to paint: from far there are many
    painter.fillRect(box, border);
    painter.fillRect(box.adjusted(1, 1, -1, -1), theme.surface);
  } else {
    painter.setBrush(theme.surface);
    painter.setPen(QPen(border, m_row.mood == Mood::Failed ? 2 : 1));
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius);
  }
  if (look == Look::Plain)
    return;
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(theme.accent, look == Look::Focused ? 3 : 2));
  painter.drawRoundedRect(box.adjusted(-2, -2, 2, 2), radius + 2, radius + 2);
}

// All of them stay in their places where all have room, so that nothing moves when one comes or goes.
std::vector<ServiceCard::Line> ServiceCard::linesFor(int count) const {
  std::vector<Line> lines = {Name, Wait, Versions, State, Copies, Health};
  if (m_row.mood == Mood::Failed || m_row.mood == Mood::Unknown)
    std::swap(lines[2], lines[3]); // what is the matter comes before what it is
  if (count < LineCount)
    std::erase_if(lines, [this](Line line) { return m_lines[line].isEmpty(); });
  lines.resize(std::min(lines.size(), static_cast<size_t>(count)));
  std::sort(lines.begin(), lines.end());
  return lines;
}

void ServiceCard::paintLines(QPainter& painter, const QRectF& box, const CardStyle& style) {
  const auto lines = linesFor(style.linesIn(box.size()));
  const qreal height = style.lineHeight * static_cast<qreal>(lines.size());
  QRectF line(box.left() + style.padding, box.center().y() - height / 2, box.width() - 2 * style.padding,
              style.lineHeight);
  for (const auto which : lines) {
    paintLine(painter, which, line, style);
    line.translate(0, style.lineHeight);
  }
}

// Where there is no room: the status without what is in flight, and without the step at which that is so; a
// wait without its seconds, or its effect.
QString ServiceCard::textFor(Line line, const QFont& font, qreal width) const {
  const QFontMetricsF metrics(font);
  for (const auto& text :
       {m_lines[line], m_shorter[line], m_shorter[line].section(QStringLiteral(", "), 0, 0)})
    if (!text.isEmpty() && metrics.horizontalAdvance(text) <= width)
      return text;
  return line == Wait && m_row.until && !m_row.then.isEmpty() ? QStringLiteral("→ ") + effectOf(m_row)
         : m_shorter[line].isEmpty()                          ? m_lines[line]
                                                              : m_shorter[line];
}

void ServiceCard::paintLine(QPainter& painter, Line line, QRectF box, const CardStyle& style) {
  const bool hasRing = line == Wait && m_row.until.has_value();
  if (line == Name || hasRing) {
    const qreal side = qRound(style.lineHeight * 0.8);
    const QRectF mark(box.left(), box.center().y() - side / 2, side, side);
    line == Name ? paintMood(painter, mark, style.theme, m_row.mood) : paintRing(painter, mark, style.theme);
    box.setLeft(mark.right() + style.padding * 0.75);
  }
  const QFont& font = line == Name ? style.name : line == Versions ? style.version : style.text;
  auto& cut = m_cuts[line];
  if (cut.width != box.width() || cut.style != style.id) {
    cut.text.setTextFormat(Qt::PlainText);
    cut.text.setText(
        QFontMetricsF(font).elidedText(textFor(line, font, box.width()), Qt::ElideRight, box.width()));
    cut.text.prepare({}, font);
    cut.width = box.width();
    cut.style = style.id;
  }
  const bool isLoud = line == Name || line == Versions || hasRing;
  painter.setFont(font);
  painter.setPen(isLoud ? style.theme.text : style.theme.muted);
  painter.drawStaticText(QPointF(box.left(), box.top() + (box.height() - cut.text.size().height()) / 2),
                         cut.text);
}

void ServiceCard::paintRing(QPainter& painter, const QRectF& box, const Theme& theme) const {
  const qreal width = box.width() / 5;
  const QRectF ring = box.adjusted(width / 2, width / 2, -width / 2, -width / 2);
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(theme.line, width));
  painter.drawEllipse(ring);
  if (m_ring <= 0)
    return;
  constexpr int top = 90 * 16, turn = 360 * 16; // sixteenths of a degree, against the clock
  painter.setPen(QPen(theme.waiting, width, Qt::SolidLine, Qt::FlatCap));
  painter.drawArc(ring, top, turn * m_ring / ringSteps);
}

} // namespace ratdeck
