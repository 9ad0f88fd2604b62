// One status line: the mood's shape, its word in bold, and the rest, cut with "…" where it does not fit. GUI
// thread.
#pragma once

#include "ui/model/status_line.h"

#include <QWidget>

namespace ratdeck {

class StatusLabel : public QWidget {
  Q_OBJECT
public:
  // `scale` of the system's font.
  explicit StatusLabel(double scale = 1.0, QWidget* parent = nullptr);

  void setLine(const StatusLine& line);
  const StatusLine& line() const { return m_line; }

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

protected:
  void paintEvent(QPaintEvent* event) override;
  bool event(QEvent* event) override;

private:
  QFont wordFont() const;

  StatusLine m_line;
};

} // namespace ratdeck
