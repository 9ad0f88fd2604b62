#include "ui/widgets/graph_canvas.h"

#include "ui/model/plain.h"
#include "ui/model/service_text.h"

#include <QApplication>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QLineF>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace ratdeck {

namespace {

constexpr int margin = 2 * step;
constexpr qreal leastZoom = 0.05, mostZoom = 2;
constexpr qreal readableZoom = 0.5;     // three lines of a card
constexpr qreal comfortableZoom = 0.85; // all of them
constexpr qreal zoomStep = 1.2;
constexpr int mostPieces = 4; // painted one by one

} // namespace

GraphCanvas::GraphCanvas(QWidget* parent) : QAbstractScrollArea(parent) {
  setFocusPolicy(Qt::StrongFocus);
  setFrameShape(QFrame::NoFrame);
  setAccessibleName(tr("Service graph"));
  viewport()->setAttribute(Qt::WA_OpaquePaintEvent);
  horizontalScrollBar()->setSingleStep(3 * step);
  verticalScrollBar()->setSingleStep(3 * step);
  restyle(1);
}

void GraphCanvas::setGraph(const GraphNodes& nodes, const GraphLayout& layout, const ServiceRows& rows,
                           Instant now) {
  const bool isFirst = m_scene.isEmpty();
  m_scene.setLayout(nodes, layout);
  refit();
  updateBars();
  setRows(rows, now);
  if (const auto node = m_scene.nodeToSee(); node && isFirst)
    reveal(m_scene.nodeOf(m_selected).value_or(*node));
  viewport()->update();
}

void GraphCanvas::setRows(const ServiceRows& rows, Instant now) {
  m_now = now;
  const auto at = place();
  for (const auto& box : m_scene.setRows(rows, now))
    viewport()->update(at.onScreen(box).toAlignedRect().adjusted(-4, -4, 4, 4));
  describe();
}

void GraphCanvas::setEmptyText(const QString& text) {
  const auto shown = plain(text);
  if (shown == m_emptyText)
    return;
  m_emptyText = shown;
  describe();
  if (m_scene.isEmpty())
    viewport()->update();
}

void GraphCanvas::select(const QString& name) {
  if (name == m_selected)
    return;
  m_selected = name;
  describe();
  viewport()->update(); // its edges stand out
}

void GraphCanvas::restyle(qreal zoom) {
  const int id = m_style.id + 1;
  m_style = cardStyle(font(), palette(), zoom);
  m_style.id = id;
}

void GraphCanvas::setZoom(qreal zoom) {
  m_fit = Fit::ByHand;
  zoomTo(zoom, anchor());
}

QPointF GraphCanvas::anchor() const {
  const QRectF view = viewport()->rect();
  const auto at = place();
  if (const auto node = m_scene.nodeOf(m_selected))
    if (const QRectF box = at.onScreen(m_scene.layout().nodes[*node]); box.intersects(view))
      return box.center();
  QPointF nearest = view.center();
  qreal least = -1;
  for (const auto& node : m_scene.layout().nodes) {
    const QPointF center = at.onScreen(node).center();
    const qreal distance = QLineF(center, view.center()).length();
    if (least >= 0 && distance >= least)
      continue;
    least = distance;
    nearest = center;
  }
  return nearest;
}

void GraphCanvas::zoomIn() {
  setZoom(zoom() * zoomStep);
}

void GraphCanvas::zoomOut() {
  setZoom(zoom() / zoomStep);
}

void GraphCanvas::fit() {
  m_fit = Fit::Whole;
  refit();
}

void GraphCanvas::zoomTo(qreal zoom, QPointF anchor) {
  zoom = std::clamp(zoom, leastZoom, mostZoom);
  if (zoom == m_style.zoom)
    return;
  const auto before = place();
  const QPointF point = (anchor - before.origin) / before.zoom;
  restyle(zoom);
  updateBars();
  const QPointF moved = place().origin + point * zoom - anchor;
  horizontalScrollBar()->setValue(horizontalScrollBar()->value() + qRound(moved.x()));
  verticalScrollBar()->setValue(verticalScrollBar()->value() + qRound(moved.y()));
  viewport()->update();
  Q_EMIT zoomChanged(zoom);
}

// Of what does not fit: so that it is scrolled in one direction only, else in a good size.
qreal GraphCanvas::scrolledZoom(const QSizeF& size, const QSizeF& room) const {
  const qreal bar = verticalScrollBar()->sizeHint().width();
  const qreal zoom = std::max((room.width() - bar) / size.width(), (room.height() - bar) / size.height());
  return zoom >= readableZoom ? std::min(zoom, comfortableZoom) : comfortableZoom;
}

