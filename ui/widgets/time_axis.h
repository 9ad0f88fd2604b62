// The time under a column of charts, and the names of a rollout's steps above it. GUI thread.
#pragma once

#include "ui/model/step_mark.h"
#include "ui/widgets/time_scale.h"

#include <QWidget>

#include <optional>

namespace ratdeck {

class TimeAxis : public QWidget {
  Q_OBJECT
public:
  explicit TimeAxis(QWidget* parent = nullptr);
  void setScale(const TimeScale& scale);
  void setUtc(bool isUtc);
  void setCursor(std::optional<ChartTime> at);
  // The right edge is where it ended, and says when.
  void setEnded(bool isEnded);

  QSize sizeHint() const override;

protected:
  void paintEvent(QPaintEvent* event) override;

private:
  QString timeText(ChartTime at, bool hasSeconds) const;
  QRect chipOf(ChartTime at, const QString& text) const;
  void paintChip(QPainter& painter, const QRect& chip, const QString& text, const QColor& color) const;

  TimeScale m_scale;
  bool m_isUtc = false;
  bool m_isEnded = false;
  std::optional<ChartTime> m_cursor;
};

// Labels that would lie on each other are left out, those of a kind that matters less first; their lines in
// the charts stay.
class MarkLane : public QWidget {
  Q_OBJECT
public:
  explicit MarkLane(QWidget* parent = nullptr);
  void setMarks(std::vector<StepMark> marks, const TimeScale& scale);

  QSize sizeHint() const override;

protected:
  void paintEvent(QPaintEvent* event) override;

private:
  std::vector<StepMark> m_marks;
  TimeScale m_scale;
};

} // namespace ratdeck
