// A rollout that is ready to begin: the stack is held for it, and what its engine is built with. Made in the
// desk's thread, begun once in the window's.
#pragma once

#include "core/engine/engine_handle.h"
#include "ui/model/console_facts.h"

#include <QMetaType>

#include <memory>
#include <optional>
#include <string>

namespace ratdeck {

struct RolloutStart {
  std::string rollout; // its id
  TargetFacts target;  // where, and of which stack
  // Copies share it, since it holds the stack's lock: beginRollout takes it, and it goes when nobody begins.
  std::shared_ptr<EngineConfig> engine;
  std::optional<StartRollout> start;   // a new one,
  Revision revision;                   // and what it deploys;
  std::optional<ResumeRollout> resume; // or one that was left behind,
  std::string journal;                 // and its file
};

// The engine, with its rollout under way: its signals come once the caller's event loop turns. Call it once,
// in the thread that is to hold the engine.
std::unique_ptr<EngineHandle> beginRollout(const RolloutStart& ready);

} // namespace ratdeck

Q_DECLARE_METATYPE(ratdeck::RolloutStart)
