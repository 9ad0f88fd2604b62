// What the window holds of the desk: all that a person does beside a running rollout, done in a thread of its
// own, one thing after the other in the order of the calls.
//
// Lives in the window's thread; its signals arrive there. Each call is answered by one of the signals named
// beside it, or by failed().
#pragma once

#include "app/ratdeck/desk_signals.h"
#include "app/stack/environment.h"

#include <QThread>

#include <string>

namespace ratdeck {

class Desk;

class DeskHandle : public DeskSignals {
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
  // Ends the plans and starts that were asked for until now: each that is not over yet is answered by
  // failed() with Cancelled, and no service was changed by it. One that is ready by then is let go with
  // release().
  void cancel();
  // -> ready, and the rollout is live.
  void resume(const ResumeWish& wish);
  // What the journal of a rollout of the open stack tells. Changes nothing. -> inspected
  void inspect(const std::string& rollout);
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
  // Load on the sandbox that is open; `rate` requests a second. -> loadSeen each second
  void startLoad(double rate);
  void stopLoad(); // -> loadStopped

  // Ends what is under way, leaves the target and joins the thread; at most about 2 s. No signal comes after.
  void shutDown();

private:
  void forwardSignals();
  // In the desk's thread, soon.
  template <class Method, class... Arguments>
  void post(Method method, const Arguments&... arguments);

  QThread m_thread;
  Desk* m_desk = nullptr; // lives in m_thread
};

} // namespace ratdeck
