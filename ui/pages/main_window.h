// The window: the page of the rollout and the page where one is planned, the menus, keys and palette over one
// list of actions. It emits what a person means and is told what came of it; it knows no engine and no
// target. GUI thread.
#pragma once

#include "core/rollout/command.h"
#include "ui/model/console_model.h"
#include "ui/widgets/action_registry.h"
#include "ui/widgets/theme.h"

#include <QMainWindow>

#include <QTimer>
#include <set>

class QSettings;
class QStackedWidget;

namespace ratdeck {

class Attention;
class CommandPalette;
class PlanPage;
class RolloutPage;
class StatusLabel;
class TargetDialog;

class MainWindow : public QMainWindow {
  Q_OBJECT
public:
  enum class ClosingWay { Background, Hold };

  // `model` outlives the window. `actor`: who its user is, for commands.
  MainWindow(ConsoleModel& model, const std::string& actor, QWidget* parent = nullptr);
  ~MainWindow() override;

  void setReadOnly(bool isReadOnly);
  void showTarget(const TargetFacts& target);
  void showStack(const StackFacts& stack);
  void showPlan(const PlanFacts& plan);
  void showPreparing(const QString& step);
  // Something that was asked for did not work; nothing was changed unless it says so.
  void showFailure(ConsoleAction action, const Error& error);
  void showTest(const StackChoice& choice, bool isReached, const QString& text);
  void showLoad(const std::optional<LoadFacts>& load);
  void showRollout();                          // the rollout's page
  void notice(Mood mood, const QString& text); // at the foot, until the next one
  // While a rollout is on its way to an engine of its own, closing would lose it.
  void setHandingOver(bool isHandingOver);
  // Closes without a question: what was asked was answered.
  void closeNow();

  void saveLayout(QSettings& settings) const;
  void restoreLayout(const QSettings& settings);
  ActionRegistry& actions() { return m_actions; }

Q_SIGNALS:
  void openWanted(const ratdeck::StackChoice& choice);
  void testWanted(const ratdeck::StackChoice& choice);
  void planWanted(const ratdeck::PlanWish& wish);
  void carryOutWanted(const ratdeck::StartWish& wish);
  void cancelWanted(); // the plan that is being made, or the start
  void commandMeant(const ratdeck::Command& command);
  void resumeWanted(const ratdeck::ResumeWish& wish);
  void inspectWanted(const QString& rollout); // that is unfinished
  void lookWanted();                          // at the target, now
  void startLoadWanted();                     // on the sandbox
  void stopLoadWanted();
  void themeWanted(ratdeck::ThemeChoice choice);
  void closingChosen(ratdeck::MainWindow::ClosingWay way);
  void closing();

protected:
  void closeEvent(QCloseEvent* event) override;

private:
  void buildPages();
  std::function<QString()> commandOf(const std::string& words) const;
  void buildTargetActions();
  void buildRolloutActions();
  void buildViewActions();
  void buildMenus();
  void listenToStrip();
  void refresh();
  void refreshActions();
  void openPlan(PlanKind kind);
  void mean(const Verb& verb);
  void submit(CommandKind kind, const QString& reason, const std::set<std::string>& pastSchema = {});
  void resumeNewest(bool undo);
  void inspectNewest();
  void lookAgain();
  void takeBack();
  void chooseTarget();
  void copy(const QString& text);
  void offerCopy(QWidget& button, const std::function<QString()>& command);
  void askBeforeClosing();
  void showKeys();

  ConsoleModel& m_model;
  std::string m_actor;
  ActionRegistry m_actions;
  bool m_mayClose = false;
  bool m_isHandingOver = false;
  QTimer m_refreshing;
  QStackedWidget* m_pages;
  RolloutPage* m_rolloutPage;
  PlanPage* m_planPage;
  StatusLabel* m_notice;
  StatusLabel* m_load;
  CommandPalette* m_palette;
  TargetDialog* m_targetDialog = nullptr;
  Attention* m_attention;
  struct {
    QAction *plan, *tryOut, *rollBack, *hold, *goOn, *endWatch, *undo, *stopHere, *approve, *reach, *resume,
        *inspect, *look, *undoUnfinished, *takeBack, *done, *startLoad, *stopLoad;
  } m_act{};
};

} // namespace ratdeck
