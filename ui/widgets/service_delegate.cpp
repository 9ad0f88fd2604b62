#include "ui/widgets/service_delegate.h"

#include "ui/model/service_table_model.h"
#include "ui/widgets/theme.h"

#include <QApplication>
#include <QFontDatabase>
#include <QFontInfo>
#include <QPainter>

namespace ratdeck {

namespace {

constexpr int cellInset = halfStep; // between the texts of two columns

} // namespace

QSize ServiceDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const {
  return QStyledItemDelegate::sizeHint(option, index) + QSize(2 * cellInset, 0);
}

void ServiceDelegate::initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const {
  QStyledItemDelegate::initStyleOption(option, index);
  if (index.column() == ServiceTableModel::Service) {
    const int side = QFontMetrics(option->font).height();
    option->features |= QStyleOptionViewItem::HasDecoration;
    option->decorationSize = QSize(side, side);
    option->font.setBold(true);
  } else if (index.column() == ServiceTableModel::Versions) {
    const int size = QFontInfo(option->font).pixelSize();
    option->font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    option->font.setPixelSize(size);
  }
  option->fontMetrics = QFontMetrics(option->font);
  if (!index.data(ServiceTableModel::IsKnownRole).toBool())
    option->palette.setColor(QPalette::Text, themeOf(option->palette).muted);
}

void ServiceDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                            const QModelIndex& index) const {
  QStyleOptionViewItem full = option;
  initStyleOption(&full, index);
  const auto* style = full.widget ? full.widget->style() : QApplication::style();
  style->drawPrimitive(QStyle::PE_PanelItemViewItem, &full, painter, full.widget);
  QStyleOptionViewItem inset = option;
  inset.rect.adjust(cellInset, 0, -cellInset, 0);
  full.rect = inset.rect;
  QStyledItemDelegate::paint(painter, inset, index);
  if (index.column() != ServiceTableModel::Service)
    return;
  const QRectF box = style->subElementRect(QStyle::SE_ItemViewItemDecoration, &full, full.widget);
  const Theme theme = themeOf(full.palette);
  painter->save();
  painter->setRenderHint(QPainter::Antialiasing);
  if (full.state & QStyle::State_Selected) { // a status colour is not to be read on the accent
    painter->setPen(Qt::NoPen);
    painter->setBrush(theme.surface);
    painter->drawRoundedRect(box, halfStep, halfStep);
  }
  paintMood(*painter, box.adjusted(2, 2, -2, -2), theme,
            static_cast<Mood>(index.data(ServiceTableModel::MoodRole).toInt()));
  painter->restore();
}

} // namespace ratdeck
