// A plan as a tree of rows: wave, service, step; then what stays as it is. Plain values for people.
#pragma once

#include "core/plan/plan.h"

#include <QString>

#include <vector>

namespace ratdeck {

struct PlanRow {
  enum class Kind {
    Wave,
    Service,
    Step,
    Approval,
    Detail, // why, what changes, what follows
    Group,  // of services that take no part
    Other,  // one of them
  };
  Kind kind = Kind::Detail;
  QString text;    // of services the name; else the whole row but for `atMost`
  QString version; // "2.3.0 → 2.4.0"
  QString order;   // "start-first"
  QString copies;  // "1 → 2"
  QString away;    // "≤ 42 s", "at no time"
  QString drain;   // "runs ≤ 2 min"
  QString atMost;  // of services the gate's worst case, of steps the step's
  bool isAway = false;
  std::vector<PlanRow> children;

  bool operator==(const PlanRow&) const = default;
};

std::vector<PlanRow> planRows(const Plan& plan);

} // namespace ratdeck
