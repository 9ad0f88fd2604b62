// The part of the form that says what a rollback goes to. GUI thread.
#pragma once

#include "ui/model/console_facts.h"

#include <QWidget>

class QComboBox;
class QRadioButton;

namespace ratdeck {

class PlainLabel;

class RollbackChoice : public QWidget {
  Q_OBJECT
public:
  explicit RollbackChoice(QWidget* parent = nullptr);

  // What was chosen stays chosen as long as it is there.
  void setStack(const StackFacts& stack);
  void setUtc(bool isUtc);
  // Fills in what a rollback of this choice goes to.
  void fill(PlanWish& wish) const;

Q_SIGNALS:
  void changed();

private:
  void build();
  void showStack();
  void showChoice();

  StackFacts m_stack;
  bool m_isUtc = false;
  QRadioButton *m_last, *m_past, *m_revision;
  QComboBox *m_pastList, *m_revisionList;
  PlainLabel *m_lastText, *m_pastText;
};

} // namespace ratdeck
