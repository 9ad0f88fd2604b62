// Ties the window to what stands behind it: what a person means goes to the desk or to the engine of the
// rollout, what they tell goes to the model and the window. One rollout at a time. GUI thread.
#pragma once

#include "app/ratdeck/desk_handle.h"
#include "app/ratdeck/options.h"
#include "ui/model/console_model.h"
#include "ui/pages/main_window.h"

#include <QObject>
#include <QSettings>

#include <memory>

namespace ratdeck {

class Console : public QObject {
  Q_OBJECT
public:
  Console(const Environment& environment, const WindowOptions& options);
  ~Console() override;

  MainWindow& window() { return m_window; }
  const ConsoleModel& model() const { return m_model; }

  // Shows the window and opens what the options name, else what was open last.
  void open();

private:
  void listenToDesk();
  void listenToWindow();
  void listenToEngine();
  void openTarget();
  void showOpened(const TargetFacts& target);
  void showSandbox(bool runsStack);
  void plan(const PlanWish& wish);
  void showPlan(const PlanFacts& plan);
  void begin(const RolloutStart& start);
  void dropStart();
  void showEvents(const EventBatch& batch);
  void endEngine();
  void refuseRollout(const Error& error);
  void submit(const Command& command);
  void fail(ConsoleAction action, const Error& error);
  void goOnInBackground();
  void holdAndClose();
  void close();
  StackChoice lastChoice() const;
  void rememberChoice(const TargetFacts& target);

  Environment m_environment;
  WindowOptions m_options;
  SystemClock m_clock;
  ConsoleModel m_model;
  MainWindow m_window;
  DeskHandle m_desk;
  std::unique_ptr<EngineHandle> m_engine;
  QSettings m_settings;
  std::string m_rollout;               // the one in hand, or ""
  std::optional<PlanWish> m_firstWish; // of a new sandbox: what is started without being asked for
  std::optional<PlanWish> m_nextWish;  // asked for while the engine of an ended rollout goes
  bool m_startsLoad = false;           // when that has ended well
  bool m_closesWhenHeld = false;
  bool m_isCancelling = false; // a plan or a start
};

} // namespace ratdeck
