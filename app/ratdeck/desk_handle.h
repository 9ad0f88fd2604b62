// What the window holds of the desk: all that a person does beside a running rollout, done in a thread of its
// own, one thing after the other in the order of the calls.
//
// Lives in the window's thread; its signals arrive there. Each call is answered by one of the signals named
// beside it, or by failed().
#pragma once

#include "app/ratdeck/rollout_start.h"
#include "app/stack/environment.h"
#include "core/engine/event_batch.h"
#include "ui/model/console_facts.h"

#include <QObject>
#include <QThread>

#include <string>

namespace ratdeck {

class Desk;

class DeskHandle : public QObject {
  Q_OBJECT
public:
  explicit DeskHandle(const Environment& environment, QObject* parent = nullptr);
  ~DeskHandle() override; // as shutDown()

  // Opens the stack at its target and leaves the one that was open; where it cannot be opened, that one
  // stays. Refused while a rollout is live. -> opened, and seen after each look
  void open(const StackChoice& choice);
  // Whether a stack's target answers; changes nothing, not even what is open. -> tested, never failed
  void testTarget(const StackChoice& choice);
  // Looks at once; while no rollout is live it is looked every 5 s. -> seen, or lost
  void look();

  // -> planned. Refused while a rollout is live, or while an unfinished one stands in the way.
  void plan(const PlanWish& wish);
  // The last plan, if it is still the plan of now. -> preparing…, ready. From `ready` on the rollout is live.
  void carryOut(const StartWish& wish);
  // -> ready, and the rollout is live.
  void resume(const ResumeWish& wish);
  // The engine has ended or was shut down: it is idle here again.
  void rolloutEnded();
  // The engine refused to begin, or nobody wants what is ready any more: lets the stack go.
  void release();
  // Hands an unfinished rollout, whose engine was shut down, to an engine of its own that outlives the window
  // (background.h). -> handedOver
  void handOver(const std::string& rollout);
  // Ends the engine that a rollout was handed to, and goes on with it here. -> ready
  void takeBack(const ResumeWish& wish);

  // Starts the sandbox that is chosen where it is not up, and opens it. -> opened, sandboxUp
  void bringSandboxUp(const StackChoice& choice);
  // Load on the sandbox that is open; `rate` requests a second. -> loadStarted, then loadSeen each second
  void startLoad(double rate);
  void stopLoad(); // -> loadStopped
  // "errors=0.2" in the copies of a service, scope default, now or next; or none any more. -> faultSet
  void setFault(const std::string& service, const std::string& fault, const std::string& scope);
  void clearFaults(const std::string& service);

  // Ends what is under way, leaves the target and joins the thread; at most about 2 s. No signal comes after.
  void shutDown();

Q_SIGNALS:
  void opened(const ratdeck::TargetFacts& target);
  void tested(const ratdeck::StackChoice& choice, bool isReached, const QString& text);
  void seen(const ratdeck::StackFacts& stack);
  // The open target does not answer; looking goes on.
  void lost(const ratdeck::Error& error);
  // While no rollout is live, once a second: what the router counted, as one event Sampled.
  void sampled(const ratdeck::EventBatch& batch);
  void planned(const ratdeck::PlanFacts& plan);
  // A line for people, while it is made ready.
  void preparing(const QString& step);
  void ready(const ratdeck::RolloutStart& start);
  void handedOver(const QString& rollout);
  // `runsStack`: copies of an earlier deploy run there.
  void sandboxUp(bool runsStack);
  void loadStarted();
  void loadSeen(const ratdeck::LoadFacts& load);
  void loadStopped(const ratdeck::LoadFacts& load);
  void faultSet(const QString& service);
  void failed(ratdeck::ConsoleAction action, const ratdeck::Error& error);

private:
  // In the desk's thread, soon.
  template <class Method, class... Arguments>
  void post(Method method, const Arguments&... arguments);

  QThread m_thread;
  Desk* m_desk = nullptr; // lives in m_thread
};

} // namespace ratdeck
