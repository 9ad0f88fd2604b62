// A plan as a tree: wave, service, steps with their worst cases; then what is left out and what stays. GUI
// thread.
#pragma once

#include "ui/model/plan_rows.h"

#include <QTreeWidget>

namespace ratdeck {

class PlanTree : public QTreeWidget {
  Q_OBJECT
public:
  explicit PlanTree(QWidget* parent = nullptr);

  void setRows(const std::vector<PlanRow>& rows);
  // Opens every service, or none.
  void setShowsSteps(bool showsSteps);

protected:
  void changeEvent(QEvent* event) override;

private:
  void fitColumns();
  void expand();

  bool m_showsSteps = false;
};

} // namespace ratdeck
