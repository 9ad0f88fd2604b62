// A window without widgets: it asks the desk, holds the engine, and keeps what it was told last.
#pragma once

#include "app/ratdeck/desk_handle.h"

#include <QProcessEnvironment>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ratdeck {

// As a window would find it that is started with these variables, its companions beside `program`.
Environment environmentOfWindow(const QProcessEnvironment& variables, const QString& program);

class DeskWindow : public QObject {
public:
  explicit DeskWindow(const Environment& environment);

  // Each waits for its answer. False: refused (refusalText), or it takes too long.
  bool makePlan(const PlanWish& wish);
  bool start(const std::string& approve = "auto"); // until its engine is there
  bool handOver();                                 // of the last rollout; its engine was shut down
  bool takeBack();
  bool lookAgain();

  bool waitForEvent(EventType type);
  bool waitForEnd(); // and for a look after it
  bool has(EventType type) const;
  // The last rollout's; "" = it has not ended.
  std::string result() const;
  std::string refusalText() const { return refusal ? refusal->second.toString() : std::string(); }
  // In the midst of the rollout: the journal stays unfinished.
  void leave();

  DeskHandle desk;
  bool isWilling = true; // to begin what is ready
  int declined = 0;
  std::unique_ptr<EngineHandle> engine;
  std::vector<Event> events; // of the rollout that was begun last
  std::string rollout, journal;

  std::optional<TargetFacts> target;
  std::optional<std::pair<bool, QString>> tested;
  std::optional<StackFacts> stack;
  std::optional<Error> loss;
  std::vector<EventBatch> samples;
  std::optional<PlanFacts> plan;
  std::optional<QString> handedOver;
  std::optional<bool> runsStack;
  std::optional<LoadFacts> load, finalLoad;
  std::optional<std::pair<ConsoleAction, Error>> refusal;

private:
  void take(const RolloutStart& start);
};

} // namespace ratdeck