void GraphCanvas::refit() {
  const QSizeF size = m_scene.size();
  if (m_fit == Fit::ByHand || size.isEmpty())
    return;
  const QSizeF room = maximumViewportSize() - QSizeF(2 * margin, 2 * margin);
  const qreal byWidth = room.width() / size.width(), byHeight = room.height() / size.height();
  const qreal whole = std::min({byWidth, byHeight, qreal(1)});
  const bool isTooSmall = m_fit == Fit::Readable && whole < readableZoom;
  zoomTo(isTooSmall ? scrolledZoom(size, room) : whole, QRectF(viewport()->rect()).center());
}

QSize GraphCanvas::contentSize() const {
  // What was fitted fits, whatever the last decimal says.
  const auto whole = [this](qreal length) {
    return static_cast<int>(std::ceil(length * m_style.zoom - 0.01)) + 2 * margin;
  };
  return {whole(m_scene.size().width()), whole(m_scene.size().height())};
}

void GraphCanvas::updateBars() {
  const QSize room = maximumViewportSize();
  const auto set = [](QScrollBar* bar, int content, int seen) {
    bar->setPageStep(seen);
    bar->setRange(0, std::max(0, content - seen));
  };
  const QSize content = contentSize();
  // A bar in one direction takes room from the other.
  const bool hasBarBelow = content.width() > room.width();
  const int height = room.height() - (hasBarBelow ? horizontalScrollBar()->sizeHint().height() : 0);
  const bool hasBarAside = content.height() > height;
  const int width = room.width() - (hasBarAside ? verticalScrollBar()->sizeHint().width() : 0);
  set(horizontalScrollBar(), content.width(), width);
  set(verticalScrollBar(), content.height(), height);
}

// In the middle where it is smaller than the view.
GraphPlace GraphCanvas::place() const {
  const QSize content = contentSize();
  const auto start = [](const QScrollBar* bar, int size, int room) {
    return size < room ? (room - size) / 2 : -bar->value();
  };
  return {QPointF(margin + start(horizontalScrollBar(), content.width(), viewport()->width()),
                  margin + start(verticalScrollBar(), content.height(), viewport()->height())),
          m_style.zoom};
}

std::optional<int> GraphCanvas::nodeAt(QPointF at) const {
  return m_scene.nodeAt((at - place().origin) / m_style.zoom);
}

QString GraphCanvas::serviceAt(QPoint at) const {
  const auto node = nodeAt(at);
  return node ? m_scene.row(*node).name : QString();
}

void GraphCanvas::scrollContentsBy(int dx, int dy) {
  viewport()->scroll(dx, dy);
}

void GraphCanvas::resizeEvent(QResizeEvent*) {
  refit();
  updateBars();
}

void GraphCanvas::changeEvent(QEvent* event) {
  QAbstractScrollArea::changeEvent(event);
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
    restyle(m_style.zoom);
    viewport()->update();
  }
}

void GraphCanvas::paintEvent(QPaintEvent* event) {
  QPainter painter(viewport());
  painter.fillRect(event->rect(), m_style.theme.window);
  if (m_scene.isEmpty()) {
    painter.setPen(m_style.theme.muted);
    painter.drawText(viewport()->rect().adjusted(margin, margin, -margin, -margin),
                     Qt::AlignCenter | Qt::TextWordWrap, m_emptyText);
    return;
  }
  const auto look = hasFocus() ? ServiceCard::Look::Focused : ServiceCard::Look::Selected;
  // A view that was scrolled both ways exposes two thin strips: one by one. Cards that changed all over
  // expose many pieces, some of one card: all at once.
  const auto& region = event->region();
  const QRegion whole(event->rect());
  for (const QRect& exposed : region.rectCount() > mostPieces ? whole : region) {
    painter.setClipRect(exposed);
    m_scene.paint(painter, exposed, place(), m_style, m_scene.nodeOf(m_selected).value_or(-1), look);
  }
}

void GraphCanvas::reveal(int node) {
  const QRect box =
      place().onScreen(m_scene.layout().nodes[node]).toRect().adjusted(-margin, -margin, margin, margin);
  const QRect seen = viewport()->rect();
  const auto scroll = [](QScrollBar* bar, int first, int last, int end) {
    if (first < 0)
      bar->setValue(bar->value() + first);
    else if (last > end)
      bar->setValue(bar->value() + std::min(first, last - end));
  };
  scroll(horizontalScrollBar(), box.left(), box.right(), seen.right());
  scroll(verticalScrollBar(), box.top(), box.bottom(), seen.bottom());
}

void GraphCanvas::moveSelection(Toward direction) {
  const auto node = m_scene.nodeOf(m_selected);
  const auto next = node ? nodeBeside(m_scene.layout(), *node, direction) : m_scene.nodeToSee();
  if (!next)
    return;
  select(m_scene.row(*next).name);
  reveal(*next);
}

void GraphCanvas::choose(int node) {
  select(m_scene.row(node).name);
  Q_EMIT serviceChosen(m_selected);
}

