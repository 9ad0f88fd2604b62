// What was done with each service and how long it took: the bars of the step timeline, folded from events.
// Value type; no clock.
#pragma once

#include "core/rollout/rollout_state.h"
#include "ui/model/boot_shift.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ratdeck {

enum class Stage { Approval, Start, Gate, Switch, Runs, Drain, Watch, Stop, Undo, Task };

struct StageSpan {
  Stage stage = Stage::Start;
  Instant from;
  std::optional<Instant> to; // absent: under way
  bool hasFailed = false;
  bool operator==(const StageSpan&) const = default;
};

// While nobody looked or nobody answered: what was going on then is not known.
struct Absence {
  Instant from;
  std::optional<Instant> to; // absent: it lasts
  bool operator==(const Absence&) const = default;
};

class StepTimeline {
public:
  // `state` is the state after the event.
  void add(const Event& event, const RolloutState& state);

  // In the order of their beginnings.
  const std::vector<StageSpan>& spansOf(const std::string& service) const;
  // In the order of their beginnings.
  const std::vector<Absence>& absences() const { return m_absences; }
  // What the plan allows the stage at most; zero where it says nothing.
  static Duration plannedOf(const Plan& plan, const std::string& service, Stage stage);

private:
  void begin(const std::string& service, Stage stage, Instant at);
  void end(const std::string& service, Stage stage, Instant at, bool hasFailed = false);
  void closeAll(Instant at, bool isOver);
  void endAll(const std::string& service, Instant at, bool hasFailed);
  void addApproval(const Event& event, const RolloutState& state);
  void addAbsence(const Event& event, const RolloutState& state);

  void move(Duration by);

  BootShift m_shift;
  std::map<std::string, std::vector<StageSpan>> m_spans;
  std::vector<Absence> m_absences;
};

const char* toString(Stage stage); // approval, start, gate …

} // namespace ratdeck
