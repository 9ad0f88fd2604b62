// A window on a clock that stands still until it is moved, shown what a real console would be shown: a
// target, what runs there, the router's counts of each second, and the events of a rollout that the product's
// own law carries out on a virtual world.
#pragma once

#include "tests/support/manual_clock.h"
#include "tests/support/rollout_world.h"
#include "tests/ui/shipped_traffic.h"
#include "ui/model/console_model.h"
#include "ui/pages/main_window.h"

#include <memory>

namespace ratdeck::test {

class Stage {
public:
  // When each stage begins: an afternoon.
  static Instant beginning();

  // The target is open and what runs there was seen.
  Stage(const TargetFacts& target, const StackFacts& stack);
  ~Stage();

  MainWindow& window() { return m_window; }
  const RolloutState& state() const { return m_world->state(); }
  ShippedTraffic& traffic() { return m_traffic; }
  // Whether the sandbox's load is told at the window's foot.
  void tellLoad(bool isTold) { m_tellsLoad = isTold; }

  // What becomes of a copy, where it is not as usual.
  using Fates = std::function<void(CopyFate&, const std::string& service, InstanceRole)>;
  void begin(Plan plan, Fates fates = {});
  // So many active runs from now on, which do not end. Before `begin`.
  void keepRuns(const std::string& service, int count) { m_runs[service] = count; }
  void command(Command command);
  // Nothing is counted and nobody answers from now on.
  void cutOff(const Error& why);
  // The engine tells the rollout that it reached nobody for so long.
  void noticeAway(Duration silence);

  void pass(Duration time);
  // Until this is logged, looked for from where the last search ended: "GatePassed ratd-2".
  void passUntil(const std::string& logged);
  // Until the rollout is over, and its end is shown.
  void passUntilEnd();

private:
  CopyFate fateOf(const InstanceId& id) const;
  std::vector<RoutedCopy> routedCopies() const;
  void lookAgain();
  bool isLogged(const std::string& logged);
  void passTurn();
  void sample();
  void tellEvents();
  void tellCounts();

  ManualClock m_clock;
  ConsoleModel m_model;
  MainWindow m_window;
  StackFacts m_stack;
  ShippedTraffic m_traffic;
  Fates m_fates;
  std::map<std::string, int> m_runs;
  std::unique_ptr<RolloutWorld> m_world;
  size_t m_told = 0;   // events that the window knows
  size_t m_looked = 0; // events that passUntil has seen
  int m_turns = 0;
  bool m_tellsLoad = false, m_isCutOff = false;
};

} // namespace ratdeck::test
