// Paints a cell of the event log: plain text on one line, with the shape of the line's mood before it in one
// column. GUI thread.
#pragma once

#include <QStyledItemDelegate>

namespace ratdeck {

class LogDelegate : public QStyledItemDelegate {
  Q_OBJECT
public:
  using QStyledItemDelegate::QStyledItemDelegate;

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  // Of any cell; the log's rows are all alike.
  static int rowHeight(const QFontMetrics& metrics);
};

} // namespace ratdeck
