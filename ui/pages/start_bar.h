// Where a plan is started: who grants its approvals, what must be accepted first, and the button that repeats
// the target; and the command that does the same. GUI thread.
#pragma once

#include "ui/model/console_facts.h"
#include "ui/model/start_offer.h"

#include <QFrame>

class QCheckBox;
class QComboBox;
class QHBoxLayout;
class QLineEdit;
class QPushButton;

namespace ratdeck {

class DeliberateButton;
class PlainLabel;

class StartBar : public QFrame {
  Q_OBJECT
public:
  explicit StartBar(QWidget* parent = nullptr);

  void setTarget(const TargetFacts& target);
  // nullptr: none; else it outlives the next call. What was accepted of another plan is not of this one.
  void setPlan(const PlanFacts* facts);
  // What the plan cannot say of itself; whether a service may be away stands in the bar.
  void setCircumstances(const StartCircumstances& circumstances);
  // Offers to take the stack over from a console that is silent.
  void offerTakeOver(bool isOffered);
  // As for the first plan: everything is asked.
  void reset();

Q_SIGNALS:
  void carryOutWanted(const ratdeck::StartWish& wish);

private:
  void build();
  QWidget* buildApprovals();
  QWidget* buildAcceptance();
  QWidget* buildOverride();
  QHBoxLayout* buildCommand();
  QHBoxLayout* buildStart();
  void showPlan();
  void showStart();
  void showCommand();
  void copyCommand();
  StartWish wish() const;

  TargetFacts m_target; // without its stack
  const PlanFacts* m_facts = nullptr;
  std::string m_acceptedHash; // of the plan that the boxes are about
  StartCircumstances m_circumstances;
  std::string m_command;
  QWidget *m_approvalPart, *m_awayPart, *m_overridePart;
  PlainLabel *m_approvals, *m_away, *m_closed, *m_refusal;
  QComboBox* m_approve;
  QCheckBox *m_accept, *m_takeOver;
  QLineEdit *m_reason, *m_override, *m_commandText;
  QPushButton* m_copy;
  DeliberateButton* m_start;
};

} // namespace ratdeck
