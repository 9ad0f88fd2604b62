// What charts call their measures, how they write values, and how high they reach. Pure.
#pragma once

#include "ui/model/sample_series.h"

#include <QString>

namespace ratdeck {

QString titleOf(Measure measure);
QString axisUnitOf(Measure measure); // of an axis, in words: "per second"
QString sideWord(Side side);         // "total", "old", "new"
// "1,204 /s", "0.33 %", "12 ms", "7"; what is not nothing is never written as 0.
QString valueText(Measure measure, double value);
// The round end of an axis from 0 that shows `greatest` with some room above; its half is round as well.
double topOf(Measure measure, double greatest);
// How many decimals the axis with this top needs.
int decimalsOf(double top);

} // namespace ratdeck
