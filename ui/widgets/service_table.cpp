#include "ui/widgets/service_table.h"

#include "ui/model/plain.h"
#include "ui/widgets/service_delegate.h"
#include "ui/widgets/theme.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QPainter>
#include <QProxyStyle>

#include <algorithm>

namespace ratdeck {

namespace {

// Headers with room around their words, in line with the cells'.
class HeaderStyle : public QProxyStyle {
public:
  HeaderStyle() : QProxyStyle(QStringLiteral("Fusion")) {}
  int pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const override {
    return metric == PM_HeaderMargin ? step - 1 : QProxyStyle::pixelMetric(metric, option, widget);
  }
};

} // namespace

ServiceTable::ServiceTable(QWidget* parent) : QTableView(parent) {
  setAccessibleName(tr("Services"));
  setModel(&m_services);
  setItemDelegate(new ServiceDelegate(this));
  setSelectionBehavior(SelectRows);
  setSelectionMode(SingleSelection);
  setEditTriggers(NoEditTriggers);
  setTabKeyNavigation(false);
  setShowGrid(false);
  setWordWrap(false);
  setFrameShape(NoFrame);
  setHorizontalScrollMode(ScrollPerPixel);
  verticalHeader()->hide();
  verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  horizontalHeader()->setHighlightSections(false);
  horizontalHeader()->setStretchLastSection(true);
  horizontalHeader()->setResizeContentsPrecision(0); // what is seen: enough, and quick with many rows
  auto* style = new HeaderStyle;
  style->setParent(this);
  horizontalHeader()->setStyle(style);
  fitRowHeight();
  connect(this, &QTableView::clicked, this, &ServiceTable::choose);
  connect(this, &QTableView::doubleClicked, this, &ServiceTable::choose);
}

void ServiceTable::setRows(const ServiceRows& rows, Instant now) {
  const bool isFirst = m_services.rows().empty() && !rows.empty();
  m_services.setRows(rows, now);
  if (isFirst)
    fitColumns();
  if (rows.empty())
    viewport()->update();
}

void ServiceTable::setEmptyText(const QString& text) {
  const auto shown = plain(text);
  if (shown == m_emptyText)
    return;
  m_emptyText = shown;
  setAccessibleDescription(m_emptyText);
  viewport()->update();
}

QString ServiceTable::selected() const {
  return currentIndex().data(ServiceTableModel::NameRole).toString();
}

void ServiceTable::select(const QString& name) {
  const auto& rows = m_services.rows();
  const auto row =
      std::find_if(rows.begin(), rows.end(), [&](const auto& service) { return service.name == name; });
  if (row == rows.end())
    clearSelection();
  else if (selected() != name)
    setCurrentIndex(m_services.index(static_cast<int>(row - rows.begin()), 0));
}

void ServiceTable::keyPressEvent(QKeyEvent* event) {
  const bool isEnter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
  if (isEnter && currentIndex().isValid())
    choose(currentIndex());
  else
    QTableView::keyPressEvent(event);
}

void ServiceTable::choose(const QModelIndex& index) {
  Q_EMIT serviceChosen(index.data(ServiceTableModel::NameRole).toString());
}

void ServiceTable::fitRowHeight() {
  verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 2 * halfStep);
}

// Once, as wide as the first rows are, but no column so wide that it pushes the others out of sight; then the
// user's to change.
void ServiceTable::fitColumns() {
  resizeColumnsToContents();
  const int widest = fontMetrics().averageCharWidth() * 32;
  for (int column = 0; column < ServiceTableModel::ColumnCount; ++column)
    setColumnWidth(column, std::min(columnWidth(column) + step, widest));
  // Empty until something waits.
  const int reason = fontMetrics().averageCharWidth() * 20;
  setColumnWidth(ServiceTableModel::WaitingFor, std::max(columnWidth(ServiceTableModel::WaitingFor), reason));
}

void ServiceTable::paintEvent(QPaintEvent* event) {
  QTableView::paintEvent(event);
  if (!m_services.rows().empty())
    return;
  QPainter painter(viewport());
  painter.setPen(themeOf(palette()).muted);
  painter.drawText(viewport()->rect().adjusted(step, step, -step, -step), Qt::AlignCenter | Qt::TextWordWrap,
                   m_emptyText);
}

void ServiceTable::changeEvent(QEvent* event) {
  QTableView::changeEvent(event);
  if (event->type() == QEvent::FontChange)
    fitRowHeight();
}

} // namespace ratdeck
