// Times as the window writes them: every duration with its unit, every countdown with its effect. Pure.
#pragma once

#include "core/base/clock.h"

#include <QString>

#include <optional>

namespace ratdeck {

// "14 s", "1 min 42 s", "2 h 5 min", "9 days": rounded to what a person can use; "0 s" for nothing and less.
QString durationText(Duration duration);
// "14 s", "12 min 5 s", "1 h 2 min": what is left, rounded up; "0 s" when it is over.
QString countdownText(Duration left);
// "14 s → end 3 runs"; "" where there is no end, or nothing is said of it.
QString countdownText(const std::optional<BootTime>& until, const QString& then, Instant now);
// "14:32:05 CET", or "13:32:05 UTC"; `isUtc` chooses.
QString clockText(WallTime time, bool isUtc);
// "Thu 26 Nov 14:32 CET"
QString dateText(WallTime time, bool isUtc);

} // namespace ratdeck