void GraphCanvas::updateNode(const QString& name) {
  if (const auto node = m_scene.nodeOf(name))
    viewport()->update(
        place().onScreen(m_scene.layout().nodes[*node]).toAlignedRect().adjusted(-4, -4, 4, 4));
}

// Countdowns are left out: a screen reader would never come to an end.
void GraphCanvas::describe() {
  QString text = m_emptyText;
  if (const auto node = m_scene.nodeOf(m_selected)) {
    const auto& row = m_scene.row(*node);
    text =
        tr("%1, %2, %3. The table shows the same.").arg(plain(row.name), stateText(row), versionsText(row));
  } else if (!m_scene.isEmpty()) {
    text = tr("%n service(s). Arrow keys move along the dependencies; the table shows the same.", nullptr,
              static_cast<int>(m_scene.layout().nodes.size()));
  }
  if (text == m_described)
    return;
  m_described = text;
  setAccessibleDescription(text);
}

void GraphCanvas::focusInEvent(QFocusEvent* event) {
  QAbstractScrollArea::focusInEvent(event);
  if (event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason)
    if (!m_scene.nodeOf(m_selected))
      moveSelection(Toward::Right);
  updateNode(m_selected);
}

void GraphCanvas::focusOutEvent(QFocusEvent* event) {
  QAbstractScrollArea::focusOutEvent(event);
  updateNode(m_selected);
}

void GraphCanvas::keyPressEvent(QKeyEvent* event) {
  const auto others = event->modifiers() & ~(Qt::ShiftModifier | Qt::KeypadModifier | Qt::ControlModifier);
  const bool isPlain = others == 0 && !(event->modifiers() & Qt::ControlModifier);
  const int key = others == 0 ? event->key() : Qt::Key_unknown;
  if (key == Qt::Key_Plus || key == Qt::Key_Equal)
    zoomIn();
  else if (key == Qt::Key_Minus)
    zoomOut();
  else if (key == Qt::Key_0)
    setZoom(1);
  else if (isPlain && key == Qt::Key_F)
    fit();
  else if (isPlain && key == Qt::Key_Left)
    moveSelection(Toward::Left);
  else if (isPlain && key == Qt::Key_Right)
    moveSelection(Toward::Right);
  else if (isPlain && key == Qt::Key_Up)
    moveSelection(Toward::Up);
  else if (isPlain && key == Qt::Key_Down)
    moveSelection(Toward::Down);
  else if (const auto node = m_scene.nodeOf(m_selected);
           node && isPlain && (key == Qt::Key_Return || key == Qt::Key_Enter))
    choose(*node);
  else
    QAbstractScrollArea::keyPressEvent(event);
}

void GraphCanvas::wheelEvent(QWheelEvent* event) {
  if (!(event->modifiers() & Qt::ControlModifier)) {
    QAbstractScrollArea::wheelEvent(event);
    return;
  }
  m_fit = Fit::ByHand;
  zoomTo(zoom() * std::pow(zoomStep, event->angleDelta().y() / 120.0), event->position());
  event->accept();
}

void GraphCanvas::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton && event->button() != Qt::MiddleButton)
    return;
  m_pressed = m_panned = event->position().toPoint();
  m_isPanning = false;
}

void GraphCanvas::mouseMoveEvent(QMouseEvent* event) {
  if (!m_pressed)
    return;
  const QPoint at = event->position().toPoint();
  if (!m_isPanning && (at - *m_pressed).manhattanLength() < QApplication::startDragDistance())
    return;
  m_isPanning = true;
  viewport()->setCursor(Qt::ClosedHandCursor);
  horizontalScrollBar()->setValue(horizontalScrollBar()->value() - (at - m_panned).x());
  verticalScrollBar()->setValue(verticalScrollBar()->value() - (at - m_panned).y());
  m_panned = at;
}

void GraphCanvas::mouseReleaseEvent(QMouseEvent* event) {
  viewport()->unsetCursor();
  const bool isClick = m_pressed && !m_isPanning && event->button() == Qt::LeftButton;
  m_pressed.reset();
  m_isPanning = false;
  if (!isClick)
    return;
  if (const auto node = nodeAt(event->position()))
    choose(*node);
}

bool GraphCanvas::viewportEvent(QEvent* event) {
  if (event->type() != QEvent::ToolTip)
    return QAbstractScrollArea::viewportEvent(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  showTip(help->pos(), help->globalPos());
  return true;
}

void GraphCanvas::showTip(QPoint at, QPoint onScreen) {
  if (const auto node = nodeAt(at))
    QToolTip::showText(onScreen, plainToolTip(serviceLines(m_scene.row(*node), m_now)), viewport());
  else
    QToolTip::hideText();
}

} // namespace ratdeck
