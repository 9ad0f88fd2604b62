// What the desk tells: the same signals at the desk itself, in its thread, and at the handle that the window
// holds, in the window's.
#pragma once

#include "app/ratdeck/rollout_start.h"
#include "core/engine/event_batch.h"
#include "ui/model/console_facts.h"

#include <QObject>

namespace ratdeck {

class DeskSignals : public QObject {
  Q_OBJECT
public:
  using QObject::QObject;

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
  void inspected(const QString& rollout, const ratdeck::EventBatch& events);
  void handedOver(const QString& rollout);
  // `runsStack`: copies of an earlier deploy run there.
  void sandboxUp(bool runsStack);
  void loadSeen(const ratdeck::LoadFacts& load);
  void loadStopped(const ratdeck::LoadFacts& load);
  void failed(ratdeck::ConsoleAction action, const ratdeck::Error& error);
};

} // namespace ratdeck
