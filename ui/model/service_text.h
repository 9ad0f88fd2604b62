// What the window says of a service: shared by the graph, its table, tooltips and screen readers. Safe to
// show as plain text. Pure.
#pragma once

#include "ui/model/service_row.h"

namespace ratdeck {

// "2.3.0 → 2.4.0"; "2.4.0" where it stays; "none → 2.4.0" where nothing runs yet; "none".
QString versionsText(const ServiceRow& row);
// "draining · 2 of 3 probes pass": the status and the health; one of them where they say the same.
QString stateText(const ServiceRow& row);
// "3 in flight"; "" where it is not known.
QString inFlightText(const ServiceRow& row);
// "25/s", "1,200/s", "0.4/s"; "" where it is not known.
QString rateText(const ServiceRow& row);
// "14 s → end 3 runs"; "no deadline" of what waits without one; "" of what does not wait.
QString untilText(const ServiceRow& row, Instant now);
// The part of the wait that is left, from 0 to 1; absent where start or end are.
std::optional<double> waitLeft(const ServiceRow& row, Instant now);
// Everything there is to say, in short lines, the name first.
QStringList serviceLines(const ServiceRow& row, Instant now);

} // namespace ratdeck
