#include "ui/widgets/status_label.h"

#include "ui/model/plain.h"
#include "ui/widgets/plain_label.h"
#include "ui/widgets/theme.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

namespace ratdeck {

StatusLabel::StatusLabel(double scale, QWidget* parent) : QWidget(parent) {
  auto scaled = font();
  scaled.setPointSizeF(scaled.pointSizeF() * scale);
  setFont(scaled);
  setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
}

void StatusLabel::setLine(const StatusLine& line) {
  if (line == m_line)
    return;
  m_line = line;
  setAccessibleName(line.word + QStringLiteral(", ") + line.detail);
  update();
}

QFont StatusLabel::wordFont() const {
  auto bold = font();
  bold.setBold(true);
  return bold;
}

QSize StatusLabel::sizeHint() const {
  const int text = QFontMetrics(wordFont()).horizontalAdvance(m_line.word) +
                   fontMetrics().horizontalAdvance(m_line.detail);
  return {text + fontMetrics().height() + 3 * step, fontMetrics().height() + halfStep};
}

QSize StatusLabel::minimumSizeHint() const {
  return {QFontMetrics(wordFont()).horizontalAdvance(m_line.word), sizeHint().height()};
}

void StatusLabel::paintEvent(QPaintEvent*) {
  if (m_line.word.isEmpty() && m_line.detail.isEmpty())
    return;
  QPainter painter(this);
  const auto theme = themeOf(palette());
  const int side = fontMetrics().ascent();
  paintMood(painter, QRectF(0, (height() - side) / 2.0, side, side), theme, m_line.mood);
  const auto bold = wordFont();
  const int left = side + step;
  painter.setFont(bold);
  const bool isPlain = m_line.mood == Mood::Idle || m_line.mood == Mood::Unknown;
  painter.setPen(isPlain ? theme.text : moodColor(theme, m_line.mood));
  painter.drawText(QRect(left, 0, width() - left, height()),
                   Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine, m_line.word);
  const int rest = left + QFontMetrics(bold).horizontalAdvance(m_line.word) + step;
  painter.setFont(font());
  painter.setPen(theme.text);
  painter.drawText(QRect(rest, 0, width() - rest, height()),
                   Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine,
                   fontMetrics().elidedText(m_line.detail, Qt::ElideRight, width() - rest));
}

bool StatusLabel::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip && sizeHint().width() > width()) {
    QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(), plainToolTip(m_line.detail), this);
    return true;
  }
  return QWidget::event(event);
}

} // namespace ratdeck
