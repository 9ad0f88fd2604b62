// Paints the rows of a plan's tree: names bold, what is said beside them muted, a mark where a service is
// away or a person is asked. GUI thread.
#pragma once

#include "ui/model/plan_rows.h"

#include <QStyledItemDelegate>

namespace ratdeck {

class PlanTreeDelegate : public QStyledItemDelegate {
  Q_OBJECT
public:
  enum Role {
    KindRole = Qt::UserRole, // PlanRow::Kind as int, of a row's first column
    IsAwayRole,              // bool, of a row's first column
    AtMostRole,              // QString at the right edge of a row that is one cell
  };

  using QStyledItemDelegate::QStyledItemDelegate;

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  bool helpEvent(QHelpEvent* event, QAbstractItemView* view, const QStyleOptionViewItem& option,
                 const QModelIndex& index) override;
};

} // namespace ratdeck
