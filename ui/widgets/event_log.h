// The event log: a table that follows its end, a filter, and how much of it is shown. GUI thread.
#pragma once

#include "ui/model/event_log_model.h"

#include <QWidget>

class QCheckBox;
class QLineEdit;
class QTableView;

namespace ratdeck {

class PlainLabel;

class EventLog : public QWidget {
  Q_OBJECT
public:
  // `model` outlives this object.
  explicit EventLog(EventLogModel* model, QWidget* parent = nullptr);

  // What is said while there are no lines at all.
  void setEmptyText(const QString& text);
  void focusFilter();
  // The selected rows to the clipboard, as plain text.
  void copySelection();
  bool isFollowing() const;

protected:
  bool eventFilter(QObject* watched, QEvent* event) override;
  void changeEvent(QEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

private:
  QWidget* makeBar();
  void setUpTable();
  void fitColumns();
  void applyFilter();
  void showCounts();
  void follow(bool isOn);
  // Rows came or went: the table goes to its end, or what is looked at stays where it is.
  void keepPlace(int rowsGone);
  void startFromWhatIsSeen();
  QString countText() const;

  EventLogModel* m_model;
  QTableView* m_table;
  QLineEdit* m_filter;
  QCheckBox* m_isExpression;
  QCheckBox* m_follow;
  PlainLabel* m_problem;
  PlainLabel* m_count;
  PlainLabel* m_empty; // over the table
  QString m_emptyText;
  QTimer m_typing;         // until a filter is typed
  bool m_isMoving = false; // the table is scrolled from here, not by the user
};

} // namespace ratdeck
