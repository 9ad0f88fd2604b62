// One chart of a column: its title, a legend in words with values, and the lines. It is drawn into a picture
// in one turn of the event loop (draw) and shown in another (present), so that a column of charts changes at
// once and no turn is long; the cursor goes over the picture and costs next to nothing. GUI thread.
#pragma once

#include "ui/model/sample_series.h"
#include "ui/model/step_mark.h"
#include "ui/widgets/theme.h"
#include "ui/widgets/time_scale.h"

#include <QGraphicsScene>
#include <QPen>
#include <QPixmap>
#include <QWidget>

#include <map>
#include <memory>
#include <optional>

class QChart;
class QLineSeries;
class QValueAxis;

namespace ratdeck {

class ChartLines;

// How a line is told apart: by colour and by dashes. `isAlone`: nothing to be told apart from.
QPen linePen(const Theme& theme, Side side, bool isAlone);

class ChartPanel : public QWidget {
  Q_OBJECT
public:
  struct NamedLine {
    Side side = Side::Total;
    QString name; // plain text
    Line line;    // decimated
  };
  struct Content {
    Measure measure = Measure::RequestRate;
    QString title; // plain text
    std::vector<NamedLine> lines;
    std::optional<double> threshold;
    std::vector<StepMark> marks;
    TimeScale scale; // of this widget
  };
  // What a line reads at the cursor, or now; absent: nothing was measured there.
  using Readings = std::map<Side, std::optional<double>>;

  explicit ChartPanel(QWidget* parent = nullptr);
  ~ChartPanel() override;

  void draw(Content content);
  void present();
  // The axis may shrink again.
  void forgetHeight() { m_top = 0; }
  void setReadings(Readings readings);
  void setCursor(std::optional<ChartTime> at);

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

protected:
  void paintEvent(QPaintEvent* event) override;

private:
  QRect plotArea(int width) const;
  int headerHeight() const;
  void styleAxes(const Theme& theme);
  void setUpAxes(const Theme& theme);
  void layOut(const QRectF& area);
  void paintMarks(QPainter& painter, const Theme& theme) const;
  void paintEmptiness(QPainter& painter, const Theme& theme) const;
  void paintSilence(QPainter& painter, const Theme& theme) const;
  void paintThreshold(QPainter& painter, const Theme& theme) const;
  void paintEnds(QPainter& painter, const Theme& theme) const;
  void paintHeader(QPainter& painter, const Theme& theme);
  void paintLegend(QPainter& painter, const Theme& theme, QRect room);
  QString readingText(Side side) const;

  Content m_content; // of m_next
  Content m_shown;   // without lines
  Readings m_readings;
  std::optional<ChartTime> m_cursor;
  double m_top = 0; // of the value axis; 0 = none yet
  int m_valueWidth = 0;
  std::optional<ChartTime> m_lastPoint; // of m_next; absent: no line has one
  QPixmap m_next, m_picture;

  QGraphicsScene m_scene;
  QChart* m_chart; // of the scene
  QValueAxis* m_times;
  QValueAxis* m_values;
  QLineSeries* m_threshold;
  ChartLines* m_lines;
};

} // namespace ratdeck
