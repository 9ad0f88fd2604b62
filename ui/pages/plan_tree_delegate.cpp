#include "ui/pages/plan_tree_delegate.h"

#include "ui/model/plain.h"
#include "ui/widgets/plain_label.h"
#include "ui/widgets/severity_mark.h"
#include "ui/widgets/theme.h"

#include <QAbstractItemView>
#include <QApplication>
#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

namespace ratdeck {

namespace {

using Kind = PlanRow::Kind;

constexpr int padding = halfStep;

Kind kindOf(const QModelIndex& index) {
  return static_cast<Kind>(index.siblingAtColumn(0).data(PlanTreeDelegate::KindRole).toInt());
}

bool isAway(const QModelIndex& index) {
  return index.siblingAtColumn(0).data(PlanTreeDelegate::IsAwayRole).toBool();
}

bool isMarked(const QModelIndex& index) {
  return index.column() == 0 && (isAway(index) || kindOf(index) == Kind::Approval);
}

QFont fontOf(const QStyleOptionViewItem& option, const QModelIndex& index) {
  auto font = option.font;
  const auto kind = kindOf(index);
  font.setBold(kind == Kind::Wave || kind == Kind::Group || (kind == Kind::Service && index.column() == 0));
  return font;
}

QColor colorOf(const QStyleOptionViewItem& option, const QModelIndex& index) {
  if (option.state & QStyle::State_Selected)
    return option.palette.color(QPalette::HighlightedText);
  const auto theme = themeOf(option.palette);
  const auto kind = kindOf(index);
  return kind == Kind::Detail || kind == Kind::Other ? theme.muted : theme.text;
}

int markSide(const QFontMetrics& metrics) {
  return metrics.ascent() - 1;
}

void paintMark(QPainter& painter, const QStyleOptionViewItem& option, const QModelIndex& index, QRect& text) {
  if (!isMarked(index))
    return;
  const int side = markSide(option.fontMetrics);
  const QRectF box(text.left(), text.center().y() - side / 2.0, side, side);
  const auto theme = themeOf(option.palette);
  if (option.state & QStyle::State_Selected)
    paintMarkGround(painter, box, theme);
  if (kindOf(index) == Kind::Approval)
    paintMood(painter, box, theme, Mood::Waiting);
  else
    paintMood(painter, box, theme, Mood::Caution);
  text.setLeft(text.left() + side + step);
}

int atMostWidth(const QStyleOptionViewItem& option, const QModelIndex& index) {
  const auto text = index.data(PlanTreeDelegate::AtMostRole).toString();
  return text.isEmpty() ? 0 : option.fontMetrics.horizontalAdvance(text) + 2 * step;
}

} // namespace

void PlanTreeDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                             const QModelIndex& index) const {
  auto* style = option.widget ? option.widget->style() : QApplication::style();
  style->drawPrimitive(QStyle::PE_PanelItemViewItem, &option, painter, option.widget);
  painter->save();
  auto area = option.rect.adjusted(padding, 0, -padding, 0);
  paintMark(*painter, option, index, area);
  painter->setPen(colorOf(option, index));
  const auto atMost = index.data(AtMostRole).toString();
  if (!atMost.isEmpty()) {
    painter->setFont(option.font);
    painter->drawText(area, Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine, atMost);
    area.setRight(area.right() - atMostWidth(option, index));
  }
  const auto font = fontOf(option, index);
  painter->setFont(font);
  const auto alignment = index.data(Qt::TextAlignmentRole).toInt();
  painter->drawText(area,
                    (alignment ? alignment : int(Qt::AlignLeft)) | Qt::AlignVCenter | Qt::TextSingleLine,
                    QFontMetrics(font).elidedText(index.data().toString(), Qt::ElideRight, area.width()));
  painter->restore();
}

QSize PlanTreeDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const {
  auto own = option;
  initStyleOption(&own, index);
  const QFontMetrics metrics(fontOf(own, index));
  const int mark = isMarked(index) ? markSide(own.fontMetrics) + step : 0;
  return {metrics.horizontalAdvance(index.data().toString()) + 2 * padding + mark + atMostWidth(own, index),
          metrics.height() + step};
}

// Only where the row is cut: the rest can be read.
bool PlanTreeDelegate::helpEvent(QHelpEvent* event, QAbstractItemView* view,
                                 const QStyleOptionViewItem& option, const QModelIndex& index) {
  if (event->type() != QEvent::ToolTip || !index.isValid())
    return QStyledItemDelegate::helpEvent(event, view, option, index);
  const bool isCut = sizeHint(option, index).width() > view->visualRect(index).width();
  QToolTip::showText(event->globalPos(), isCut ? plainToolTip(index.data().toString()) : QString(), view);
  return true;
}

} // namespace ratdeck
