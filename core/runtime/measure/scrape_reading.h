// What a scrape asks for, picked out of all that a copy exposes. Pure.
#pragma once

#include "core/remote/prometheus/exposition.h"
#include "core/runtime/measure/counter_window.h"

namespace ratdeck {

// A metric that is not exposed at all is missing; one of errors with other labels than asked for counts as 0,
// since services show a series once it has happened. Errors: Input (a selector; over 2,000 series fit).
Result<CounterReading> readingOf(const MeasurementSpec& spec, const Exposition& exposed);

} // namespace ratdeck
