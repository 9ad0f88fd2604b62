// What runs at the target now, in a sentence. Pure.
#pragma once

#include "core/spec/world.h"

#include <QString>

namespace ratdeck {

// "Now: 12 copies run, all healthy", "Now: 12 copies run, 1 unhealthy: portal-3"; "" where it is not known.
QString stackNowText(const World& world);

} // namespace ratdeck
