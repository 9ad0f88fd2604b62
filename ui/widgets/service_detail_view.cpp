#include "ui/widgets/service_detail_view.h"

#include "ui/model/plain.h"
#include "ui/widgets/plain_label.h"
#include "ui/widgets/theme.h"

#include <QApplication>
#include <QHeaderView>
#include <QPainter>
#include <QStackedWidget>
#include <QTableWidget>

namespace ratdeck {

namespace {

QIcon moodIcon(const QWidget& widget, Mood mood) {
  const int side = widget.fontMetrics().ascent();
  const qreal ratio = widget.devicePixelRatioF();
  QPixmap pixmap(QSize(side, side) * ratio);
  pixmap.setDevicePixelRatio(ratio);
  pixmap.fill(Qt::transparent);
  QPainter painter(&pixmap);
  paintMood(painter, QRectF(0, 0, side, side), themeOf(widget.palette()), mood);
  return QIcon(pixmap);
}

} // namespace

ServiceDetailView::ServiceDetailView(QTabWidget& tabs)
    : m_copies(addPage(
          tabs, tr("Copies"),
          {tr("Copy"), tr("Role"), tr("State"), tr("Since"), tr("Address"), tr("In flight"), tr("Note")})),
      m_probes(addPage(tabs, tr("Probes"), {tr("Copy"), tr("Probe"), tr("Answer")})),
      m_output(addPage(tabs, tr("Output"), {tr("Last lines of copies that failed")})),
      m_changes(addPage(tabs, tr("Changes"), {tr("What"), tr("Detail")})) {
  setDetail({});
}

ServiceDetailView::Page ServiceDetailView::addPage(QTabWidget& tabs, const QString& title,
                                                   const QStringList& columns) {
  auto* stack = new QStackedWidget(&tabs);
  auto* table = new QTableWidget(0, static_cast<int>(columns.size()), stack);
  table->setHorizontalHeaderLabels(columns);
  table->setAccessibleName(title);
  table->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table->setSelectionBehavior(QAbstractItemView::SelectRows);
  table->setShowGrid(false);
  table->setFrameShape(QFrame::NoFrame);
  table->setTabKeyNavigation(false);
  table->verticalHeader()->hide();
  table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  table->verticalHeader()->setDefaultSectionSize(table->fontMetrics().height() + step);
  table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  table->horizontalHeader()->setStretchLastSection(true);
  table->horizontalHeader()->setHighlightSections(false);
  auto* empty = new PlainLabel(PlainLabel::Fit::Wrap, stack);
  empty->setAlignment(Qt::AlignCenter);
  empty->setMuted(true);
  stack->addWidget(empty);
  stack->addWidget(table);
  tabs.addTab(stack, title);
  return {stack, table, empty};
}

void ServiceDetailView::fill(const Page& page, const std::vector<QStringList>& rows,
                             const std::vector<Mood>& moods, const QString& empty) {
  page.empty->setPlain(empty);
  page.stack->setCurrentWidget(rows.empty() ? static_cast<QWidget*>(page.empty) : page.table);
  page.table->setRowCount(static_cast<int>(rows.size()));
  for (int row = 0; row < static_cast<int>(rows.size()); ++row)
    for (int column = 0; column < rows[static_cast<size_t>(row)].size(); ++column) {
      auto* item = page.table->item(row, column);
      if (!item)
        page.table->setItem(row, column, item = new QTableWidgetItem);
      item->setText(rows[static_cast<size_t>(row)][column]);
      item->setToolTip(plainToolTip(item->text()));
      if (column == 0 && !moods.empty())
        item->setIcon(moodIcon(*page.table, moods[static_cast<size_t>(row)]));
    }
  for (int column = 0; column + 1 < page.table->columnCount(); ++column)
    page.table->resizeColumnToContents(column);
}

void ServiceDetailView::setDetail(const ServiceDetail& detail) {
  if (m_isShown && detail == m_detail)
    return;
  m_isShown = true;
  m_detail = detail;
  const bool isChosen = !detail.name.isEmpty();
  const auto choose = tr("Choose a service in the graph or the table.");
  std::vector<QStringList> rows;
  std::vector<Mood> moods;
  for (const auto& copy : detail.copies) {
    rows.push_back({copy.id, copy.role, copy.phase, copy.since, copy.address, copy.inFlight, copy.note});
    moods.push_back(copy.mood);
  }
  fill(m_copies, rows, moods, isChosen ? tr("No copy of %1 runs.").arg(detail.name) : choose);
  rows.clear();
  moods.clear();
  for (const auto& probe : detail.probes) {
    rows.push_back({probe.copy, probe.probe, probe.answer});
    moods.push_back(probe.mood);
  }
  for (const auto& step : detail.drain) {
    rows.push_back({tr("drain"), step.step, step.text});
    moods.push_back(step.mood);
  }
  fill(m_probes, rows, moods,
       isChosen ? tr("No probe of %1 has answered in this rollout.").arg(detail.name) : choose);
  rows.clear();
  for (const auto& line : detail.output)
    rows.push_back({line});
  fill(m_output, rows, {},
       isChosen
           ? tr("No copy of %1 has failed; what a failed one printed last is kept here.").arg(detail.name)
           : choose);
  rows.clear();
  if (!detail.versions.isEmpty())
    rows.push_back({tr("version"), detail.versions});
  for (const auto& field : detail.changes)
    rows.push_back({tr("differs"), field});
  for (const auto& planned : detail.steps)
    rows.push_back({tr("step"), planned});
  fill(m_changes, rows, {}, isChosen ? tr("Nothing of %1 changes.").arg(detail.name) : choose);
}

} // namespace ratdeck
