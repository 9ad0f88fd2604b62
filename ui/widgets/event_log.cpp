#include "ui/widgets/event_log.h"

#include "ui/widgets/log_delegate.h"
#include "ui/widgets/plain_label.h"
#include "ui/widgets/theme.h"

#include <QCheckBox>
#include <QClipboard>
#include <QEvent>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLineEdit>
#include <QLocale>
#include <QScopedValueRollback>
#include <QScrollBar>
#include <QTableView>

#include <algorithm>

namespace ratdeck {

namespace {

constexpr int typingMs = 150;

} // namespace

EventLog::EventLog(EventLogModel* model, QWidget* parent)
    : QWidget(parent), m_model(model), m_table(new QTableView), m_filter(new QLineEdit),
      m_isExpression(new QCheckBox(tr("Regular expression"))), m_follow(new QCheckBox(tr("Follow"))),
      m_problem(new PlainLabel), m_count(new PlainLabel), m_empty(new PlainLabel(PlainLabel::Fit::Wrap)),
      m_emptyText(tr("No events yet.")) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(makeBar());
  column->addWidget(m_table, 1);
  setUpTable();
  setFocusProxy(m_table);
  m_typing.setSingleShot(true);
  m_typing.setInterval(typingMs);
  connect(&m_typing, &QTimer::timeout, this, [this] { applyFilter(); });
  connect(m_model, &EventLogModel::countsChanged, this, [this] { showCounts(); });
  connect(m_model, &QAbstractItemModel::rowsInserted, this, [this] { keepPlace(0); });
  connect(m_model, &QAbstractItemModel::rowsRemoved, this,
          [this](const QModelIndex&, int first, int last) { keepPlace(last - first + 1); });
  connect(m_model, &QAbstractItemModel::modelReset, this, [this] { keepPlace(0); });
  showCounts();
}

QWidget* EventLog::makeBar() {
  auto* bar = new QWidget;
  auto* row = new QHBoxLayout(bar);
  row->setContentsMargins(step, halfStep, step, halfStep);
  row->setSpacing(step);
  m_filter->setPlaceholderText(tr("Filter ( / )"));
  m_filter->setAccessibleName(tr("Filter of the event log"));
  m_filter->setClearButtonEnabled(true);
  m_filter->setMaxLength(1000);
  m_filter->setMinimumWidth(160);
  m_filter->setMaximumWidth(360);
  m_filter->installEventFilter(this);
  m_problem->setAccessibleDescription(tr("What is wrong with the filter"));
  m_count->setMuted(true);
  m_count->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
  m_follow->setChecked(true);
  m_follow->setToolTip(tr("Stay at the newest line. Scrolling up ends it, going to the end begins it."));
  row->addWidget(m_filter, 2);
  row->addWidget(m_isExpression);
  row->addWidget(m_problem, 5);
  row->addWidget(m_count, 2);
  row->addWidget(m_follow);
  connect(m_filter, &QLineEdit::textChanged, &m_typing, qOverload<>(&QTimer::start));
  connect(m_filter, &QLineEdit::returnPressed, this, [this] { applyFilter(); });
  connect(m_isExpression, &QCheckBox::toggled, this, [this] { applyFilter(); });
  connect(m_follow, &QCheckBox::toggled, this, [this](bool isOn) { follow(isOn); });
  return bar;
}

void EventLog::setUpTable() {
  m_table->setModel(m_model);
  m_table->setItemDelegate(new LogDelegate(m_table));
  m_table->setAccessibleName(tr("Events"));
  m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
  m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
  m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
  m_table->setVerticalScrollMode(QAbstractItemView::ScrollPerItem);
  m_table->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  m_table->setShowGrid(false);
  m_table->setWordWrap(false);
  m_table->setTabKeyNavigation(false);
  m_table->setCornerButtonEnabled(false);
  m_table->setFrameShape(QFrame::NoFrame);
  m_table->installEventFilter(this);
  m_table->verticalHeader()->hide();
  m_table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  m_table->horizontalHeader()->setSectionResizeMode(EventLogModel::What, QHeaderView::Stretch);
  m_table->horizontalHeader()->setHighlightSections(false);
  m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  fitColumns();
  m_empty->setParent(m_table->viewport());
  m_empty->setAlignment(Qt::AlignCenter);
  m_empty->setMuted(true);
  // Wherever the user goes, by wheel, keys or the bar: at the end it follows, above it does not.
  connect(m_table->verticalScrollBar(), &QScrollBar::valueChanged, this, [this](int value) {
    if (!m_isMoving)
      m_follow->setChecked(value >= m_table->verticalScrollBar()->maximum());
  });
}

