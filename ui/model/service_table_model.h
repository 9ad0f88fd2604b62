// The services as a table: the graph's twin for the keyboard, the screen reader and the eye that compares.
// GUI thread.
#pragma once

#include "ui/model/service_row.h"

#include <QAbstractTableModel>

namespace ratdeck {

class ServiceTableModel : public QAbstractTableModel {
  Q_OBJECT
public:
  enum Column { Service, Versions, Copies, Health, InFlight, WaitingFor, Until, ColumnCount };
  enum Role {
    NameRole = Qt::UserRole, // QString, as the row has it: to be handed on, not to be shown
    MoodRole,                // int, a Mood
    IsKnownRole,             // bool: false where the text says that nothing is known
  };

  using QAbstractTableModel::QAbstractTableModel;

  // Rows of the same name stay the same rows: what is new is inserted, what is gone removed, what stands
  // elsewhere moved, and only cells whose text or mood changed are announced. Never a reset.
  void setRows(const ServiceRows& rows, Instant now);
  const ServiceRows& rows() const { return m_rows; }

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
  void removeVanished(const ServiceRows& rows);
  void arrange(const ServiceRows& rows);
  // `before`: when the row was last told of.
  void update(int row, const ServiceRow& to, Instant before);

  ServiceRows m_rows;
  Instant m_now;
};

} // namespace ratdeck
