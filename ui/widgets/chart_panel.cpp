#include "ui/widgets/chart_panel.h"

#include "ui/widgets/chart_lines.h"
#include "ui/widgets/chart_text.h"

#include <QChart>
#include <QGraphicsLayout>
#include <QLineSeries>
#include <QLocale>
#include <QPainter>
#include <QValueAxis>

#include <algorithm>
#include <cmath>

namespace ratdeck {

namespace {

constexpr int sampleWidth = 22; // of the piece of line in the legend
constexpr int tickPixels = 90;
constexpr int bottomMargin = 9; // room for the lower half of the axis' 0
constexpr int shortPlot = 56;   // below this height the axis names its ends alone
constexpr int lowPlot = 40;     // below it QtCharts would name them "…"

QColor faint(QColor color, double alpha) {
  color.setAlphaF(static_cast<float>(alpha));
  return color;
}

} // namespace

QPen linePen(const Theme& theme, Side side, bool isAlone) {
  switch (side) {
  case Side::Total: {
    QPen pen(theme.total, isAlone ? 1.75 : 1.25, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin);
    if (!isAlone)
      pen.setDashPattern({1, 2});
    return pen;
  }
  case Side::Old: {
    QPen pen(theme.oldVersion, 2, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin);
    pen.setDashPattern({4, 2});
    return pen;
  }
  case Side::New:
    return {theme.newVersion, 2, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin};
  }
  return {};
}

ChartPanel::ChartPanel(QWidget* parent)
    : QWidget(parent), m_chart(new QChart), m_times(new QValueAxis), m_values(new QValueAxis),
      m_threshold(new QLineSeries), m_lines(nullptr) {
  m_scene.setItemIndexMethod(QGraphicsScene::NoIndex);
  m_scene.addItem(m_chart);
  m_chart->setAnimationOptions(QChart::NoAnimation);
  m_chart->setBackgroundVisible(false);
  m_chart->setMargins({});
  m_chart->legend()->hide();
  m_chart->addSeries(m_threshold);
  m_chart->addAxis(m_times, Qt::AlignBottom);
  m_chart->addAxis(m_values, Qt::AlignLeft);
  m_threshold->attachAxis(m_times);
  m_threshold->attachAxis(m_values);
  m_times->setTickType(QValueAxis::TicksDynamic);
  m_times->setLabelsVisible(false);
  m_lines = new ChartLines(m_chart);
  m_lines->setZValue(1000);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
  setMouseTracking(true);
  setAttribute(Qt::WA_OpaquePaintEvent);
}

ChartPanel::~ChartPanel() = default;

int ChartPanel::headerHeight() const {
  return fontMetrics().height() + halfStep;
}

QRect ChartPanel::plotArea(int width) const {
  const int top = headerHeight() + halfStep;
  return {m_content.scale.left, top, std::min(m_content.scale.width, width),
          std::max(1, height() - top - bottomMargin)};
}

QSize ChartPanel::sizeHint() const {
  return {480, headerHeight() + 9 * step};
}

QSize ChartPanel::minimumSizeHint() const {
  return {50 * step, headerHeight() + 4 * step};
}

void ChartPanel::styleAxes(const Theme& theme) {
  QFont small = font();
  small.setPointSizeF(small.pointSizeF() * 0.9);
  for (QValueAxis* axis : {m_times, m_values}) {
    axis->setGridLinePen(QPen(faint(theme.line, 0.6), 1));
    axis->setLinePen(QPen(theme.line, 1));
  }
  m_values->setLabelsColor(theme.muted);
  if (m_values->labelsFont() != small)
    m_values->setLabelsFont(small);
  QPen threshold(theme.failed, 1.25);
  threshold.setDashPattern({8, 3, 1, 3}); // of dashes and dots, as no version's line is
  m_threshold->setPen(threshold);
}

// Times on the axis are seconds before its end, so that they stay the same while it goes on.
void ChartPanel::setUpAxes(const Theme& theme) {
  const auto seconds = [this](ChartTime at) {
    return static_cast<double>(at - m_content.scale.range.to) / 1000;
  };
  double greatest = m_content.threshold.value_or(0);
  for (const auto& [side, name, line] : m_content.lines)
    for (const LinePoint& point : line)
      greatest = std::max(greatest, point.value);
  const double top = topOf(m_content.measure, greatest);
  if (top > m_top || top < m_top / 2) // it does not go up and down with every wave
    m_top = top;
  const double first = seconds(m_content.scale.range.from);
  const ChartTime tick = tickStepOf(m_content.scale, tickPixels);
  styleAxes(theme);
  m_times->setRange(first, 0);
  m_times->setTickInterval(static_cast<double>(tick) / 1000);
  m_times->setTickAnchor(seconds(m_content.scale.range.to / tick * tick));
  m_values->setRange(0, m_top);
  m_values->setTickCount(plotArea(width()).height() < shortPlot ? 2 : 3);
  const int decimals = decimalsOf(m_values->tickCount() == 2 ? 2 * m_top : m_top);
  m_values->setLabelsVisible(plotArea(width()).height() >= lowPlot);
  m_values->setLabelFormat(QStringLiteral("%.") + QString::number(decimals) + QLatin1Char('f'));
  m_threshold->replace(m_content.threshold
                           ? QList<QPointF>{{first, *m_content.threshold}, {0, *m_content.threshold}}
                           : QList<QPointF>());
}

void ChartPanel::layOut(const QRectF& area) {
  const bool isMoved = m_chart->geometry() != QRectF(rect()) || m_chart->plotArea() != area;
  m_scene.setSceneRect(rect());
  m_chart->setGeometry(rect());
  m_chart->setPlotArea(area);
  if (isMoved) // or the axes stay where they were until the event loop comes round
    m_chart->layout()->invalidate();
  m_chart->layout()->activate();
}

void ChartPanel::draw(Content content) {
  m_content = std::move(content);
  const Theme theme = themeOf(palette());
  const QRectF area = plotArea(width());
  setUpAxes(theme);
  m_lastPoint.reset();
  for (const NamedLine& named : m_content.lines)
    if (!named.line.empty())
      m_lastPoint = std::max(m_lastPoint.value_or(named.line.back().at), named.line.back().at);
  const bool isAlone = m_content.lines.size() == 1;
  std::vector<ChartLines::Drawn> lines;
  for (auto& [side, name, line] : m_content.lines)
    lines.push_back({linePen(theme, side, isAlone), std::move(line)});
  m_lines->setLines(std::move(lines), m_content.scale, area, m_top);
  layOut(area);
  m_next = QPixmap(size() * devicePixelRatioF());
  m_next.setDevicePixelRatio(devicePixelRatioF());
  m_next.fill(theme.surface);
  QPainter painter(&m_next);
  paintMarks(painter, theme);
  m_scene.render(&painter, rect(), rect());
  paintThreshold(painter, theme);
  paintEnds(painter, theme);
  if (m_lastPoint)
    paintSilence(painter, theme);
  else
    paintEmptiness(painter, theme);
}

void ChartPanel::present() {
  m_picture = std::move(m_next);
  m_next = {};
  m_shown = m_content;
  update();
}

void ChartPanel::setReadings(Readings readings) {
  if (m_readings == readings)
    return;
  m_readings = std::move(readings);
  update(QRect(0, 0, width(), headerHeight()));
}

void ChartPanel::setCursor(std::optional<ChartTime> at) {
  if (m_cursor == at)
    return;
  for (const auto& moved : {m_cursor, at})
    if (moved)
      update(qRound(m_shown.scale.x(*moved)) - 2, 0, 4, height());
  m_cursor = at;
}

void ChartPanel::paintMarks(QPainter& painter, const Theme& theme) const {
  const QRect area = plotArea(width());
  for (const StepMark& mark : m_content.marks) {
    const bool isTurn = mark.kind == MarkKind::Undo || mark.kind == MarkKind::End;
    const QColor color = mark.kind == MarkKind::Undo ? theme.failed : isTurn ? theme.muted : theme.line;
    painter.setPen(QPen(color, isTurn ? 1.5 : 1, mark.kind == MarkKind::Wave ? Qt::DashLine : Qt::SolidLine));
    const qreal x = std::floor(m_content.scale.x(mark.at)) + 0.5;
    painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
  }
}

void ChartPanel::paintEmptiness(QPainter& painter, const Theme& theme) const {
  painter.setFont(font());
  painter.setPen(theme.muted);
  painter.drawText(plotArea(width()), Qt::AlignCenter | Qt::TextSingleLine,
                   tr("nothing measured in this time"));
}

// From the last that was measured to now, where that is wide enough for the words.
void ChartPanel::paintSilence(QPainter& painter, const Theme& theme) const {
  QRect gap = plotArea(width());
  gap.setLeft(std::max(gap.left(), qRound(m_content.scale.x(*m_lastPoint))));
  const QString words = tr("no data");
  QRect box = fontMetrics().boundingRect(words).adjusted(-halfStep, 0, halfStep, 0);
  if (gap.width() < box.width() + step)
    return;
  box.moveCenter(gap.center());
  painter.fillRect(box, theme.surface); // no line goes through the words
  painter.setFont(font());
  painter.setPen(theme.muted);
  painter.drawText(gap, Qt::AlignCenter | Qt::TextSingleLine, words);
}

void ChartPanel::paintEnds(QPainter& painter, const Theme& theme) const {
  const QRect area = plotArea(width());
  if (area.height() >= lowPlot)
    return;
  painter.setFont(m_values->labelsFont());
  painter.setPen(theme.muted);
  const QRect room(0, area.top() - 2, area.left() - halfStep, area.height() + bottomMargin);
  painter.drawText(room, Qt::AlignRight | Qt::AlignTop, QString::number(m_top, 'f', decimalsOf(2 * m_top)));
  painter.drawText(room, Qt::AlignRight | Qt::AlignBottom, QStringLiteral("0"));
}

// The name of the line that must not be crossed: above it, or below where there is no room, or else in it.
void ChartPanel::paintThreshold(QPainter& painter, const Theme& theme) const {
  if (!m_content.threshold)
    return;
  const QRect area = plotArea(width());
  QFont small = font();
  small.setPointSizeF(small.pointSizeF() * 0.9);
  const QFontMetrics metrics(small);
  const QString words = tr("threshold %1 %").arg(QLocale().toString(*m_content.threshold));
  const int y = area.bottom() - qRound(*m_content.threshold / m_top * area.height());
  QRect box(area.left() + halfStep, y - metrics.height(), metrics.horizontalAdvance(words), metrics.height());
  if (box.top() < area.top())
    box.moveTop(y);
  const bool isBelow = box.top() == y;
  if (isBelow && box.bottom() > area.bottom() - halfStep) { // there it would lie on lines at 0
    box.moveCenter({box.center().x(), y});
    painter.fillRect(box.adjusted(-2, 0, 2, 0), theme.surface);
  }
  painter.setFont(small);
  painter.setPen(theme.failed);
  painter.drawText(box, Qt::AlignCenter, words);
}

QString ChartPanel::readingText(Side side) const {
  const auto reading = m_readings.find(side);
  return reading == m_readings.end() || !reading->second ? QStringLiteral("–")
                                                         : valueText(m_shown.measure, *reading->second);
}

void ChartPanel::paintHeader(QPainter& painter, const Theme& theme) {
  QRect header(m_shown.scale.left, 0, m_shown.scale.width, headerHeight());
  QFont bold = font();
  bold.setBold(true);
  painter.setFont(bold);
  painter.setPen(theme.text);
  painter.drawText(header, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, m_shown.title);
  header.setLeft(header.left() + QFontMetrics(bold).horizontalAdvance(m_shown.title) + step);
  painter.setFont(font());
  paintLegend(painter, theme, header);
}

// It stands at the right. Names give way to the words old and new where the room is short, and the axis'
// unit, which the values tell as well, to names.
void ChartPanel::paintLegend(QPainter& painter, const Theme& theme, QRect room) {
  const QFontMetrics metrics(font());
  const int entries = std::max<int>(1, static_cast<int>(m_shown.lines.size()));
  int names = 0;
  for (const auto& line : m_shown.lines) {
    m_valueWidth = std::max(m_valueWidth, metrics.horizontalAdvance(readingText(line.side)));
    names = std::max(names, metrics.horizontalAdvance(line.name));
  }
  const int forName = room.width() / entries - (sampleWidth + halfStep + step + m_valueWidth + 2 * step);
  const bool isShort = forName < std::min(names, metrics.horizontalAdvance(QStringLiteral("a 1.2.3 … 1.2")));
  const int between = isShort ? step : 2 * step;
  const auto nameOf = [&](const NamedLine& line) {
    return isShort ? sideWord(line.side) : metrics.elidedText(line.name, Qt::ElideMiddle, forName);
  };
  const QString unit = axisUnitOf(m_shown.measure);
  int right = room.right() + 1;
  for (auto line = m_shown.lines.rbegin(); line != m_shown.lines.rend(); ++line) {
    const QString name = nameOf(*line);
    painter.setPen(theme.text);
    painter.drawText(QRect(right - m_valueWidth, 0, m_valueWidth, room.height()),
                     Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine, readingText(line->side));
    right -= m_valueWidth + (isShort ? halfStep : step) + metrics.horizontalAdvance(name);
    painter.setPen(theme.muted);
    painter.drawText(QRect(right, 0, width(), room.height()),
                     Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, name);
    right -= halfStep + sampleWidth;
    painter.setPen(linePen(theme, line->side, entries == 1));
    painter.drawLine(QPointF(right, room.height() / 2.0), QPointF(right + sampleWidth, room.height() / 2.0));
    right -= between;
  }
  room.setRight(right);
  painter.setPen(theme.muted);
  if (metrics.horizontalAdvance(unit) <= room.width())
    painter.drawText(room, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, unit);
}

void ChartPanel::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Theme theme = themeOf(palette());
  if (m_picture.isNull() || m_picture.deviceIndependentSize() != size())
    painter.fillRect(rect(), theme.surface);
  if (m_picture.isNull())
    return;
  painter.drawPixmap(0, 0, m_picture);
  painter.setRenderHint(QPainter::Antialiasing);
  paintHeader(painter, theme);
  if (m_cursor) {
    const QRect area = plotArea(width());
    const qreal x = std::floor(m_shown.scale.x(*m_cursor)) + 0.5;
    painter.setPen(QPen(theme.accent, 1));
    painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
  }
}

} // namespace ratdeck
