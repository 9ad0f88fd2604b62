// The step timeline: a row for each service the plan changes, its stages as bars on one time axis, what the
// plan allows at most as a pale bar behind the stage that is under way, and a legend below. Times that nobody
// observed are hatched. GUI thread.
#pragma once

#include "ui/model/step_timeline.h"

#include <QAbstractScrollArea>

#include <set>

namespace ratdeck {

class StepTimelineView : public QAbstractScrollArea {
  Q_OBJECT
public:
  explicit StepTimelineView(QWidget* parent = nullptr);

  // What is shown; `timeline` is copied by what is drawn of it. `unknownSince`: since when nobody knows how
  // it goes on.
  void setTimeline(const StepTimeline& timeline, const RolloutState& state, Instant now,
                   std::optional<Instant> unknownSince = {});
  // Where there is nothing to draw.
  void setEmptyText(const QString& text);

Q_SIGNALS:
  void serviceChosen(const QString& service);

protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  bool viewportEvent(QEvent* event) override;

private:
  struct Row {
    QString service;
    std::vector<StageSpan> spans;
    int underWay = -1;  // index of the span that is under way and began last; -1 = none
    Duration planned{}; // what the plan allows it; zero: nothing is said
  };
  struct Stretch {
    BootTime from, to;
  };
  int rowHeight() const;
  int nameWidth() const;
  int rowsHeight() const;
  double xOf(BootTime time) const;
  const Row* rowAt(int y) const;
  void updateScroll();
  void follow();
  void paintRow(QPainter& painter, const Row& row, int top) const;
  void paintSpan(QPainter& painter, const Row& row, const StageSpan& span, int top) const;
  void paintBar(QPainter& painter, const QRectF& bar, const QColor& color) const;
  void showUnknown(const StepTimeline& timeline, Instant now, std::optional<Instant> unknownSince);
  Duration unknownIn(const StageSpan& span) const;
  void paintLegend(QPainter& painter) const;
  void paintAxis(QPainter& painter) const;
  QStringList toolTipAt(const QPoint& at) const;

  std::vector<Row> m_rows;
  std::vector<Stretch> m_unknown; // do not overlap
  BootTime m_begin, m_now, m_end;
  bool m_isOver = false;
  bool m_isUnknown = false;                  // now
  int m_firstActive = -1, m_lastActive = -1; // rows that were scrolled to
  int m_nameWidth = 0;                       // as it is painted
  QString m_emptyText;
};

} // namespace ratdeck
