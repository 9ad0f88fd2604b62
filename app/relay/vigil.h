// Process 1 of the relay's container: it does nothing, and ends when nobody needs it any more, so that a
// console that was killed leaves nothing behind.
#pragma once

#include <chrono>

namespace ratdeck::relay {

// Returns after `patience` without a sign of life, two seconds after SIGHUP (a console has left) if none
// comes by then, five seconds after the last one that comes later, or on SIGTERM. Main thread, before there
// are others.
void keepVigil(std::chrono::seconds patience);

// Tells process 1 that it is needed; does nothing where that is another program.
void giveSignOfLife();

} // namespace ratdeck::relay
