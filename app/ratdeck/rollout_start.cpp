#include "app/ratdeck/rollout_start.h"

namespace ratdeck {

std::unique_ptr<EngineHandle> beginRollout(const RolloutStart& ready) {
  auto engine = std::make_unique<EngineHandle>(std::move(*ready.engine));
  if (ready.start)
    engine->startRollout(*ready.start, ready.revision);
  else if (ready.resume)
    engine->resumeRollout(ready.journal, *ready.resume);
  return engine;
}

} // namespace ratdeck
