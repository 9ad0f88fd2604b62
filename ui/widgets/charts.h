// A column of charts on one time axis with one cursor. It asks a SampleHistory at most ten times a second,
// only while it is seen and something changed, one chart a turn of the event loop. GUI thread.
#pragma once

#include "ui/model/sample_history.h"
#include "ui/widgets/time_scale.h"

#include <QTimer>
#include <QWidget>

class QVBoxLayout;

namespace ratdeck {

class ChartBar;
class ChartPanel;
class MarkLane;
class PlainLabel;
class TimeAxis;

class Charts : public QWidget {
  Q_OBJECT
public:
  struct Choice {
    Measure measure = Measure::RequestRate;
    std::optional<QString> scope = {}; // absent: the scope of all charts
  };

  explicit Charts(QWidget* parent = nullptr);

  // `history` outlives this object or is replaced; nullptr = none.
  void setHistory(const SampleHistory* history);
  // Which charts, from the top. Those that were never measured are not there. Default: rate, errors, response
  // time and active runs.
  void setChoices(std::vector<Choice> choices);
  // "" = all user-facing services together. The user's own choice is told by scopeChosen.
  void setScope(const QString& scope);
  const QString& scope() const { return m_scope; }
  // Milliseconds up to now, less while there is less to show; 0 = all there is.
  void setWindow(ChartTime window);
  void setUtc(bool isUtc);
  // Why there is nothing to see, while there is nothing.
  void setEmptyText(const QString& text);
  // The time at the right edge. To be called after events were folded, and now and then without, so that
  // missing data is seen; who stops calling it stops the charts.
  void follow(Instant now);
  // What is drawn is over: the right edge is its end, and the values are those of then.
  void setEnded(bool isEnded);
  // Everything that was told is on the screen.
  bool isSettled() const { return !m_isDirty && m_next < 0; }
  std::optional<ChartTime> cursor() const { return m_cursor; }
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

Q_SIGNALS:
  void scopeChosen(const QString& scope);
  void presented();

protected:
  bool event(QEvent* event) override;
  void showEvent(QShowEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void paintEvent(QPaintEvent* event) override;

private:
  struct Chart {
    Choice choice;
    ChartPanel* panel;
  };

  void touch();
  void begin();
  void drawNext();
  void present();
  void arrange();
  TimeScale currentScale() const;
  const QString& scopeOf(const Chart& chart) const {
    return chart.choice.scope ? *chart.choice.scope : m_scope;
  }
  void draw(const Chart& chart);
  void read(const Chart& chart);
  void moveCursor(std::optional<ChartTime> at);
  void stepCursor(int direction);
  QString cursorText() const;

  const SampleHistory* m_history = nullptr;
  QString m_scope;
  ChartTime m_window = 120'000;
  bool m_isUtc = false;
  std::optional<Instant> m_now;
  bool m_isEnded = false;
  long long m_revision = -1; // of the history as it was drawn

  std::vector<Chart> m_charts;
  TimeScale m_scale;
  std::optional<ChartTime> m_cursor;
  std::optional<qreal> m_hover; // where the mouse is; the cursor stays under it while time goes on
  QTimer m_pace;                // 100 ms from one drawing to the next
  QTimer m_turn;
  int m_next = -1; // the chart to draw in the next turn; -1: nothing is being drawn
  bool m_isDirty = false;

  ChartBar* m_bar;
  MarkLane* m_lane;
  TimeAxis* m_axis;
  PlainLabel* m_empty;
  QVBoxLayout* m_column;
};

} // namespace ratdeck
