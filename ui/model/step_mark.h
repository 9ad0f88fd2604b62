// A boundary between two steps of a rollout, where charts draw a line.
#pragma once

#include "ui/model/line.h"

#include <QString>

namespace ratdeck {

enum class MarkKind { Wave, Switch, Undo, End };

struct StepMark {
  ChartTime at = 0;
  MarkKind kind = MarkKind::Wave;
  QString label;   // short: "wave 2", "ratd switched", "undo", "ended"
  QString service; // of a Switch
  bool operator==(const StepMark&) const = default;
};

} // namespace ratdeck
