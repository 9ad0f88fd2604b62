// The services of a stack as a graph: dependencies left, what depends on them right; an arrow points where
// requests go. Its twin for reading is ServiceTable. GUI thread.
#pragma once

#include "ui/model/dot_layout.h"
#include "ui/model/service_row.h"

#include <QWidget>

class QPushButton;
class QToolButton;

namespace ratdeck {

class GraphCanvas;
class PlainLabel;

class ServiceGraph : public QWidget {
  Q_OBJECT
public:
  // More services than this are not shown all at once, unless they are asked for.
  static constexpr int mostAtOnce = 30;

  explicit ServiceGraph(QWidget* parent = nullptr, DotProgram program = {});

  // Cheap if little changed; a new layout is made only for other names, dependencies, waves or fonts.
  void setRows(const ServiceRows& rows, Instant now);
  // A sentence on why there is nothing, for as long as there are no rows.
  void setEmptyText(const QString& text);

  // "" = none.
  QString selected() const;
  void select(const QString& name);
  GraphCanvas* canvas() const { return m_canvas; }
  bool isShowingAll() const { return m_isShowingAll; }
  void setShowingAll(bool isShowingAll);

Q_SIGNALS:
  // By a click or Enter.
  void serviceChosen(const QString& name);

protected:
  void changeEvent(QEvent* event) override;

private:
  void buildStrip();
  void requestLayout();
  void showLayout(const GraphLayout& layout);
  void say(int shown);
  void showZoom(qreal zoom);
  ServiceRows shownRows() const;

  GraphCanvas* m_canvas;
  PlainLabel* m_words;
  QPushButton* m_all;
  QToolButton* m_zoom;
  DotLayout m_layout;
  ServiceRows m_rows;
  Instant m_now;
  QString m_emptyText;
  bool m_isShowingAll = false;
};

} // namespace ratdeck
