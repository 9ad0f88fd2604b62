// The desk itself, behind DeskHandle: its calls and signals are described there. Lives in a thread of its
// own, with an event loop, where it waits for answers; so its calls come while it waits, and take their turn.
#pragma once

#include "app/ratdeck/desk_signals.h"
#include "app/ratdeck/past_look.h"
#include "app/ratdeck/planning.h"
#include "app/ratdeck/sandbox_controls.h"
#include "app/ratdeck/task_queue.h"
#include "core/engine/sampler.h"

#include <QTimer>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace ratdeck {

class Desk : public DeskSignals {
  Q_OBJECT
public:
  explicit Desk(const Environment& environment);
  ~Desk() override;

  void open(const StackChoice& choice);
  void testTarget(const StackChoice& choice);
  void look();
  void plan(const PlanWish& wish);
  void carryOut(const StartWish& wish);
  void cancel();
  void resume(const ResumeWish& wish);
  void inspect(const std::string& rollout);
  void rolloutEnded();
  void release();
  void handOver(const std::string& rollout);
  void takeBack(const ResumeWish& wish);
  void bringSandboxUp(const StackChoice& choice);
  void startLoad(double rate);
  void stopLoad();

  // Ends what is under way, leaves the target and quits the thread.
  void close();

private:
  void add(ConsoleAction action, std::function<Status()> task);
  void lookLater();
  Status lookNow();
  bool reopen();
  void sampleIdle(const World& world);
  void show(const Observation& sample);
  Status checkIdle() const;
  Status checkOpen() const;
  Status openNow(const StackChoice& choice, bool isMade);
  Status workOn(const StackChoice& choice);
  void addWish(ConsoleAction action, std::function<Status()> task);
  void workAnew();
  Status planNow(const PlanWish& wish);
  Status carryOutNow(const StartWish& wish);
  Status resumeNow(const ResumeWish& wish);
  Status inspectNow(const std::string& rollout);
  Status endNow();
  Status handOverNow(const std::string& rollout);
  Status bringSandboxUpNow(const StackChoice& choice);
  Result<SandboxControls*> sandbox() const;
  bool isNew(const Place& place) const { return place.folders().stack == m_newStack; }
  void goLive(RolloutStart start);
  static TargetFacts targetFacts(const Place& place, const StackChoice& choice);

  const Environment m_environment;
  const SystemClock m_clock;
  TaskQueue m_tasks;
  QTimer m_lookTimer;
  bool m_isLookPending = false;

  std::optional<Place> m_open; // what is looked at
  StackChoice m_choice;        // how it was chosen
  bool m_isLost = false;
  bool m_runsStack = false; // copies of an earlier deploy ran when it was seen last
  PastLook m_past;
  std::unique_ptr<Sampler> m_sampler;         // reads m_open's router
  std::unique_ptr<SandboxControls> m_sandbox; // where m_open is one
  std::string m_newStack; // of a sandbox that was made since: no rollout has begun on it; "" = none

  std::optional<Place> m_work; // where a rollout is planned, made ready or live
  StackChoice m_workChoice;
  std::optional<Planned> m_planned;             // on m_work
  int m_wishes = 0;                             // plans and starts that were asked for
  std::map<int, ConsoleAction> m_waitingWishes; // for their turn, by number
  bool m_isWishUnderWay = false;
  bool m_isLive = false;
};

} // namespace ratdeck
