// What starting a plan that is shown would do, and why it cannot be started now. Pure; text from outside is
// plain in it, but for the command.
#pragma once

#include "ui/model/console_facts.h"

#include <QString>

namespace ratdeck {

// "SANDBOX", "DOCKER"
QString bandOf(const TargetFacts& target);
// "SANDBOX rat (the sandbox default)"; `project` is the plan's.
QString targetText(const TargetFacts& target, const std::string& project);
// "Deploy to SANDBOX rat (the sandbox default)", "Roll back … to revision 4".
QString startLabel(const TargetFacts& target, const PlanFacts& facts);

// What a plan cannot say of itself.
struct StartCircumstances {
  QString busy; // what goes on: "planning…"; "" = nothing
  bool isOutOfDate = false;
  bool isReadOnly = false;
  bool isAwayAccepted = false;
  std::set<std::string> pastSchema = {}; // versions that were typed
  bool isOverrideGiven = false;          // why it is to begin outside its windows or in a freeze
};
// The schema versions that a return leaves behind it, as they are to be typed: "042.sql, 043.sql"; "" = none.
QString pastSchemaText(const Plan& plan);
// In words, to stand beside the button; "" = it can be started. Without a plan: nullptr.
QString startRefusal(const PlanFacts* facts, const StartCircumstances& circumstances);

// The ratdeckctl line that plans and starts the same; a change number is not part of it.
std::string startCommand(const PlanWish& wish, const StartWish& start);

} // namespace ratdeck
