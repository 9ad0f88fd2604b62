#include "ui/model/left_behind.h"

#include "ui/model/headline.h"
#include "ui/model/verb.h"

namespace ratdeck {

LeftBehind leftBehindOf(const RolloutState& state) {
  auto resumed = state;
  resumed.isAway = false; // that was so for the engine that left it
  return {progressText(resumed), undoVerb(resumed, state.lastEventAt).consequence};
}

} // namespace ratdeck
