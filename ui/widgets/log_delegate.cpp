#include "ui/widgets/log_delegate.h"

#include "ui/model/event_log_model.h"
#include "ui/widgets/theme.h"

#include <QFontDatabase>
#include <QPainter>

namespace ratdeck {

int LogDelegate::rowHeight(const QFontMetrics& metrics) {
  return metrics.height() + halfStep;
}

void LogDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                        const QModelIndex& index) const {
  const Theme theme = themeOf(option.palette);
  const bool isSelected = option.state & QStyle::State_Selected;
  const int column = index.column();
  painter->save();
  if (isSelected)
    painter->fillRect(option.rect, option.palette.color(QPalette::Active, QPalette::Highlight));
  QRect box = option.rect.adjusted(halfStep, 0, -halfStep, 0);
  if (column == EventLogModel::What) {
    const auto mood = static_cast<Mood>(index.data(EventLogModel::MoodRole).toInt());
    const int side = option.fontMetrics.ascent() - 2;
    const QRectF shape(box.left(), box.top() + (box.height() - side) / 2.0, side, side);
    if (isSelected) {
      painter->setBrush(theme.surface); // a mood's colour may be the selection's
      painter->setPen(Qt::NoPen);
      painter->drawRoundedRect(shape.adjusted(-2, -2, 2, 2), 3, 3);
    }
    paintMood(*painter, shape, theme, mood);
    box.setLeft(box.left() + side + step);
  }
  QFont font = option.font;
  if (column == EventLogModel::Time || column == EventLogModel::Kind) {
    font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    font.setPointSizeF(option.font.pointSizeF());
  }
  const bool isAside = column == EventLogModel::Time || column == EventLogModel::Kind;
  painter->setFont(font);
  painter->setPen(isSelected ? option.palette.color(QPalette::Active, QPalette::HighlightedText)
                  : isAside  ? theme.muted
                             : theme.text);
  const QString text = QFontMetrics(font).elidedText(index.data().toString(), Qt::ElideRight, box.width());
  painter->drawText(box, Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine, text);
  painter->restore();
}

} // namespace ratdeck
