// The part of a graph that scrolls and zooms: paints what is exposed, moves the selection along the edges,
// pans, chooses. GUI thread.
#pragma once

#include "ui/model/graph_focus.h"
#include "ui/widgets/graph_scene.h"

#include <QAbstractScrollArea>

namespace ratdeck {

class GraphCanvas : public QAbstractScrollArea {
  Q_OBJECT
public:
  explicit GraphCanvas(QWidget* parent = nullptr);

  // Another graph. Where not all of it can be seen at once, the first one begins with what needs eyes most.
  void setGraph(const GraphNodes& nodes, const GraphLayout& layout, const ServiceRows& rows, Instant now);
  // What is new of the services of the graph; others are left out.
  void setRows(const ServiceRows& rows, Instant now);
  bool hasGraph() const { return !m_scene.isEmpty(); }
  int serviceCount() const { return static_cast<int>(m_scene.layout().nodes.size()); }
  // What stands where there is no graph, on why.
  void setEmptyText(const QString& text);

  // Whose card is there in the viewport; "" = none's.
  QString serviceAt(QPoint at) const;
  // "" = none.
  QString selected() const { return m_selected; }
  void select(const QString& name);

  // From 0.05 to 2; 1 is as the fonts are.
  qreal zoom() const { return m_style.zoom; }
  void setZoom(qreal zoom);
  void zoomIn();
  void zoomOut();
  // All of it at once, however small; it stays fitted until the zoom is changed otherwise.
  void fit();

Q_SIGNALS:
  void serviceChosen(const QString& name);
  void zoomChanged(qreal zoom);

protected:
  bool viewportEvent(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void scrollContentsBy(int dx, int dy) override;
  void changeEvent(QEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;

private:
  enum class Fit { ByHand, Readable, Whole };

  void restyle(qreal zoom);
  void zoomTo(qreal zoom, QPointF anchor);
  // What stays where it is when nothing points at a place: the selected node if it is seen, else the nearest.
  QPointF anchor() const;
  void refit();
  qreal scrolledZoom(const QSizeF& size, const QSizeF& room) const;
  void updateBars();
  GraphPlace place() const;
  std::optional<int> nodeAt(QPointF at) const; // in the viewport
  QSize contentSize() const;
  void reveal(int node);
  void moveSelection(Toward direction);
  void choose(int node);
  void updateNode(const QString& name);
  void describe();
  void showTip(QPoint at, QPoint onScreen);

  GraphScene m_scene;
  CardStyle m_style;
  Instant m_now;
  QString m_selected;
  QString m_described; // what screen readers were told last
  QString m_emptyText;
  Fit m_fit = Fit::Readable;
  std::optional<QPoint> m_pressed; // where the button went down
  QPoint m_panned;                 // where the mouse was when the view last followed it
  bool m_isPanning = false;
};

} // namespace ratdeck
