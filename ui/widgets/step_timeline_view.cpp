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
  }
  return {};
}

QColor colorOf(const Theme& theme, const StageSpan& span) {
  if (span.hasFailed)
    return theme.failed;
  switch (span.stage) {
  case Stage::Approval:
  case Stage::Runs:
  case Stage::Drain:
    return theme.waiting;
  case Stage::Switch:
    return theme.ok;
  case Stage::Undo:
    return theme.failed;
  case Stage::Watch:
  case Stage::Stop:
    return theme.unknown;
  case Stage::Start:
  case Stage::Gate:
    return theme.running;
  }
  return theme.running;
}

QColor faded(QColor color) {
  color.setAlpha(color.alpha() / 4);
  return color;
}

// Two rows of bars, so that stages that overlap stay apart.
int laneOf(Stage stage) {
  switch (stage) {
  case Stage::Watch:
  case Stage::Drain:
  case Stage::Stop:
    return 1;
  default:
    return 0;
  }
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

void StepTimelineView::setTimeline(const StepTimeline& timeline, const RolloutState& state, Instant now) {
  m_rows.clear();
  m_begin = state.startedAt.boot;
  m_now = state.phase == RolloutPhase::Ended ? state.endedAt.boot : now.boot;
  m_end = std::max(m_now, m_begin + std::chrono::seconds(10));
  QStringList words;
  for (const auto& wave : state.plan.waves)
    for (const auto& service : wave.services) {
      Row row{plain(service), timeline.spansOf(service), {}};
      if (!row.spans.empty() && !row.spans.back().to) {
        row.planned = StepTimeline::plannedOf(state.plan, service, row.spans.back().stage);
        words << row.service + QLatin1Char(' ') + wordOf(row.spans.back().stage);
      }
      m_rows.push_back(std::move(row));
    }
  setAccessibleDescription(words.join(QStringLiteral(", ")));
  updateScroll();
  viewport()->update();
}

int StepTimelineView::rowHeight() const {
  return fontMetrics().height() + step;
}

int StepTimelineView::nameWidth() const {
  return 14 * step;
}

double StepTimelineView::xOf(BootTime time) const {
  const double room = std::max(1, viewport()->width() - nameWidth() - 2 * step);
  const double share =
      std::chrono::duration<double>(time - m_begin) / std::chrono::duration<double>(m_end - m_begin);
  return nameWidth() + room * std::clamp(share, 0.0, 1.0);
}

void StepTimelineView::updateScroll() {
  const int all = static_cast<int>(m_rows.size() + 1) * rowHeight();
  verticalScrollBar()->setRange(0, std::max(0, all - viewport()->height()));
  verticalScrollBar()->setPageStep(viewport()->height());
  verticalScrollBar()->setSingleStep(rowHeight());
}

void StepTimelineView::resizeEvent(QResizeEvent* event) {
  QAbstractScrollArea::resizeEvent(event);
  updateScroll();
}

void StepTimelineView::paintAxis(QPainter& painter) const {
  const auto theme = themeOf(palette());
  const auto whole = std::chrono::duration<double>(m_end - m_begin).count();
  double each = 5;
  for (double wider : {10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0})
    if (whole / each > 6)
      each = wider;
  painter.setPen(theme.muted);
  for (double at = 0; at <= whole; at += each) {
    const auto time = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(at));
    const int x = static_cast<int>(xOf(m_begin + time));
    const auto text = durationText(time);
    if (x + fontMetrics().horizontalAdvance(text) + 2 > viewport()->width())
      break;
    painter.drawText(x + 2, fontMetrics().ascent() + 2, text);
    painter.setPen(theme.line);
    painter.drawLine(x, 0, x, viewport()->height());
    painter.setPen(theme.muted);
  }
}

void StepTimelineView::paintRow(QPainter& painter, const Row& row, int top) const {
  const auto theme = themeOf(palette());
  painter.setPen(theme.text);
  painter.drawText(QRect(step, top, nameWidth() - 2 * step, rowHeight()), Qt::AlignVCenter | Qt::AlignLeft,
                   fontMetrics().elidedText(row.service, Qt::ElideRight, nameWidth() - 2 * step));
  const double lane = (rowHeight() - 6) / 2.0;
  for (const auto& span : row.spans) {
    const auto color = colorOf(theme, span);
    const double y = top + 2 + laneOf(span.stage) * (lane + 1);
    const double left = xOf(span.from.boot), right = xOf(span.to ? span.to->boot : m_now);
    if (!span.to && row.planned > Duration::zero()) {
      painter.setPen(color);
      painter.setBrush(faded(color));
      painter.drawRect(QRectF(left, y, xOf(span.from.boot + row.planned) - left, lane));
    }
    painter.fillRect(QRectF(left, y, std::max(2.0, right - left), lane), color);
    const auto word = wordOf(span.stage);
    if (!span.to && right + fontMetrics().horizontalAdvance(word) + step < viewport()->width()) {
      painter.setPen(theme.text);
      painter.drawText(QRectF(right + halfStep, top, viewport()->width(), rowHeight()),
                       Qt::AlignVCenter | Qt::AlignLeft, word);
    }
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
  paintAxis(painter);
  int top = rowHeight() - verticalScrollBar()->value();
  for (const auto& row : m_rows) {
    if (top + rowHeight() > 0 && top < viewport()->height())
      paintRow(painter, row, top);
    top += rowHeight();
  }
  painter.setPen(QPen(theme.accent, 1));
  const int x = static_cast<int>(xOf(m_now));
  painter.drawLine(x, 0, x, viewport()->height());
}

const StepTimelineView::Row* StepTimelineView::rowAt(int y) const {
  const int index = (y + verticalScrollBar()->value()) / rowHeight() - 1;
  return index >= 0 && index < static_cast<int>(m_rows.size()) ? &m_rows[static_cast<size_t>(index)]
                                                               : nullptr;
}

void StepTimelineView::mousePressEvent(QMouseEvent* event) {
  if (const auto* row = rowAt(event->pos().y()))
    Q_EMIT serviceChosen(row->service);
}

QString StepTimelineView::toolTipAt(const QPoint& at) const {
  const auto* row = rowAt(at.y());
  if (!row)
    return {};
  QStringList lines{row->service};
  for (const auto& span : row->spans)
    lines << tr("%1: %2%3")
                 .arg(wordOf(span.stage), durationText((span.to ? span.to->boot : m_now) - span.from.boot),
                      span.hasFailed ? tr(", failed")
                      : span.to      ? QString()
                                     : tr(" so far"));
  if (row->planned > Duration::zero())
    lines << tr("the plan allows %1 for it").arg(durationText(row->planned));
  return lines.join(QLatin1Char('\n'));
}

bool StepTimelineView::viewportEvent(QEvent* event) {
  if (event->type() != QEvent::ToolTip)
    return QAbstractScrollArea::viewportEvent(event);
  auto* help = static_cast<QHelpEvent*>(event);
  auto html = toolTipAt(help->pos()).toHtmlEscaped();
  QToolTip::showText(help->globalPos(),
                     QStringLiteral("<qt>") + html.replace(QLatin1Char('\n'), QStringLiteral("<br>")) +
                         QStringLiteral("</qt>"),
                     viewport());
  return true;
}

} // namespace ratdeck
