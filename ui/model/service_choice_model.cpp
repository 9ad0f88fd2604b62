#include "ui/model/service_choice_model.h"

#include "ui/model/plain.h"

#include <algorithm>

namespace ratdeck {

void ServiceChoiceModel::setStack(const StackSpec& stack, const StackChoice& choice) {
  std::map<std::string, Row> rows;
  for (const auto& [name, spec] : stack.services)
    rows[name] = {name, spec.image, {}, false};
  for (const auto& [name, image] : choice.setImages)
    rows.try_emplace(name, Row{name, {}, {}, false}).first->second.set = image;
  for (const auto& name : choice.services)
    rows.try_emplace(name, Row{name, {}, {}, false}).first->second.isChecked = true;
  beginResetModel();
  m_rows.clear();
  for (auto& [name, row] : rows)
    m_rows.push_back(std::move(row));
  m_namesOnes = !choice.services.empty();
  endResetModel();
  Q_EMIT choiceChanged();
}

void ServiceChoiceModel::addServices(const std::map<std::string, std::string>& images) {
  for (const auto& [name, image] : images) {
    const auto at =
        std::lower_bound(m_rows.begin(), m_rows.end(), name,
                         [](const Row& row, const std::string& wanted) { return row.name < wanted; });
    if (at != m_rows.end() && at->name == name)
      continue;
    const int row = static_cast<int>(at - m_rows.begin());
    beginInsertRows({}, row, row);
    m_rows.insert(at, {name, image, {}, false});
    endInsertRows();
  }
}

void ServiceChoiceModel::setNamesOnes(bool namesOnes) {
  if (namesOnes == m_namesOnes)
    return;
  m_namesOnes = namesOnes;
  if (!m_rows.empty())
    Q_EMIT dataChanged(index(0, Service), index(rowCount() - 1, Service), {Qt::CheckStateRole});
  Q_EMIT choiceChanged();
}

void ServiceChoiceModel::setSetsImages(bool setsImages) {
  if (setsImages == m_setsImages)
    return;
  m_setsImages = setsImages;
  if (!m_rows.empty())
    Q_EMIT dataChanged(index(0, Image), index(rowCount() - 1, Image));
  Q_EMIT choiceChanged();
}

std::map<std::string, std::string> ServiceChoiceModel::setImages() const {
  std::map<std::string, std::string> images;
  if (!m_setsImages)
    return images;
  for (const auto& row : m_rows)
    if (!row.set.empty())
      images[row.name] = row.set;
  return images;
}

std::vector<std::string> ServiceChoiceModel::services() const {
  std::vector<std::string> names;
  if (!m_namesOnes)
    return names;
  for (const auto& row : m_rows)
    if (row.isChecked)
      names.push_back(row.name);
  return names;
}

int ServiceChoiceModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int ServiceChoiceModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : ColumnCount;
}

QVariant ServiceChoiceModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid))
    return {};
  const auto& row = m_rows[static_cast<size_t>(index.row())];
  return index.column() == Service ? serviceData(row, role) : imageData(row, role);
}

QVariant ServiceChoiceModel::serviceData(const Row& row, int role) const {
  if (role == Qt::DisplayRole || role == Qt::AccessibleTextRole)
    return plain(row.name, 400);
  if (role == Qt::CheckStateRole && m_namesOnes)
    return row.isChecked ? Qt::Checked : Qt::Unchecked;
  return {};
}

QVariant ServiceChoiceModel::imageData(const Row& row, int role) const {
  const auto set = plain(row.set);
  const auto current = row.image.empty() ? tr("built here, or named by the files") : plain(row.image);
  switch (role) {
  case Qt::DisplayRole:
  case Qt::EditRole:
    return m_setsImages ? set : QString();
  case PlaceholderRole:
    return current;
  case Qt::AccessibleTextRole:
    return set.isEmpty() || !m_setsImages ? tr("%1, as it is").arg(current) : tr("set to %1").arg(set);
  default:
    return {};
  }
}

bool ServiceChoiceModel::setData(const QModelIndex& index, const QVariant& value, int role) {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid))
    return false;
  auto& row = m_rows[static_cast<size_t>(index.row())];
  if (index.column() == Service && role == Qt::CheckStateRole && m_namesOnes)
    row.isChecked = value.toInt() == Qt::Checked;
  else if (index.column() == Image && role == Qt::EditRole && m_setsImages)
    row.set = value.toString().trimmed().toStdString();
  else
    return false;
  Q_EMIT dataChanged(index, index);
  Q_EMIT choiceChanged();
  return true;
}

QVariant ServiceChoiceModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
    return {};
  return section == Service ? tr("Service") : tr("Image to set");
}

Qt::ItemFlags ServiceChoiceModel::flags(const QModelIndex& index) const {
  if (!index.isValid())
    return Qt::NoItemFlags;
  auto flags = QAbstractTableModel::flags(index) | Qt::ItemNeverHasChildren;
  if (index.column() == Service && m_namesOnes)
    flags |= Qt::ItemIsUserCheckable;
  if (index.column() == Image && m_setsImages)
    flags |= Qt::ItemIsEditable;
  return flags;
}

} // namespace ratdeck
