#include "ui/widgets/charts.h"

#include "ui/model/plain.h"
#include "ui/widgets/chart_bar.h"
#include "ui/widgets/chart_panel.h"
#include "ui/widgets/chart_text.h"
#include "ui/widgets/plain_label.h"
#include "ui/widgets/time_axis.h"

#include <QDateTime>
#include <QMouseEvent>
#include <QPainter>
#include <QVBoxLayout>

namespace ratdeck {

namespace {

constexpr ChartTime freshness = 2500; // ms that the last second counts as now
constexpr int paceMs = 100;
constexpr int rightMargin = 2 * step;

const std::vector<Charts::Choice> usualChoices{
    {Measure::RequestRate}, {Measure::ErrorRatio}, {Measure::ResponseTime}, {Measure::ActiveRuns}};

// While there is less than the window asked for, it grows in these steps: few data are not squeezed into a
// corner, and the axis stands still in between.
constexpr ChartTime growth[] = {30'000, 60'000, 120'000, 300'000, 600'000};

ChartTime grownWindow(ChartTime wanted, ChartTime measured) {
  for (const ChartTime size : growth)
    if (size >= measured)
      return std::min(size, wanted);
  return wanted;
}

} // namespace

Charts::Charts(QWidget* parent) : QWidget(parent) {
  setAccessibleName(tr("Charts"));
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  m_column = new QVBoxLayout(this);
  m_column->setContentsMargins(2, 2, 2, 2);
  m_column->setSpacing(0);
  m_column->addWidget(m_bar = new ChartBar);
  m_column->addWidget(m_lane = new MarkLane);
  m_column->addWidget(m_empty = new PlainLabel(PlainLabel::Fit::Wrap), 1);
  m_column->addWidget(m_axis = new TimeAxis);
  m_empty->setAlignment(Qt::AlignCenter);
  m_empty->setMuted(true);
  m_pace.setSingleShot(true);
  m_turn.setSingleShot(true);
  connect(&m_pace, &QTimer::timeout, this, [this] { begin(); });
  connect(&m_turn, &QTimer::timeout, this, [this] { drawNext(); });
  connect(m_bar, &ChartBar::windowChosen, this, [this](ChartTime window) { setWindow(window); });
  connect(m_bar, &ChartBar::scopeChosen, this, [this](const QString& scope) {
    setScope(scope);
    Q_EMIT scopeChosen(scope);
  });
  m_bar->setWindow(m_window);
  setChoices(usualChoices);
}

void Charts::setHistory(const SampleHistory* history) {
  m_history = history;
  m_revision = -1;
  m_cursor.reset();
  touch();
}

void Charts::setChoices(std::vector<Choice> choices) {
  m_turn.stop();
  m_next = -1;
  for (const Chart& chart : m_charts)
    delete chart.panel;
  m_charts.clear();
  for (Choice& choice : choices) {
    auto* panel = new ChartPanel;
    panel->hide();
    m_column->insertWidget(m_column->indexOf(m_axis), panel, 1);
    m_charts.push_back({std::move(choice), panel});
  }
  touch();
}

void Charts::setScope(const QString& scope) {
  if (m_scope == scope)
    return;
  m_scope = scope;
  for (const Chart& chart : m_charts)
    chart.panel->forgetHeight();
  touch();
}

void Charts::setWindow(ChartTime window) {
  if (m_window == window)
    return;
  m_window = window;
  m_bar->setWindow(window);
  for (const Chart& chart : m_charts)
    chart.panel->forgetHeight();
  touch();
}

void Charts::setUtc(bool isUtc) {
  m_isUtc = isUtc;
  m_axis->setUtc(isUtc);
}

void Charts::setEmptyText(const QString& text) {
  m_empty->setPlain(text);
}

void Charts::follow(Instant now) {
  const bool isNews = m_now != now || (m_history && m_history->revision() != m_revision);
  m_now = now;
  if (isNews)
    touch();
}

void Charts::setEnded(bool isEnded) {
  if (m_isEnded == isEnded)
    return;
  m_isEnded = isEnded;
  setAccessibleName(isEnded ? tr("Charts, up to the end of the rollout") : tr("Charts"));
  m_axis->setEnded(isEnded);
  touch();
}

void Charts::touch() {
  m_isDirty = true;
  if (isVisible() && !m_pace.isActive() && m_next < 0)
    begin();
}

TimeScale Charts::currentScale() const {
  TimeScale scale;
  scale.left = fontMetrics().horizontalAdvance(QStringLiteral("00,000")) + step;
  scale.width = std::max(1, m_axis->width() - scale.left - rightMargin);
  if (!m_history || !m_history->span())
    return scale;
  const TimeRange span = *m_history->span();
  const ChartTime now = m_now ? std::max(m_history->at(*m_now), span.to) : span.to;
  const ChartTime shortest = 10'000;
  scale.range = {
      m_window > 0 ? now - grownWindow(m_window, now - span.from) : std::min(span.from, now - shortest), now};
  return scale;
}

// Which charts there are; those with nothing to show take no room.
void Charts::arrange() {
  bool isEmpty = true;
  for (const Chart& chart : m_charts) {
    const bool isThere = m_history && m_history->has(scopeOf(chart), chart.choice.measure);
    chart.panel->setVisible(isThere);
    isEmpty = isEmpty && !isThere;
  }
  m_empty->setVisible(isEmpty);
  m_lane->setVisible(!isEmpty);
  m_axis->setVisible(!isEmpty);
}

void Charts::begin() {
  if (!m_isDirty || !isVisible() || m_next >= 0)
    return;
  m_isDirty = false;
  m_pace.start(paceMs);
  m_revision = m_history ? m_history->revision() : -1;
  m_bar->setScopes(m_history ? m_history->services() : QStringList(), m_scope);
  arrange();
  m_column->activate();
  m_scale = currentScale();
  m_bar->setSpan(m_empty->isHidden() ? m_scale.range.to - m_scale.range.from : 0);
  m_next = 0;
  m_turn.start(0);
}

void Charts::drawNext() {
  const auto isHidden = [](const Chart& chart) {
    return chart.panel->isHidden();
  };
  const auto chart = std::find_if_not(m_charts.begin() + m_next, m_charts.end(), isHidden);
  if (chart == m_charts.end())
    return present();
  if (m_history && !m_scale.isEmpty())
    draw(*chart);
  m_next = static_cast<int>(chart - m_charts.begin()) + 1;
  m_turn.start(0);
}

void Charts::draw(const Chart& chart) {
  const QString& scope = scopeOf(chart);
  const Measure measure = chart.choice.measure;
  ChartPanel::Content content;
  content.measure = measure;
  content.title = titleOf(measure);
  if (chart.choice.scope && !scope.isEmpty())
    content.title += QStringLiteral(" · ") + plain(scope.toStdString());
  for (Side side : allSides)
    if (m_history->has(scope, measure, side))
      content.lines.push_back(
          {side, m_history->nameOf(scope, side),
           decimated(m_history->line(scope, measure, side, m_scale.range), m_scale.range, m_scale.width)});
  if (measure == Measure::ErrorRatio)
    content.threshold = m_history->threshold(scope);
  content.marks = m_history->marks(scope, m_scale.range);
  content.scale = m_scale;
  chart.panel->draw(std::move(content));
}

void Charts::present() {
  m_next = -1;
  for (const Chart& chart : m_charts)
    if (!chart.panel->isHidden())
      chart.panel->present();
  m_axis->setScale(m_scale);
  m_lane->setMarks(m_history ? m_history->marks(m_scope, m_scale.range) : std::vector<StepMark>(), m_scale);
  moveCursor(m_hover ? std::optional<ChartTime>(m_scale.at(*m_hover)) : m_cursor);
  Q_EMIT presented();
  if (m_isDirty && !m_pace.isActive())
    begin();
}

// What the lines say at the cursor, or now.
void Charts::read(const Chart& chart) {
  if (!m_history || !m_history->span())
    return;
  const ChartTime last = m_history->span()->to;
  const bool isFresh = m_scale.range.to - last <= freshness;
  const ChartTime at = m_cursor ? *m_cursor : isFresh ? last : m_scale.range.to;
  const ChartTime reach = m_cursor ? std::max<ChartTime>(1000, m_scale.pixel()) : freshness;
  ChartPanel::Readings readings;
  for (Side side : allSides)
    readings[side] = m_history->value(scopeOf(chart), chart.choice.measure, side, at, reach);
  chart.panel->setReadings(std::move(readings));
}

void Charts::moveCursor(std::optional<ChartTime> at) {
  if (at)
    at = std::clamp(*at, m_scale.range.from, m_scale.range.to);
  m_cursor = at;
  for (const Chart& chart : m_charts) {
    if (chart.panel->isHidden())
      continue;
    read(chart);
    chart.panel->setCursor(at);
  }
  m_axis->setCursor(at);
  setAccessibleDescription(cursorText());
}

void Charts::stepCursor(int direction) {
  if (!m_history || m_scale.isEmpty())
    return;
  m_hover.reset();
  const ChartTime from = m_cursor.value_or(m_scale.range.to);
  const ChartTime skipped = std::max<ChartTime>(0, m_scale.pixel() - 1000);
  moveCursor(m_history->neighbour(m_scope, from + direction * skipped, direction));
}

// For those who cannot see the lines.
QString Charts::cursorText() const {
  if (!m_cursor || !m_history)
    return {};
  QStringList parts{QDateTime::fromMSecsSinceEpoch(*m_cursor, m_isUtc ? Qt::UTC : Qt::LocalTime)
                        .toString(QStringLiteral("HH:mm:ss t"))};
  for (const StepMark& mark : m_history->marks(m_scope, {*m_cursor - 1000, *m_cursor + 1000}))
    parts << mark.label;
  for (const Chart& chart : m_charts) {
    if (chart.panel->isHidden())
      continue;
    const Measure measure = chart.choice.measure;
    const auto value = m_history->value(scopeOf(chart), measure, Side::Total, *m_cursor,
                                        std::max<ChartTime>(1000, m_scale.pixel()));
    parts << titleOf(measure) + QLatin1Char(' ') + (value ? valueText(measure, *value) : tr("no data"));
  }
  return parts.join(QStringLiteral(", "));
}

// The same whatever there is to show, so that nothing beside them moves when one comes or goes.
QSize Charts::sizeHint() const {
  return {64 * step, 40 * step};
}

QSize Charts::minimumSizeHint() const {
  return {54 * step, 30 * step};
}

bool Charts::event(QEvent* event) {
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
    touch();
  return QWidget::event(event);
}

void Charts::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  touch();
}

void Charts::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  touch();
}

