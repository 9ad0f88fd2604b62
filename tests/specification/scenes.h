// The sentences that need a bad version, or active runs: each a rollout of its own, and one more with the
// behaviour switched off.
#pragma once

#include "tests/specification/specification.h"

namespace ratdeck {

class SpecificationScenes : public Specification {
  Q_OBJECT

private Q_SLOTS:
  void section_3_active_runs_end_before_the_runner_is_switched();
  void section_3_a_failed_runner_is_rolled_back();
  void monitoring_5xx_through_the_portal_bring_the_old_version_back();
};

} // namespace ratdeck
