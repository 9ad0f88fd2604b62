// What a person wants planned: the kind, the files, the services and images, or what a rollback goes to. GUI
// thread.
#pragma once

#include "ui/model/console_facts.h"

#include <QWidget>

class QLineEdit;
class QPushButton;
class QRadioButton;

namespace ratdeck {

class PathList;
class PlainLabel;
class RollbackChoice;
class ServiceChoice;

class PlanForm : public QWidget {
  Q_OBJECT
public:
  explicit PlanForm(QWidget* parent = nullptr);

  // Fills the form in from the target's choice; what was typed is gone.
  void setTarget(const TargetFacts& target);
  void setStack(const StackFacts& stack);
  // Services that the plan knows and the target did not.
  void addServicesOf(const Plan& plan);
  void setKind(PlanKind kind);
  void setUtc(bool isUtc);
  // What goes on, so that no plan can be wished for now; "" = nothing.
  void setBusy(const QString& what);

  PlanWish wish() const;
  // Whether this wish can be planned at all.
  bool isComplete() const;
  // As the button: emits planWanted where it may.
  void plan();
  void focusForm();

Q_SIGNALS:
  void changed();
  void planWanted(const ratdeck::PlanWish& wish);

private:
  QWidget* buildParts();
  void showKind();
  void showButton();

  StackChoice m_choice; // what the form does not show of it stays
  QString m_busy;
  QRadioButton *m_deploy, *m_try, *m_rollback;
  PlainLabel *m_kindText, *m_refusal;
  PathList *m_files, *m_envFiles;
  QWidget* m_filesPart; // of a deploy or a try
  QLineEdit* m_profiles;
  ServiceChoice* m_services;
  RollbackChoice* m_goal;
  QPushButton* m_plan;
};

} // namespace ratdeck
