#include "ui/widgets/time_axis.h"

#include "ui/widgets/theme.h"

#include <QDateTime>
#include <QPainter>

namespace ratdeck {

namespace {

constexpr int tickPixels = 90; // as in the charts

QDateTime dateTimeOf(ChartTime at, bool isUtc) {
  return QDateTime::fromMSecsSinceEpoch(at, isUtc ? Qt::UTC : Qt::LocalTime);
}

int importanceOf(MarkKind kind) {
  switch (kind) {
  case MarkKind::End:
    return 3;
  case MarkKind::Undo:
    return 2;
  case MarkKind::Switch:
    return 1;
  case MarkKind::Wave:
    return 0;
  }
  return 0;
}

} // namespace

TimeAxis::TimeAxis(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  setMouseTracking(true);
  setAttribute(Qt::WA_OpaquePaintEvent);
}

void TimeAxis::setScale(const TimeScale& scale) {
  if (m_scale == scale)
    return;
  m_scale = scale;
  update();
}

void TimeAxis::setUtc(bool isUtc) {
  m_isUtc = isUtc;
  update();
}

void TimeAxis::setEnded(bool isEnded) {
  m_isEnded = isEnded;
  update();
}

void TimeAxis::setCursor(std::optional<ChartTime> at) {
  if (m_cursor == at)
    return;
  m_cursor = at;
  update();
}

QSize TimeAxis::sizeHint() const {
  return {240, fontMetrics().height() + step};
}

QString TimeAxis::timeText(ChartTime at, bool hasSeconds) const {
  return dateTimeOf(at, m_isUtc).toString(hasSeconds ? QStringLiteral("HH:mm:ss") : QStringLiteral("HH:mm"));
}

QRect TimeAxis::chipOf(ChartTime at, const QString& text) const {
  const int width = fontMetrics().horizontalAdvance(text) + step;
  const int left = std::clamp(qRound(m_scale.x(at)) - width / 2, 0, std::max(0, this->width() - width));
  return {left, 2, width, height() - 4};
}

void TimeAxis::paintChip(QPainter& painter, const QRect& chip, const QString& text,
                         const QColor& color) const {
  const Theme theme = themeOf(palette());
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(color);
  painter.drawRoundedRect(chip, 3, 3);
  painter.setPen(theme.isDark ? theme.window : theme.surface);
  painter.drawText(chip, Qt::AlignCenter, text);
}

void TimeAxis::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Theme theme = themeOf(palette());
  painter.fillRect(rect(), theme.surface);
  if (m_scale.isEmpty())
    return;
  const bool hasSeconds = tickStepOf(m_scale, tickPixels) < 60000;
  const QString cursor = m_cursor ? timeText(*m_cursor, true) : QString();
  const QRect cursorChip = m_cursor ? chipOf(*m_cursor, cursor) : QRect();
  const QString end = m_isEnded ? tr("end %1").arg(timeText(m_scale.range.to, true)) : QString();
  const QRect endChip = m_isEnded ? chipOf(m_scale.range.to, end) : QRect();
  painter.setPen(theme.muted);
  const QString zone = dateTimeOf(m_scale.range.to, m_isUtc).timeZoneAbbreviation();
  const QRect zoneBox(0, 2, m_scale.left - halfStep, height() - 4);
  painter.drawText(zoneBox, Qt::AlignRight | Qt::AlignVCenter, zone);
  for (ChartTime tick : ticksOf(m_scale, tickPixels)) {
    const QString text = timeText(tick, hasSeconds);
    const QRect chip = chipOf(tick, text);
    if (!chip.intersects(cursorChip) && !chip.intersects(endChip) && chip.left() > m_scale.left)
      painter.drawText(chip, Qt::AlignCenter, text);
  }
  if (m_isEnded && !endChip.intersects(cursorChip))
    paintChip(painter, endChip, end, theme.muted);
  if (m_cursor)
    paintChip(painter, cursorChip, cursor, theme.accent);
}

MarkLane::MarkLane(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  setMouseTracking(true);
  setAttribute(Qt::WA_OpaquePaintEvent);
}

void MarkLane::setMarks(std::vector<StepMark> marks, const TimeScale& scale) {
  // Where there is no room for all words, those of the latest marks are there.
  std::stable_sort(marks.begin(), marks.end(), [](const StepMark& a, const StepMark& b) {
    return std::pair(importanceOf(a.kind), a.at) > std::pair(importanceOf(b.kind), b.at);
  });
  if (m_marks == marks && m_scale == scale)
    return;
  m_marks = std::move(marks);
  m_scale = scale;
  update();
}

QSize MarkLane::sizeHint() const {
  return {240, fontMetrics().height() + halfStep};
}

void MarkLane::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Theme theme = themeOf(palette());
  painter.fillRect(rect(), theme.surface);
  std::vector<QRect> taken;
  for (const StepMark& mark : m_marks) {
    const int width = fontMetrics().horizontalAdvance(mark.label);
    const int x = qRound(m_scale.x(mark.at));
    const bool isAtEnd = x + halfStep + width > this->width();
    const QRect box(isAtEnd ? x - halfStep - width : x + halfStep, 0, width, height());
    const bool isFree = std::none_of(taken.begin(), taken.end(), [&](const QRect& other) {
      return other.adjusted(-step, 0, step, 0).intersects(box);
    });
    painter.setPen(mark.kind == MarkKind::Undo ? theme.failed : theme.muted);
    painter.drawLine(x, height() - (isFree ? height() - 2 : halfStep), x, height());
    if (!isFree)
      continue;
    painter.setPen(mark.kind == MarkKind::Undo ? theme.failed : theme.text);
    painter.drawText(box, Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine, mark.label);
    taken.push_back(box);
  }
}

} // namespace ratdeck