void Charts::mouseMoveEvent(QMouseEvent* event) {
  const qreal x = m_axis->mapFrom(this, event->position()).x();
  const bool isInside = !m_scale.isEmpty() && x >= m_scale.left && x <= m_scale.left + m_scale.width &&
                        event->position().y() >= m_lane->y();
  m_hover = isInside ? std::optional<qreal>(x) : std::nullopt;
  moveCursor(isInside ? std::optional<ChartTime>(m_scale.at(x)) : std::nullopt);
}

void Charts::leaveEvent(QEvent* event) {
  QWidget::leaveEvent(event);
  if (!m_hover)
    return;
  m_hover.reset();
  moveCursor(std::nullopt);
}

void Charts::keyPressEvent(QKeyEvent* event) {
  const int steps = event->modifiers() & Qt::ShiftModifier ? 10 : 1;
  switch (event->key()) {
  case Qt::Key_Left:
  case Qt::Key_Right:
    for (int i = 0; i < steps; ++i)
      stepCursor(event->key() == Qt::Key_Left ? -1 : 1);
    return;
  case Qt::Key_Home:
    m_hover.reset();
    return moveCursor(m_scale.range.from);
  case Qt::Key_End:
    m_hover.reset();
    return moveCursor(m_scale.range.to);
  case Qt::Key_Escape:
    if (!m_cursor)
      break;
    m_hover.reset();
    return moveCursor(std::nullopt);
  default:
    break;
  }
  QWidget::keyPressEvent(event);
}

void Charts::focusOutEvent(QFocusEvent* event) {
  QWidget::focusOutEvent(event);
  update();
}

void Charts::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Theme theme = themeOf(palette());
  painter.fillRect(rect(), theme.surface);
  if (!hasFocus())
    return;
  painter.setPen(QPen(theme.accent, 2));
  painter.drawRect(rect().adjusted(1, 1, -1, -1));
}

} // namespace ratdeck
