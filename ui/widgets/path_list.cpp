#include "ui/widgets/path_list.h"

#include "ui/model/plain.h"
#include "ui/widgets/plain_label.h"
#include "ui/widgets/theme.h"

#include <QEvent>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QListWidget>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace ratdeck {

namespace {

constexpr int shownLines = 3;

QPushButton* addButton(QHBoxLayout& row, const QString& text, const QString& name) {
  auto* button = new QPushButton(text);
  button->setAccessibleName(name);
  button->setAutoDefault(false);
  row.addWidget(button);
  return button;
}

} // namespace

PathList::PathList(const QString& title, const QString& whenEmpty, QWidget* parent)
    : QWidget(parent), m_title(title), m_whenEmpty(whenEmpty) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(halfStep);
  auto* head = new QHBoxLayout;
  head->setSpacing(halfStep);
  auto* label = new PlainLabel(PlainLabel::Fit::Elide, this);
  label->setPlain(title);
  label->setBold(true);
  head->addWidget(label, 1);
  m_list = new QListWidget(this);
  m_list->setAccessibleName(title);
  m_list->setTextElideMode(Qt::ElideLeft);
  m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  m_list->setFixedHeight(shownLines * (m_list->fontMetrics().height() + halfStep) + step);
  m_list->viewport()->installEventFilter(this);
  m_add = addButton(*head, tr("Add…"), tr("Add to %1").arg(title));
  m_remove = addButton(*head, tr("Remove"), tr("Remove from %1").arg(title));
  m_up = addButton(*head, QStringLiteral("↑"), tr("Move up in %1").arg(title));
  m_down = addButton(*head, QStringLiteral("↓"), tr("Move down in %1").arg(title));
  for (auto* button : {m_up, m_down})
    button->setFixedWidth(4 * step);
  column->addLayout(head);
  column->addWidget(m_list);
  connect(m_add, &QPushButton::clicked, this, &PathList::askForFiles);
  connect(m_remove, &QPushButton::clicked, this, &PathList::remove);
  connect(m_up, &QPushButton::clicked, this, [this] { move(-1); });
  connect(m_down, &QPushButton::clicked, this, [this] { move(1); });
  connect(m_list, &QListWidget::currentRowChanged, this, [this] { enableButtons(); });
  setFocusProxy(m_list);
  enableButtons();
}

void PathList::setPaths(const std::vector<std::string>& paths) {
  if (paths == m_paths)
    return;
  m_paths = paths;
  show(-1);
  Q_EMIT pathsChanged();
}

void PathList::add(const std::vector<std::string>& paths) {
  auto all = m_paths;
  for (const auto& path : paths)
    if (std::find(all.begin(), all.end(), path) == all.end())
      all.push_back(path);
  setPaths(all);
}

void PathList::setWhenEmpty(const QString& text) {
  m_whenEmpty = text;
  m_list->viewport()->update();
}

void PathList::askForFiles() {
  auto* dialog = new QFileDialog(this, m_title);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::ExistingFiles);
  connect(dialog, &QFileDialog::filesSelected, this, [this](const QStringList& chosen) {
    std::vector<std::string> paths;
    for (const auto& path : chosen)
      paths.push_back(path.toStdString());
    add(paths);
  });
  dialog->open();
}

void PathList::remove() {
  const int row = m_list->currentRow();
  if (row < 0)
    return;
  m_paths.erase(m_paths.begin() + row);
  show(std::min<int>(row, static_cast<int>(m_paths.size()) - 1));
  Q_EMIT pathsChanged();
}

void PathList::move(int by) {
  const int row = m_list->currentRow(), to = row + by;
  if (row < 0 || to < 0 || to >= static_cast<int>(m_paths.size()))
    return;
  std::swap(m_paths[static_cast<size_t>(row)], m_paths[static_cast<size_t>(to)]);
  show(to);
  Q_EMIT pathsChanged();
}

void PathList::show(int current) {
  m_list->clear();
  for (const auto& path : m_paths) {
    auto* item = new QListWidgetItem(plain(path), m_list);
    item->setToolTip(plainToolTip(plain(path)));
  }
  m_list->setCurrentRow(current);
  enableButtons();
}

void PathList::enableButtons() {
  const int row = m_list->currentRow();
  m_remove->setEnabled(row >= 0);
  m_up->setEnabled(row > 0);
  m_down->setEnabled(row >= 0 && row + 1 < m_list->count());
}

// What is taken where the list is empty stands in it.
bool PathList::eventFilter(QObject* watched, QEvent* event) {
  const bool isPainted = QWidget::eventFilter(watched, event);
  if (event->type() != QEvent::Paint || !m_paths.empty())
    return isPainted;
  QPainter painter(m_list->viewport());
  painter.setPen(themeOf(palette()).muted);
  painter.drawText(m_list->viewport()->rect().adjusted(halfStep, 2, -halfStep, -2),
                   Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, m_whenEmpty);
  return isPainted;
}

} // namespace ratdeck
