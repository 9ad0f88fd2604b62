#include "ui/pages/plan_tree.h"

#include "ui/pages/plan_tree_delegate.h"
#include "ui/widgets/theme.h"

#include <QEvent>
#include <QHeaderView>

#include <algorithm>

namespace ratdeck {

namespace {

enum Column { What, Version, Order, Copies, Away, Drain, AtMost, ColumnCount };

constexpr int widestVersion = 26 * step;

bool isOneCell(const PlanRow& row) {
  return row.kind != PlanRow::Kind::Service && row.kind != PlanRow::Kind::Other;
}

// What a screen reader says of the row.
QString spoken(const PlanRow& row) {
  QStringList parts{row.text, row.version, row.order};
  if (!row.copies.isEmpty())
    parts << PlanTree::tr("copies %1").arg(row.copies);
  if (!row.away.isEmpty())
    parts << PlanTree::tr("away %1").arg(row.away);
  if (!row.drain.isEmpty())
    parts << PlanTree::tr("drains %1").arg(row.drain);
  if (!row.atMost.isEmpty())
    parts << (row.kind == PlanRow::Kind::Service ? PlanTree::tr("gate %1").arg(row.atMost) : row.atMost);
  parts.removeAll(QString());
  return parts.join(QStringLiteral(", "));
}

void fill(QTreeWidgetItem& item, const PlanRow& row) {
  item.setText(What, row.text);
  item.setData(What, PlanTreeDelegate::KindRole, static_cast<int>(row.kind));
  item.setData(What, PlanTreeDelegate::IsAwayRole, row.isAway);
  item.setData(What, Qt::AccessibleTextRole, spoken(row));
  if (isOneCell(row)) {
    item.setData(What, PlanTreeDelegate::AtMostRole, row.atMost);
    item.setFirstColumnSpanned(true);
  } else {
    const QString texts[] = {row.version, row.order, row.copies, row.away, row.drain, row.atMost};
    for (int column = Version; column < ColumnCount; ++column)
      item.setText(column, texts[column - Version]);
    for (int column : {Copies, Away, Drain, AtMost})
      item.setTextAlignment(column, Qt::AlignRight);
  }
  for (const auto& child : row.children)
    fill(*new QTreeWidgetItem(&item), child);
}

} // namespace

PlanTree::PlanTree(QWidget* parent) : QTreeWidget(parent) {
  setObjectName(QStringLiteral("planTree"));
  setAccessibleName(tr("The plan: waves, services and steps"));
  setItemDelegate(new PlanTreeDelegate(this));
  setUniformRowHeights(true);
  setAllColumnsShowFocus(true);
  setTabKeyNavigation(false);
  setColumnCount(ColumnCount);
  setHeaderLabels(
      {tr("Service"), tr("Version"), tr("Order"), tr("Copies"), tr("Away"), tr("Drain"), tr("Gate")});
  headerItem()->setToolTip(Away, tr("How long nobody serves it, at most"));
  headerItem()->setToolTip(AtMost, tr("The worst case of its gate, and of each step"));
  for (int column : {Copies, Away, Drain, AtMost})
    headerItem()->setTextAlignment(column, Qt::AlignRight | Qt::AlignVCenter);
  header()->setStretchLastSection(false);
  header()->setSectionsMovable(false);
  header()->setMinimumSectionSize(5 * step);
  header()->setSectionResizeMode(What, QHeaderView::Stretch);
  setIndentation(2 * step);
}

void PlanTree::setRows(const std::vector<PlanRow>& rows) {
  clear();
  for (const auto& row : rows) {
    auto* item = new QTreeWidgetItem(this);
    fill(*item, row);
  }
  expand();
  fitColumns();
}

void PlanTree::setShowsSteps(bool showsSteps) {
  m_showsSteps = showsSteps;
  expand();
}

void PlanTree::expand() {
  for (int i = 0; i < topLevelItemCount(); ++i) {
    auto* top = topLevelItem(i);
    const auto kind = static_cast<PlanRow::Kind>(top->data(What, PlanTreeDelegate::KindRole).toInt());
    // Of what stays as it is the number is enough, where there is more to see.
    const bool isLastOfMany = i > 0 && i + 1 == topLevelItemCount() && kind == PlanRow::Kind::Group;
    top->setExpanded(!isLastOfMany || m_showsSteps);
    for (int j = 0; j < top->childCount(); ++j)
      top->child(j)->setExpanded(m_showsSteps);
  }
}

void PlanTree::fitColumns() {
  for (int column = Version; column < ColumnCount; ++column) {
    const int wanted = std::max(sizeHintForColumn(column), header()->sectionSizeHint(column));
    header()->resizeSection(column, std::min(widestVersion, wanted + step));
  }
}

void PlanTree::changeEvent(QEvent* event) {
  QTreeWidget::changeEvent(event);
  if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange)
    fitColumns();
}

} // namespace ratdeck
