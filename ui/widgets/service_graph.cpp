#include "ui/widgets/service_graph.h"

#include "ui/model/graph_focus.h"
#include "ui/widgets/card_style.h"
#include "ui/widgets/graph_canvas.h"
#include "ui/widgets/plain_label.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace ratdeck {

namespace {

GraphNodes nodesOf(const ServiceRows& rows, const QSizeF& size) {
  GraphNodes nodes;
  nodes.reserve(rows.size());
  for (const auto& row : rows)
    nodes.push_back({row.name, size, row.wave, row.dependsOn});
  return nodes;
}

// While a rollout goes on: what it changes, and what is in trouble. Else all.
ServiceRows partakers(const ServiceRows& rows) {
  const bool isRollout =
      std::any_of(rows.begin(), rows.end(), [](const ServiceRow& row) { return row.wave > 0; });
  if (!isRollout)
    return rows;
  ServiceRows shown;
  for (const auto& row : rows)
    if (row.wave > 0 || row.mood == Mood::Failed)
      shown.push_back(row);
  return shown;
}

QToolButton* toolButton(const QString& text, const QString& name) {
  auto* button = new QToolButton;
  button->setText(text);
  button->setAccessibleName(name);
  button->setToolTip(name);
  return button;
}

} // namespace

ServiceGraph::ServiceGraph(QWidget* parent, DotProgram program)
    : QWidget(parent), m_canvas(new GraphCanvas), m_words(new PlainLabel), m_all(new QPushButton),
      m_layout(std::move(program)) {
  setAccessibleName(tr("Service graph"));
  setFocusProxy(m_canvas);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(m_canvas, 1);
  buildStrip();
  connect(&m_layout, &DotLayout::laidOut, this, &ServiceGraph::showLayout);
  connect(m_canvas, &GraphCanvas::serviceChosen, this, &ServiceGraph::serviceChosen);
  connect(m_canvas, &GraphCanvas::zoomChanged, this, &ServiceGraph::showZoom);
  say(0);
}

void ServiceGraph::buildStrip() {
  auto* smaller = toolButton(QStringLiteral("−"), tr("Zoom out (-)"));
  auto* larger = toolButton(QStringLiteral("+"), tr("Zoom in (+)"));
  auto* whole = toolButton(tr("Fit"), tr("Show the whole graph (F)"));
  m_zoom = toolButton({}, tr("Zoom to 100 % (0)"));
  m_zoom->setMinimumWidth(m_zoom->fontMetrics().horizontalAdvance(QStringLiteral("1000 %")) + step);
  showZoom(m_canvas->zoom());
  m_words->setMuted(true);

  auto* strip = new QHBoxLayout;
  strip->setContentsMargins(step, halfStep, step, halfStep);
  strip->setSpacing(halfStep);
  strip->addWidget(m_words, 1);
  for (QWidget* widget :
       {static_cast<QWidget*>(m_all), static_cast<QWidget*>(smaller), static_cast<QWidget*>(m_zoom),
        static_cast<QWidget*>(larger), static_cast<QWidget*>(whole)})
    strip->addWidget(widget);
  static_cast<QVBoxLayout*>(layout())->addLayout(strip);

  connect(m_all, &QPushButton::clicked, this, [this] { setShowingAll(!m_isShowingAll); });
  connect(smaller, &QToolButton::clicked, m_canvas, &GraphCanvas::zoomOut);
  connect(larger, &QToolButton::clicked, m_canvas, &GraphCanvas::zoomIn);
  connect(whole, &QToolButton::clicked, m_canvas, &GraphCanvas::fit);
  connect(m_zoom, &QToolButton::clicked, m_canvas, [this] { m_canvas->setZoom(1); });
}

void ServiceGraph::setRows(const ServiceRows& rows, Instant now) {
  m_rows = rows;
  m_now = now;
  m_canvas->setRows(m_rows, m_now);
  requestLayout();
}

void ServiceGraph::setEmptyText(const QString& text) {
  m_emptyText = text;
  if (m_rows.empty())
    m_canvas->setEmptyText(text);
}

void ServiceGraph::setShowingAll(bool isShowingAll) {
  m_isShowingAll = isShowingAll;
  requestLayout();
}

ServiceRows ServiceGraph::shownRows() const {
  if (m_isShowingAll)
    return m_rows;
  auto shown = partakers(m_rows);
  if (shown.size() <= mostAtOnce)
    return shown;
  shown.clear();
  for (int index : focusOf(m_rows))
    shown.push_back(m_rows[index]);
  return shown;
}

void ServiceGraph::requestLayout() {
  const auto rows = shownRows();
  m_canvas->setEmptyText(
      rows.empty() ? m_emptyText : tr("Laying out %n service(s)", nullptr, static_cast<int>(rows.size())));
  m_layout.request(nodesOf(rows, cardSize(font())));
  say(static_cast<int>(rows.size()));
}

void ServiceGraph::showLayout(const GraphLayout& layout) {
  m_canvas->setGraph(m_layout.nodes(), layout, m_rows, m_now);
}

void ServiceGraph::say(int shown) {
  const int all = static_cast<int>(m_rows.size());
  const auto wave = activeWave(m_rows);
  const int changing = static_cast<int>(partakers(m_rows).size());
  if (all == 0)
    m_words->setPlain({});
  else if (shown == all)
    m_words->setPlain(tr("Dependencies left; arrows show where requests go, and how many"));
  else if (shown == changing)
    m_words->setPlain(
        tr("%1 of %2 services: what changes; arrows show where requests go").arg(shown).arg(all));
  else if (wave)
    m_words->setPlain(
        tr("%1 of %2 services: wave %3, its neighbours and what failed").arg(shown).arg(all).arg(*wave));
  else
    m_words->setPlain(tr("%1 of %2 services: what failed").arg(shown).arg(all));
  m_all->setVisible(m_isShowingAll ? changing < all || all > mostAtOnce : shown < all);
  m_all->setText(!m_isShowingAll         ? tr("Show all %1").arg(all)
                 : changing > mostAtOnce ? tr("Show the active wave")
                                         : tr("Show what changes"));
}

void ServiceGraph::showZoom(qreal zoom) {
  m_zoom->setText(tr("%1 %").arg(qRound(zoom * 100)));
}

void ServiceGraph::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::FontChange)
    requestLayout();
}

QString ServiceGraph::selected() const {
  return m_canvas->selected();
}

void ServiceGraph::select(const QString& name) {
  m_canvas->select(name);
}

} // namespace ratdeck
