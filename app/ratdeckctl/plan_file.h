// The file of `plan --out`: the plan with the inputs it was made of, which `deploy PLAN` reads again.
#pragma once

#include "app/ratdeckctl/options.h"
#include "app/stack/environment.h"
#include "core/plan/plan.h"

namespace ratdeck {

// What the options name, with absolute paths: so that the file can be used from anywhere.
PlanInputs inputsOf(const Options& options, const Environment& environment);

struct PlanFile {
  Plan plan;
  Options inputs; // the options that name the inputs; the others are as in `options`
};

// Errors: NotFound, Input (not a plan file). Usage where `options` names inputs as well.
Result<PlanFile> readPlanFile(const std::string& path, const Options& options);

} // namespace ratdeck
