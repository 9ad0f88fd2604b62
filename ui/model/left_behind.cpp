#include "ui/model/left_behind.h"

#include "ui/model/headline.h"
#include "ui/model/verb.h"

namespace ratdeck {

LeftBehind leftBehindOf(const RolloutState& state) {
  const auto at = state.lastEventAt;
  return {progressText(state), undoVerb(state, at).consequence};
}

} // namespace ratdeck
