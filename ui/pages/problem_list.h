// The problems of a plan, each whole: its weight as shape and word, code, message and place. Copy takes the
// current one. GUI thread.
#pragma once

#include "ui/model/problem_list_model.h"

#include <QListView>

namespace ratdeck {

class ProblemList : public QListView {
  Q_OBJECT
public:
  explicit ProblemList(QWidget* parent = nullptr);

  void setPlan(const PlanFacts* facts); // nullptr: none

protected:
  void changeEvent(QEvent* event) override;

private:
  ProblemListModel m_model;
};

} // namespace ratdeck
