// A plan as it is shown: one sentence, what users will see, the tree and the problems. GUI thread.
#pragma once

#include "ui/model/console_facts.h"

#include <QWidget>

class QCheckBox;
class QSplitter;

namespace ratdeck {

class PlainLabel;
class PlanTree;
class ProblemList;
class StatusLabel;

class PlanView : public QWidget {
  Q_OBJECT
public:
  explicit PlanView(QWidget* parent = nullptr);

  // nullptr: none yet, and a word on what makes one.
  void setPlan(const PlanFacts* facts);

private:
  void build();

  PlainLabel *m_title, *m_hash, *m_empty;
  StatusLabel* m_users;
  QCheckBox* m_steps;
  QSplitter* m_parts;
  PlanTree* m_tree;
  ProblemList* m_problems;
};

} // namespace ratdeck
