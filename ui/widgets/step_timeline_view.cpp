#include "ui/widgets/step_timeline_view.h"

#include "ui/model/countdown.h"
#include "ui/model/plain.h"
#include "ui/widgets/plain_label.h"
#include "ui/widgets/theme.h"

#include <QHelpEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace ratdeck {

namespace {

QString wordOf(Stage stage) {
  switch (stage) {
  case Stage::Approval:
    return StepTimelineView::tr("approval");
  case Stage::Start:
    return StepTimelineView::tr("start");
  case Stage::Gate:
    return StepTimelineView::tr("gate");
  case Stage::Switch:
    return StepTimelineView::tr("switch");
  case Stage::Runs:
    return StepTimelineView::tr("runs");
  case Stage::Drain:
    return StepTimelineView::tr("drain");
  case Stage::Watch:
    return StepTimelineView::tr("watch");
  case Stage::Stop:
    return StepTimelineView::tr("stop");
  case Stage::Undo:
    return StepTimelineView::tr("undo");
  case Stage::Task:
    return StepTimelineView::tr("task");
  }
  return {};
}

QColor faded(QColor color, double part) {
  color.setAlphaF(static_cast<float>(color.alphaF() * part));
  return color;
}

QColor colorOf(const Theme& theme, Stage stage, bool hasFailed) {
  if (hasFailed)
    return theme.failed;
  switch (stage) {
  case Stage::Approval:
  case Stage::Runs:
  case Stage::Drain:
    return theme.waiting;
  case Stage::Start:
    return faded(theme.running, 0.5);
  case Stage::Gate:
    return theme.running;
  case Stage::Switch:
    return theme.ok;
  case Stage::Watch:
    return faded(theme.unknown, 0.45);
  case Stage::Stop:
    return theme.unknown;
  case Stage::Undo:
    return faded(theme.failed, theme.isDark ? 0.3 : 0.2);
  case Stage::Task:
    return faded(theme.waiting, 0.6);
  }
  return theme.running;
}

// Two rows of bars, so that stages that overlap stay apart.
int laneOf(Stage stage) {
  switch (stage) {
  case Stage::Runs:
  case Stage::Watch:
  case Stage::Drain:
  case Stage::Stop:
    return 1;
  default:
    return 0;
  }
}

// Strokes rather than a brush's pattern: they look the same at every scale of the display.
void paintHatched(QPainter& painter, const QRectF& box, const QColor& color, const QColor& ground) {
  constexpr qreal distance = 5;
  painter.save();
  painter.setClipRect(box, Qt::IntersectClip);
  painter.fillRect(box, ground);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(color, 1.25));
  for (qreal x = std::floor(box.left() / distance) * distance; x < box.right() + box.height(); x += distance)
    painter.drawLine(QPointF(x, box.top()), QPointF(x - box.height(), box.bottom()));
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.setPen(QPen(color, 1));
  painter.drawRect(box.adjusted(0, 0, -1, -1));
  painter.restore();
}

// What the plan allows of it at most: an empty frame, with a mark at the deadline unless that is further off.
void paintAllowed(QPainter& painter, const QRectF& box, const QColor& color, bool hasEnd) {
  painter.save();
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(color, 1, Qt::DotLine));
  painter.drawRect(box.adjusted(0, 0, -1, -1));
  if (hasEnd)
    painter.fillRect(QRectF(box.right() - 2, box.top() - 1, 2, box.height() + 2), color);
  painter.restore();
}

enum class Fill { Plain, Hatched, Framed };

struct LegendEntry {
  Stage stage;
  bool hasFailed;
  QString words;
  Fill fill = Fill::Plain;
};

std::vector<LegendEntry> legend(bool hasUnknown) {
  std::vector<LegendEntry> entries = {
      {Stage::Start, false, StepTimelineView::tr("start")},
      {Stage::Gate, false, StepTimelineView::tr("gate")},
      {Stage::Switch, false, StepTimelineView::tr("switch")},
      {Stage::Drain, false, StepTimelineView::tr("waits, drains")},
      {Stage::Watch, false, StepTimelineView::tr("watched")},
      {Stage::Stop, false, StepTimelineView::tr("old one stops")},
      {Stage::Gate, true, StepTimelineView::tr("failed")},
      {Stage::Undo, false, StepTimelineView::tr("undo")},
      {Stage::Gate, false, StepTimelineView::tr("until its deadline"), Fill::Framed}};
  if (hasUnknown)
    entries.insert(entries.begin(),
                   {Stage::Gate, false, StepTimelineView::tr("not observed"), Fill::Hatched});
  return entries;
}

} // namespace

