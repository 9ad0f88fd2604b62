// What is awaited, as lines of fixed height, so that nothing below moves when they change. GUI thread.
#pragma once

#include "ui/model/wait_line.h"

#include <QWidget>

namespace ratdeck {

class WaitList : public QWidget {
  Q_OBJECT
public:
  // `lines`: how many are shown at most; more are counted.
  explicit WaitList(int lines, QWidget* parent = nullptr);

  void setLines(const std::vector<WaitLine>& lines);
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return {0, sizeHint().height()}; }

protected:
  void paintEvent(QPaintEvent* event) override;
  bool event(QEvent* event) override;

private:
  int lineHeight() const;

  int m_most;
  std::vector<WaitLine> m_lines;
};

} // namespace ratdeck
