#include "ui/widgets/wait_list.h"

#include "ui/model/plain.h"
#include "ui/widgets/plain_label.h"
#include "ui/widgets/theme.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

namespace ratdeck {

namespace {

QString whole(const WaitLine& line) {
  QStringList parts{line.text, line.since, line.countdown};
  parts.removeAll(QString());
  return parts.join(QStringLiteral(" · "));
}

} // namespace

WaitList::WaitList(int lines, QWidget* parent) : QWidget(parent), m_most(lines) {
  setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
}

void WaitList::setLines(const std::vector<WaitLine>& lines) {
  if (lines == m_lines)
    return;
  m_lines = lines;
  QStringList words;
  for (const auto& line : lines)
    words << whole(line);
  setAccessibleName(words.isEmpty() ? tr("nothing is awaited") : words.join(QStringLiteral("; ")));
  update();
}

int WaitList::lineHeight() const {
  return fontMetrics().height() + halfStep;
}

QSize WaitList::sizeHint() const {
  return {320, m_most * lineHeight()};
}

void WaitList::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const auto theme = themeOf(palette());
  const int side = fontMetrics().ascent() - 2;
  const int shown = std::min<int>(m_most, static_cast<int>(m_lines.size()));
  for (int i = 0; i < shown; ++i) {
    const auto& line = m_lines[static_cast<size_t>(i)];
    const QRect row(0, i * lineHeight(), width(), lineHeight());
    paintMood(painter, QRectF(1, row.top() + (row.height() - side) / 2.0, side, side), theme,
              line.isNear ? Mood::Waiting : Mood::Running);
    auto text = whole(line);
    if (i == m_most - 1 && static_cast<int>(m_lines.size()) > m_most)
      text += tr(" · and %1 more").arg(static_cast<int>(m_lines.size()) - m_most);
    const int left = side + step + 2;
    painter.setPen(theme.text);
    painter.drawText(row.adjusted(left, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine,
                     fontMetrics().elidedText(text, Qt::ElideRight, width() - left));
  }
}

bool WaitList::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip && !m_lines.empty()) {
    QStringList words;
    for (const auto& line : m_lines)
      words << whole(line);
    QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(), plainToolTip(words), this);
    return true;
  }
  return QWidget::event(event);
}

} // namespace ratdeck
