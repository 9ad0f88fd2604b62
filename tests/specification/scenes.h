// The sentences that need a bad version, or active runs: each a rollout of its own, and one more with the
// behaviour switched off.
#pragma once

#include "tests/specification/specification.h"

namespace ratdeck {

class SpecificationScenes : public Specification {
  Q_OBJECT

private Q_SLOTS:
  void section_3_the_old_runner_takes_no_new_work_before_the_switch();
  void section_3_active_runs_end_before_the_runner_is_switched();
  void section_3_a_failed_runner_is_rolled_back();
  void monitoring_5xx_through_the_portal_bring_the_old_version_back();
  void section_3_runs_that_outlive_the_deadline_are_ended_and_left_to_the_reaper();

private:
  Scene rollRunner(const QString& version, const QString& overlay, int runs = 0, int milliseconds = 0);
};

} // namespace ratdeck
