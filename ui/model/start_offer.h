// What starting a plan that is shown would do, and why it cannot be started now. Pure; text from outside is
// plain in it, but for the command.
#pragma once

#include "ui/model/console_facts.h"

#include <QString>

namespace ratdeck {

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
  bool isOverrideGiven = false; // why it is to begin outside its windows or in a freeze
};
// In words, to stand beside the button; "" = it can be started. Without a plan: nullptr.
QString startRefusal(const PlanFacts* facts, const StartCircumstances& circumstances);

// The ratdeckctl line that plans and starts the same; a change number is not part of it.
std::string startCommand(const PlanWish& wish, const StartWish& start);

} // namespace ratdeck