void EventLog::fitColumns() {
  const QFontMetrics metrics = m_table->fontMetrics();
  const int digit = metrics.horizontalAdvance(QLatin1Char('0'));
  m_table->verticalHeader()->setMinimumSectionSize(LogDelegate::rowHeight(metrics));
  m_table->verticalHeader()->setDefaultSectionSize(LogDelegate::rowHeight(metrics));
  m_table->horizontalHeader()->resizeSection(EventLogModel::Time, 13 * digit + 2 * step);
  m_table->horizontalHeader()->resizeSection(EventLogModel::Service, 18 * digit);
  m_table->horizontalHeader()->resizeSection(EventLogModel::Kind, 24 * digit);
}

void EventLog::setEmptyText(const QString& text) {
  m_emptyText = text;
  showCounts();
}

void EventLog::focusFilter() {
  m_filter->setFocus(Qt::ShortcutFocusReason);
  m_filter->selectAll();
}

bool EventLog::isFollowing() const {
  return m_follow->isChecked();
}

void EventLog::applyFilter() {
  m_typing.stop();
  m_model->setFilter(m_filter->text(), m_isExpression->isChecked());
  const QString problem = m_model->filterProblem();
  m_problem->setPlain(problem.isEmpty() ? QString() : tr("Nothing is filtered: %1").arg(problem));
}

void EventLog::follow(bool isOn) {
  const QScopedValueRollback moving(m_isMoving, true);
  if (isOn)
    m_table->scrollToBottom();
}

void EventLog::keepPlace(int rowsGone) {
  const QScopedValueRollback moving(m_isMoving, true);
  auto* bar = m_table->verticalScrollBar();
  const int place = bar->value();
  if (isFollowing())
    m_table->scrollToBottom();
  else if (rowsGone > 0)
    bar->setValue(std::max(0, place - rowsGone));
}

QString EventLog::countText() const {
  const QLocale locale;
  const QString lines = locale.toString(static_cast<qulonglong>(m_model->lines()));
  if (!m_model->isFiltered())
    return m_model->lines() == 1 ? tr("1 line") : tr("%1 lines").arg(lines);
  QString text = tr("%1 of %2 shown").arg(locale.toString(m_model->rowCount()), lines);
  if (m_model->isLooking())
    text += tr(", still looking");
  if (m_model->costlyLines() > 0)
    text +=
        tr(", %1 could not be decided").arg(locale.toString(static_cast<qulonglong>(m_model->costlyLines())));
  return text;
}

void EventLog::showCounts() {
  m_count->setPlain(countText());
  const bool isEmpty = m_model->rowCount() == 0 && !m_model->isLooking();
  m_empty->setVisible(isEmpty);
  if (!isEmpty)
    return;
  m_empty->setPlain(m_model->isFiltered() && m_model->lines() > 0 ? tr("No line matches the filter.")
                                                                  : m_emptyText);
  m_empty->setGeometry(m_table->viewport()->rect());
}

void EventLog::copySelection() {
  std::vector<std::pair<int, int>> rows;
  for (const QItemSelectionRange& range : m_table->selectionModel()->selection())
    rows.emplace_back(range.top(), range.bottom());
  std::sort(rows.begin(), rows.end());
  if (!rows.empty())
    QGuiApplication::clipboard()->setText(m_model->plainTextOf(rows));
}

// Keys go on from the current row, which may be far from what the table follows.
void EventLog::startFromWhatIsSeen() {
  const QModelIndex last = m_model->index(m_model->rowCount() - 1, 0);
  const QRect seen = m_table->viewport()->rect();
  if (last.isValid() && isFollowing() && !seen.intersects(m_table->visualRect(m_table->currentIndex())))
    m_table->selectionModel()->setCurrentIndex(last, QItemSelectionModel::NoUpdate);
}

bool EventLog::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() != QEvent::KeyPress)
    return QWidget::eventFilter(watched, event);
  auto* key = static_cast<QKeyEvent*>(event);
  if (watched == m_table && key->matches(QKeySequence::Copy)) {
    copySelection();
    return true;
  }
  if (watched == m_table && (key->key() == Qt::Key_Up || key->key() == Qt::Key_PageUp))
    startFromWhatIsSeen();
  if (watched == m_table && key->key() == Qt::Key_Slash) {
    focusFilter();
    return true;
  }
  if (watched == m_filter && (key->key() == Qt::Key_Escape || key->key() == Qt::Key_Down)) {
    if (key->key() == Qt::Key_Escape)
      m_filter->clear();
    m_table->setFocus(Qt::ShortcutFocusReason);
    return true;
  }
  return QWidget::eventFilter(watched, event);
}

void EventLog::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::FontChange)
    fitColumns();
}

void EventLog::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  showCounts();
}

} // namespace ratdeck