StepTimelineView::StepTimelineView(QWidget* parent) : QAbstractScrollArea(parent) {
  setFrameShape(QFrame::NoFrame);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setAccessibleName(tr("Step timeline"));
  setFocusPolicy(Qt::StrongFocus);
}

void StepTimelineView::setEmptyText(const QString& text) {
  m_emptyText = text;
  viewport()->update();
}

void StepTimelineView::showUnknown(const StepTimeline& timeline, Instant now,
                                   std::optional<Instant> unknownSince) {
  m_unknown.clear();
  m_isUnknown = unknownSince.has_value();
  const auto add = [this](BootTime from, BootTime to) {
    from = std::max(from, m_unknown.empty() ? m_begin : m_unknown.back().to);
    if (from < to)
      m_unknown.push_back({from, to});
  };
  for (const auto& absence : timeline.absences())
    add(absence.from.boot, absence.to ? absence.to->boot : m_now);
  if (unknownSince)
    add(unknownSince->boot, now.boot);
}

void StepTimelineView::setTimeline(const StepTimeline& timeline, const RolloutState& state, Instant now,
                                   std::optional<Instant> unknownSince) {
  m_rows.clear();
  m_begin = state.startedAt.boot;
  m_isOver = state.phase == RolloutPhase::Ended;
  m_now = m_isOver ? state.endedAt.boot : now.boot;
  // Some room for what is to come, and for the words of what is under way.
  m_end = std::max(m_now + (m_now - m_begin) / (m_isOver ? 16 : 6), m_begin + std::chrono::seconds(10));
  showUnknown(timeline, now, unknownSince);
  QStringList words;
  if (unknownSince)
    words << tr("not observed for %1").arg(durationText(now.boot - unknownSince->boot));
  for (const auto& wave : state.plan.waves)
    for (const auto& service : wave.services) {
      Row row{plain(service), timeline.spansOf(service), -1, {}};
      for (size_t i = 0; i < row.spans.size(); ++i)
        if (!row.spans[i].to && row.spans[i].stage != Stage::Undo)
          row.underWay = static_cast<int>(i);
      if (row.underWay >= 0) {
        const auto& span = row.spans[static_cast<size_t>(row.underWay)];
        row.planned = StepTimeline::plannedOf(state.plan, service, span.stage);
        // A deadline that is not far off is seen.
        m_end = std::max(m_end, std::min(span.from.boot + row.planned, m_now + (m_now - m_begin) / 2));
        words << row.service + QLatin1Char(' ') + wordOf(span.stage);
      }
      m_rows.push_back(std::move(row));
    }
  setAccessibleDescription(words.join(QStringLiteral(", ")));
  updateScroll();
  follow();
  viewport()->update();
}

int StepTimelineView::rowHeight() const {
  return fontMetrics().height() + halfStep;
}

int StepTimelineView::nameWidth() const {
  int widest = 6 * step;
  for (const auto& row : m_rows)
    widest = std::max(widest, fontMetrics().horizontalAdvance(row.service));
  return std::min(widest + 2 * step, viewport()->width() / 3);
}

// Between the axis and the legend: whole rows.
int StepTimelineView::rowsHeight() const {
  return std::max(1, viewport()->height() / rowHeight() - 2) * rowHeight();
}

// Shows the rows that are under way, once; where a person scrolls to afterwards is theirs.
void StepTimelineView::follow() {
  int first = -1, last = -1;
  for (size_t i = 0; i < m_rows.size(); ++i) {
    const auto& spans = m_rows[i].spans;
    if (std::none_of(spans.begin(), spans.end(), [](const StageSpan& span) { return !span.to; }))
      continue;
    last = static_cast<int>(i);
    first = first < 0 ? last : first;
  }
  if (last < 0 || (first == m_firstActive && last == m_lastActive))
    return;
  m_firstActive = first;
  m_lastActive = last;
  auto* bar = verticalScrollBar();
  const int top = first * rowHeight(), bottom = (last + 1) * rowHeight();
  bar->setValue(std::min(std::max(bar->value(), bottom - rowsHeight()), top));
}

double StepTimelineView::xOf(BootTime time) const {
  const double room = std::max(1, viewport()->width() - m_nameWidth - 2 * step);
  const double share =
      std::chrono::duration<double>(time - m_begin) / std::chrono::duration<double>(m_end - m_begin);
  return m_nameWidth + room * std::clamp(share, 0.0, 1.0);
}

