// Which target is chosen, and how it is opened: the one place that knows which runtimes there are.
#pragma once

#include "app/stack/environment.h"
#include "core/engine/stack_folders.h"
#include "core/runtime/stack_target.h"
#include "core/spec/stack_choice.h"
#include "core/spec/stack_spec.h"

#include <functional>
#include <memory>

namespace ratdeck {

struct TargetChoice {
  StackKey key;      // what names the stack's folders
  std::string title; // for people: "the sandbox default", "Docker at unix:///var/run/docker.sock"
  // `store`: RevisionStore::id() of the stack's revisions. Errors: Unreachable where it is not there.
  std::function<Result<std::unique_ptr<StackTarget>>(const std::string& store)> open;
};

// Opens nothing. Errors: Refused for a runtime that this program does not have; Input (an endpoint that is
// none).
Result<TargetChoice> chooseTarget(const Environment& environment, const StackChoice& choice,
                                  const StackSpec& stack);

} // namespace ratdeck
