// What crosses from the engine's thread to its listeners: an immutable run of events, in order, already on
// disk.
#pragma once

#include "core/rollout/event.h"

#include <QMetaType>

#include <memory>
#include <vector>

namespace ratdeck {

using EventBatch = std::shared_ptr<const std::vector<Event>>;

} // namespace ratdeck

Q_DECLARE_METATYPE(ratdeck::EventBatch)
Q_DECLARE_METATYPE(ratdeck::Error)
