// One function a command; each returns the exit code of the interface.
#pragma once

#include "app/ratdeckctl/options.h"
#include "app/stack/environment.h"

namespace ratdeck {

int runConfig(const Environment& environment, const Options& options);
int runPlan(const Environment& environment, const Options& options);
int runDeploy(const Environment& environment, const Options& options);
int runRollback(const Environment& environment, const Options& options);
int runResumeUnfinished(const Environment& environment, const Options& options);
int runStatus(const Environment& environment, const Options& options);
int runRuns(const Environment& environment, const Options& options);
int runHistory(const Environment& environment, const Options& options);
int runSandbox(const Environment& environment, const Options& options);
int runDemo(const Environment& environment, const Options& options);

} // namespace ratdeck
