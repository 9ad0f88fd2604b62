// How a table of services is painted: the mood's shape before the name, versions in a monospace font, what is
// not known muted. GUI thread.
#pragma once

#include <QStyledItemDelegate>

namespace ratdeck {

class ServiceDelegate : public QStyledItemDelegate {
  Q_OBJECT
public:
  using QStyledItemDelegate::QStyledItemDelegate;

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

protected:
  void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override;
};

} // namespace ratdeck
