#include "ui/model/service_table_model.h"

#include "ui/model/plain.h"
#include "ui/model/service_text.h"

#include <QHash>
#include <QLocale>

#include <algorithm>
#include <utility>

namespace ratdeck {

namespace {

bool isKnown(const ServiceRow& row, int column) {
  switch (column) {
  case ServiceTableModel::Copies:
    return !row.copies.isEmpty();
  case ServiceTableModel::Health:
    return !row.status.isEmpty() || !row.health.isEmpty();
  case ServiceTableModel::InFlight:
    return row.inFlight.has_value();
  default:
    return true;
  }
}

QString cellText(const ServiceRow& row, int column, Instant now) {
  if (!isKnown(row, column))
    return ServiceTableModel::tr("not known");
  switch (column) {
  case ServiceTableModel::Service:
    return plain(row.name);
  case ServiceTableModel::Versions:
    return versionsText(row);
  case ServiceTableModel::Copies:
    return plain(row.copies);
  case ServiceTableModel::Health:
    return stateText(row);
  case ServiceTableModel::InFlight:
    return QLocale(QLocale::English).toString(*row.inFlight);
  case ServiceTableModel::WaitingFor:
    return plain(row.waitingFor);
  case ServiceTableModel::Until:
    return untilText(row, now);
  }
  return {};
}

QString headerText(int column) {
  switch (column) {
  case ServiceTableModel::Service:
    return ServiceTableModel::tr("Service");
  case ServiceTableModel::Versions:
    return ServiceTableModel::tr("Old → new");
  case ServiceTableModel::Copies:
    return ServiceTableModel::tr("Copies");
  case ServiceTableModel::Health:
    return ServiceTableModel::tr("Health");
  case ServiceTableModel::InFlight:
    return ServiceTableModel::tr("In flight");
  case ServiceTableModel::WaitingFor:
    return ServiceTableModel::tr("Waiting for");
  case ServiceTableModel::Until:
    return ServiceTableModel::tr("Until");
  }
  return {};
}

// A screen reader says the column with each cell, and nothing of an empty one.
QString accessibleText(const ServiceRow& row, int column, Instant now) {
  if (column == ServiceTableModel::Service)
    return serviceLines(row, now).join(QStringLiteral(", "));
  const auto text = cellText(row, column, now);
  return ServiceTableModel::tr("%1: %2").arg(headerText(column),
                                             text.isEmpty() ? ServiceTableModel::tr("nothing") : text);
}

bool isSameCell(const ServiceRow& a, Instant aNow, const ServiceRow& b, Instant bNow, int column) {
  const bool isSameMood = column != ServiceTableModel::Service || a.mood == b.mood;
  return isSameMood && isKnown(a, column) == isKnown(b, column) &&
         cellText(a, column, aNow) == cellText(b, column, bNow);
}

QVariant alignment(int column) {
  return QVariant::fromValue(Qt::Alignment(
      (column == ServiceTableModel::InFlight ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
}

} // namespace

void ServiceTableModel::setRows(const ServiceRows& rows, Instant now) {
  removeVanished(rows);
  arrange(rows);
  const Instant before = std::exchange(m_now, now);
  for (int row = 0; row < rowCount(); ++row)
    update(row, rows[row], before);
}

void ServiceTableModel::removeVanished(const ServiceRows& rows) {
  QHash<QString, int> wanted; // how many of each name
  for (const auto& row : rows)
    ++wanted[row.name];
  std::vector<bool> isWanted;
  for (const auto& row : m_rows)
    isWanted.push_back(wanted[row.name]-- > 0);
  for (int end = rowCount(); end > 0;) {
    if (isWanted[end - 1]) {
      --end;
      continue;
    }
    int first = end - 1;
    while (first > 0 && !isWanted[first - 1])
      --first;
    beginRemoveRows({}, first, end - 1);
    m_rows.erase(m_rows.begin() + first, m_rows.begin() + end);
    endRemoveRows();
    end = first;
  }
}

void ServiceTableModel::arrange(const ServiceRows& rows) {
  for (int at = 0; at < static_cast<int>(rows.size()); ++at) {
    const auto here = m_rows.begin() + at;
    const auto found =
        std::find_if(here, m_rows.end(), [&](const ServiceRow& row) { return row.name == rows[at].name; });
    if (found == m_rows.end()) {
      beginInsertRows({}, at, at);
      m_rows.insert(here, rows[at]);
      endInsertRows();
    } else if (found != here) {
      const int from = static_cast<int>(found - m_rows.begin());
      beginMoveRows({}, from, from, {}, at);
      std::rotate(here, found, found + 1);
      endMoveRows();
    }
  }
}

void ServiceTableModel::update(int row, const ServiceRow& to, Instant before) {
  if (m_rows[row] == to && !to.until)
    return;
  const auto from = std::exchange(m_rows[row], to);
  for (int first = 0; first < ColumnCount; ++first) {
    int end = first;
    while (end < ColumnCount && !isSameCell(from, before, to, m_now, end))
      ++end;
    if (end > first)
      Q_EMIT dataChanged(index(row, first), index(row, end - 1));
    first = end;
  }
}

int ServiceTableModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int ServiceTableModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : ColumnCount;
}

QVariant ServiceTableModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid))
    return {};
  const auto& row = m_rows[index.row()];
  const int column = index.column();
  switch (role) {
  case Qt::DisplayRole:
    return cellText(row, column, m_now);
  case Qt::ToolTipRole:
    return plainToolTip(column == Service ? serviceLines(row, m_now)
                                          : QStringList{cellText(row, column, m_now)});
  case Qt::AccessibleTextRole:
    return accessibleText(row, column, m_now);
  case Qt::TextAlignmentRole:
    return alignment(column);
  case NameRole:
    return row.name;
  case MoodRole:
    return static_cast<int>(row.mood);
  case IsKnownRole:
    return isKnown(row, column);
  }
  return {};
}

QVariant ServiceTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
    return {};
  if (role == Qt::TextAlignmentRole)
    return alignment(section);
  return role == Qt::DisplayRole ? QVariant(headerText(section)) : QVariant();
}

} // namespace ratdeck
