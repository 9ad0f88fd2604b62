// The services of a stack as a table: the graph's twin. GUI thread.
#pragma once

#include "ui/model/service_table_model.h"

#include <QTableView>

namespace ratdeck {

class ServiceTable : public QTableView {
  Q_OBJECT
public:
  explicit ServiceTable(QWidget* parent = nullptr);

  void setRows(const ServiceRows& rows, Instant now);
  // A sentence on why there is nothing, for as long as there are no rows.
  void setEmptyText(const QString& text);

  // "" = none.
  QString selected() const;
  void select(const QString& name);

Q_SIGNALS:
  // By a click, a double click or Enter.
  void serviceChosen(const QString& name);

protected:
  void keyPressEvent(QKeyEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void changeEvent(QEvent* event) override;

private:
  void choose(const QModelIndex& index);
  void fitRowHeight();
  void fitColumns();

  ServiceTableModel m_services;
  QString m_emptyText;
};

} // namespace ratdeck
