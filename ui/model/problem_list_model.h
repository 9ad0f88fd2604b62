// The problems of a plan under headings, errors first, then what is broken already, and what was said while
// the files were read. One thread.
#pragma once

#include "ui/model/console_facts.h"

#include <QAbstractListModel>

namespace ratdeck {

class ProblemListModel : public QAbstractListModel {
  Q_OBJECT
public:
  struct Row {
    bool isHeading = false;
    Severity severity = Severity::Info;
    QString title;   // of a heading its text, else the problem's code
    QString place;   // FILE:LINE:COLUMN, or ""
    QString message; // or ""
    bool operator==(const Row&) const = default;
  };

  using QAbstractListModel::QAbstractListModel;

  void setPlan(const PlanFacts* facts); // nullptr: none
  const Row& rowAt(int row) const { return m_rows[static_cast<size_t>(row)]; }

  int rowCount(const QModelIndex& parent = {}) const override;
  // Display and accessible text: everything of the row on one line.
  QVariant data(const QModelIndex& index, int role) const override;
  Qt::ItemFlags flags(const QModelIndex& index) const override;

private:
  void add(const QString& heading, std::vector<Problem> problems, const QString& more = {});

  std::vector<Row> m_rows;
};

// "error", "warning", "note".
QString severityWord(Severity severity);

} // namespace ratdeck
