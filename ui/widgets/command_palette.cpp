#include "ui/widgets/command_palette.h"

#include "ui/widgets/plain_label.h"
#include "ui/widgets/theme.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QLineEdit>
#include <QTableWidget>
#include <QVBoxLayout>

namespace ratdeck {

CommandPalette::CommandPalette(const ActionRegistry& registry, QWidget* parent)
    : QDialog(parent), m_registry(registry) {
  setWindowTitle(tr("Commands"));
  setModal(true);
  m_words = new QLineEdit(this);
  m_words->setPlaceholderText(tr("What to do"));
  m_words->setAccessibleName(tr("Filter of commands"));
  m_table = new QTableWidget(0, 3, this);
  m_table->setAccessibleName(tr("Commands"));
  m_table->horizontalHeader()->hide();
  m_table->verticalHeader()->hide();
  m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + step);
  m_table->setShowGrid(false);
  m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
  m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
  m_table->setSelectionMode(QAbstractItemView::SingleSelection);
  m_table->horizontalHeader()->setSectionResizeMode(1, QHeaderView::Stretch);
  m_table->setFocusPolicy(Qt::NoFocus);
  m_hint = new PlainLabel(PlainLabel::Fit::Elide, this);
  m_hint->setMuted(true);
  m_hint->setPlain(tr("Enter runs it · Ctrl+C copies the command that does the same · Esc closes"));
  auto* column = new QVBoxLayout(this);
  column->addWidget(m_words);
  column->addWidget(m_table);
  column->addWidget(m_hint);
  resize(75 * step, 55 * step);
  m_words->installEventFilter(this);
  connect(m_words, &QLineEdit::textChanged, this, [this] { filter(); });
  connect(m_table, &QTableWidget::cellDoubleClicked, this, [this] { run(); });
}

void CommandPalette::open() {
  m_words->clear();
  filter();
  m_words->setFocus();
  QDialog::open();
}

void CommandPalette::filter() {
  m_shown.clear();
  const auto words = m_words->text().split(QLatin1Char(' '), Qt::SkipEmptyParts);
  const auto& entries = m_registry.entries();
  for (size_t i = 0; i < entries.size(); ++i) {
    const auto name = entries[i].menu + QLatin1Char(' ') + entries[i].action->text();
    const bool fits = std::all_of(words.begin(), words.end(), [&](const QString& word) {
      return name.contains(word, Qt::CaseInsensitive);
    });
    if (fits)
      m_shown.push_back(i);
  }
  m_table->setRowCount(static_cast<int>(m_shown.size()));
  for (int row = 0; row < static_cast<int>(m_shown.size()); ++row) {
    const auto& entry = entries[m_shown[static_cast<size_t>(row)]];
    const QStringList texts{entry.menu, entry.action->text().remove(QLatin1Char('&')),
                            entry.action->shortcut().toString(QKeySequence::NativeText)};
    for (int column = 0; column < 3; ++column) {
      auto* item = new QTableWidgetItem(texts[column]);
      item->setFlags(entry.action->isEnabled() ? Qt::ItemIsEnabled | Qt::ItemIsSelectable : Qt::NoItemFlags);
      m_table->setItem(row, column, item);
    }
  }
  m_table->resizeColumnToContents(0);
  m_table->resizeColumnToContents(2);
  m_table->setCurrentItem(nullptr);
  move(1);
}

// To the next one up or down that can be done now; stays where there is none.
void CommandPalette::move(int by) {
  for (int row = m_table->currentRow() + by; row >= 0 && row < m_table->rowCount(); row += by)
    if (m_table->item(row, 0)->flags() & Qt::ItemIsEnabled)
      return m_table->selectRow(row);
}

const ActionRegistry::Entry* CommandPalette::chosen() const {
  const int row = m_table->currentRow();
  return row >= 0 && row < static_cast<int>(m_shown.size())
             ? &m_registry.entries()[m_shown[static_cast<size_t>(row)]]
             : nullptr;
}

void CommandPalette::run() {
  const auto* entry = chosen();
  if (!entry || !entry->action->isEnabled())
    return;
  accept();
  entry->action->trigger();
}

void CommandPalette::copy() {
  const auto* entry = chosen();
  const auto text = entry && entry->command ? entry->command() : QString();
  m_hint->setPlain(text.isEmpty() ? tr("ratdeckctl has no command for this one")
                                  : tr("Copied: %1").arg(text));
  if (!text.isEmpty())
    Q_EMIT copyWanted(text);
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
  if (watched != m_words || event->type() != QEvent::KeyPress)
    return QDialog::eventFilter(watched, event);
  auto* key = static_cast<QKeyEvent*>(event);
  switch (key->key()) {
  case Qt::Key_Down:
    move(1);
    return true;
  case Qt::Key_Up:
    move(-1);
    return true;
  case Qt::Key_Return:
  case Qt::Key_Enter:
    run();
    return true;
  case Qt::Key_C:
    if (key->modifiers() == Qt::ControlModifier && m_words->selectedText().isEmpty()) {
      copy();
      return true;
    }
    break;
  default:
    break;
  }
  return QDialog::eventFilter(watched, event);
}

} // namespace ratdeck
