// How weighty a problem is, as a shape: a cross in a square, an exclamation mark in a triangle, an i in a
// ring. GUI thread.
#pragma once

#include "ui/widgets/theme.h"

#include "core/plan/plan.h"

namespace ratdeck {

QColor severityColor(const Theme& theme, Severity severity);
// Fills `box`, which is a square.
void paintSeverity(QPainter& painter, const QRectF& box, const Theme& theme, Severity severity);

// Behind a mark on a selected row, whose colour the marks are not made for.
void paintMarkGround(QPainter& painter, const QRectF& mark, const Theme& theme);

} // namespace ratdeck