void StepTimelineView::updateScroll() {
  const int all = static_cast<int>(m_rows.size()) * rowHeight();
  verticalScrollBar()->setRange(0, std::max(0, all - rowsHeight()));
  verticalScrollBar()->setPageStep(rowsHeight());
  verticalScrollBar()->setSingleStep(rowHeight());
}

void StepTimelineView::resizeEvent(QResizeEvent* event) {
  QAbstractScrollArea::resizeEvent(event);
  updateScroll();
  m_firstActive = m_lastActive = -1;
  follow();
}

void StepTimelineView::paintAxis(QPainter& painter) const {
  const auto theme = themeOf(palette());
  const auto whole = std::chrono::duration<double>(m_end - m_begin).count();
  double each = 5;
  for (double wider : {10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0})
    if (whole / each > 6)
      each = wider;
  const int bottom = rowHeight() + rowsHeight();
  const int now = static_cast<int>(xOf(m_now));
  for (double at = 0; at <= whole; at += each) {
    const auto time = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(at));
    const int x = static_cast<int>(xOf(m_begin + time));
    const auto text = durationText(time);
    const int end = x + fontMetrics().horizontalAdvance(text) + halfStep;
    const bool meetsNow = x < now + 5 * step && end > now;
    if (end >= viewport()->width() || meetsNow)
      continue; // a line without its time says nothing
    painter.setPen(theme.line);
    painter.drawLine(x, 0, x, bottom);
    painter.setPen(theme.muted);
    painter.drawText(x + 3, fontMetrics().ascent() + 2, text);
  }
  painter.setPen(theme.accent);
  painter.drawLine(now, 0, now, bottom);
  painter.drawText(now + 3, fontMetrics().ascent() + 2, m_isOver ? tr("end") : tr("now"));
}

// What was not observed in it is hatched.
void StepTimelineView::paintBar(QPainter& painter, const QRectF& bar, const QColor& color) const {
  painter.fillRect(bar, color);
  for (const auto& stretch : m_unknown) {
    const double left = std::max(bar.left(), xOf(stretch.from));
    const double right = std::min(bar.right(), xOf(stretch.to));
    if (right - left >= 1)
      paintHatched(painter, QRectF(left, bar.top(), right - left, bar.height()), color,
                   themeOf(palette()).surface);
  }
}

Duration StepTimelineView::unknownIn(const StageSpan& span) const {
  Duration sum = Duration::zero();
  for (const auto& stretch : m_unknown)
    sum += std::max(Duration::zero(), std::min(stretch.to, span.to ? span.to->boot : m_now) -
                                          std::max(stretch.from, span.from.boot));
  return sum;
}

void StepTimelineView::paintSpan(QPainter& painter, const Row& row, const StageSpan& span, int top) const {
  const auto theme = themeOf(palette());
  const auto color = colorOf(theme, span.stage, span.hasFailed && span.stage != Stage::Undo);
  const double left = xOf(span.from.boot), right = std::max(left + 2, xOf(span.to ? span.to->boot : m_now));
  if (span.stage == Stage::Undo) // behind what is done in it
    return paintBar(painter, QRectF(left, top, right - left, rowHeight() - 1), color);
  const double lane = (rowHeight() - 5) / 2.0;
  const double y = top + 2 + laneOf(span.stage) * (lane + 1);
  const bool isUnderWay = row.underWay >= 0 && &span == &row.spans[static_cast<size_t>(row.underWay)];
  if (isUnderWay && row.planned > Duration::zero() && !m_isUnknown) // else its deadline waits
    paintAllowed(painter, QRectF(right, y, xOf(span.from.boot + row.planned) - right, lane), theme.text,
                 span.from.boot + row.planned <= m_end);
  paintBar(painter, QRectF(left, y, right - left, lane), color);
}

void StepTimelineView::paintRow(QPainter& painter, const Row& row, int top) const {
  const auto theme = themeOf(palette());
  painter.setPen(theme.text);
  painter.drawText(QRect(step, top, m_nameWidth - step, rowHeight()), Qt::AlignVCenter | Qt::AlignLeft,
                   fontMetrics().elidedText(row.service, Qt::ElideRight, m_nameWidth - step));
  QStringList underWay;
  for (const bool isUndo : {true, false})
    for (const auto& span : row.spans) {
      if ((span.stage == Stage::Undo) != isUndo)
        continue;
      paintSpan(painter, row, span, top);
      if (!span.to && !isUndo)
        underWay << wordOf(span.stage);
    }
  const int left = static_cast<int>(xOf(m_now)) + halfStep;
  const auto stages = underWay.join(QStringLiteral(", "));
  const auto whole = m_isUnknown && !stages.isEmpty() ? tr("last seen: %1").arg(stages) : stages;
  const auto text = fontMetrics().elidedText(whole, Qt::ElideRight, viewport()->width() - left);
  const QRect box(left, top, fontMetrics().horizontalAdvance(text), rowHeight());
  painter.fillRect(box, theme.surface); // above the frame of what is allowed
  painter.setPen(theme.text);
  painter.drawText(box, Qt::AlignVCenter | Qt::AlignLeft, text);
}

