// Where a release engineer plans and starts: a form on the left, the plan and its start on the right. It
// knows no engine: it asks by signals and is answered by its slots. GUI thread.
//
// Life: a wish is planned (planWanted, answered by showPlan or showFailure), looked at, and started
// (carryOutWanted, followed by showBusy lines and, where that fails, showFailure). Both may be cancelled on
// the way. A plan may be started only while the form still says what it was made of. Planning changes
// nothing.
#pragma once

#include "ui/model/console_facts.h"
#include "ui/model/status_line.h"

#include <QWidget>

#include <optional>

class QPushButton;

namespace ratdeck {

class PageNotice;
class PlainLabel;
class PlanForm;
class PlanView;
class StartBar;
class StatusLabel;

class PlanPage : public QWidget {
  Q_OBJECT
public:
  explicit PlanPage(QWidget* parent = nullptr);

  // The open target. A plan of before is gone; the form is filled in anew where the choice is another one.
  void setTarget(const TargetFacts& target);
  // What runs there now; may come often.
  void setStack(const StackFacts& stack);
  // Not: nothing can be started, with the reason in words. Plans can be made.
  void setReadOnly(bool isReadOnly);
  void setUtc(bool isUtc);
  // How users are meanwhile.
  void setUsers(const StatusLine& users);
  // From the beginning, with this kind chosen; what else stands in the form stays.
  void begin(PlanKind kind);

public Q_SLOTS:
  // As a click on Plan.
  void plan();
  void showPlan(const ratdeck::PlanFacts& facts);
  // What goes on at this moment; nothing can be asked for until showPlan, showFailure or begin.
  void showBusy(const QString& what);
  // The same of a start, after which the rollout begins by itself.
  void showPreparing(const QString& step);
  // Of the plan that was wished for, or of the start: a plan that was to be started stays. Cancelled is none,
  // and is said as what it is.
  void showFailure(const ratdeck::Error& error);

Q_SIGNALS:
  void planWanted(const ratdeck::PlanWish& wish);
  void carryOutWanted(const ratdeck::StartWish& wish);
  // What goes on is to end; showFailure says that it did.
  void cancelWanted();
  void closed();

protected:
  void paintEvent(QPaintEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

private:
  void build();
  QWidget* buildRight();
  void ask(const PlanWish& wish);
  void start(const StartWish& wish);
  void cancel();
  void dropPlan();
  void refresh();

  std::optional<StackChoice> m_choice; // of the target that is open
  QString m_band;                      // its runtime, in capitals
  std::optional<PlanFacts> m_facts;
  std::optional<Error> m_failure;
  QString m_busy;
  bool m_isStarting = false; // what goes on, or failed, is a start
  bool m_isCancelling = false;
  bool m_isReadOnly = false;
  QPushButton* m_back;
  PlainLabel* m_title;
  StatusLabel* m_users;
  PlanForm* m_form;
  PageNotice* m_notice;
  PlanView* m_view;
  StartBar* m_start;
};

} // namespace ratdeck