void StepTimelineView::paintLegend(QPainter& painter) const {
  const auto theme = themeOf(palette());
  const QRect strip(0, rowHeight() + rowsHeight(), viewport()->width(), rowHeight());
  painter.fillRect(strip, theme.surface);
  const int side = fontMetrics().ascent() - 2;
  int x = m_nameWidth;
  for (const auto& entry : legend(!m_unknown.empty())) {
    const int width = side + halfStep + fontMetrics().horizontalAdvance(entry.words);
    if (x + width > strip.right())
      return;
    const auto color = colorOf(theme, entry.stage, entry.hasFailed);
    const QRect sample(x, strip.center().y() - side / 2, side, side);
    switch (entry.fill) {
    case Fill::Plain:
      painter.fillRect(sample, color);
      break;
    case Fill::Hatched:
      paintHatched(painter, sample, theme.text, theme.surface);
      break;
    case Fill::Framed:
      paintAllowed(painter, sample, theme.text, true);
      break;
    }
    painter.setPen(theme.muted);
    painter.drawText(QRect(x + side + halfStep, strip.top(), width, strip.height()),
                     Qt::AlignVCenter | Qt::AlignLeft, entry.words);
    x += width + 2 * step;
  }
}

void StepTimelineView::paintEvent(QPaintEvent*) {
  QPainter painter(viewport());
  const auto theme = themeOf(palette());
  painter.fillRect(viewport()->rect(), theme.surface);
  if (m_rows.empty()) {
    painter.setPen(theme.muted);
    painter.drawText(viewport()->rect().adjusted(2 * step, 2 * step, -2 * step, -2 * step),
                     Qt::AlignCenter | Qt::TextWordWrap, m_emptyText);
    return;
  }
  m_nameWidth = nameWidth();
  paintAxis(painter);
  painter.setClipRect(QRect(0, rowHeight(), viewport()->width(), rowsHeight()));
  int top = rowHeight() - verticalScrollBar()->value();
  for (const auto& row : m_rows) {
    if (top + rowHeight() > 0 && top < viewport()->height())
      paintRow(painter, row, top);
    top += rowHeight();
  }
  painter.setClipping(false);
  paintLegend(painter);
}

const StepTimelineView::Row* StepTimelineView::rowAt(int y) const {
  if (y < rowHeight() || y >= rowHeight() + rowsHeight())
    return nullptr;
  const int index = (y + verticalScrollBar()->value()) / rowHeight() - 1;
  return index >= 0 && index < static_cast<int>(m_rows.size()) ? &m_rows[static_cast<size_t>(index)]
                                                               : nullptr;
}

void StepTimelineView::mousePressEvent(QMouseEvent* event) {
  if (const auto* row = rowAt(event->pos().y()))
    Q_EMIT serviceChosen(row->service);
}

QStringList StepTimelineView::toolTipAt(const QPoint& at) const {
  const auto* row = rowAt(at.y());
  if (!row)
    return {};
  QStringList lines{row->service};
  for (const auto& span : row->spans) {
    lines << tr("%1: %2%3")
                 .arg(wordOf(span.stage), durationText((span.to ? span.to->boot : m_now) - span.from.boot),
                      span.hasFailed ? tr(", failed")
                      : span.to      ? QString()
                                     : tr(" so far"));
    if (const auto unknown = unknownIn(span); unknown > Duration::zero())
      lines.back() += tr(", not observed for %1 of it").arg(durationText(unknown));
  }
  if (row->planned > Duration::zero())
    lines << tr("the plan allows %1 for it").arg(durationText(row->planned));
  return lines;
}

bool StepTimelineView::viewportEvent(QEvent* event) {
  if (event->type() != QEvent::ToolTip)
    return QAbstractScrollArea::viewportEvent(event);
  auto* help = static_cast<QHelpEvent*>(event);
  QToolTip::showText(help->globalPos(), plainToolTip(toolTipAt(help->pos())), viewport());
  return true;
}

} // namespace ratdeck
