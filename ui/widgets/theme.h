// The window's colours and shapes. A theme follows from a palette, so a widget asks for it when it paints and
// a change of the palette changes everything. Status is colour + shape + word: never the colour alone.
// Pure, but for paintMood and applyTheme; GUI thread.
#pragma once

#include "ui/model/service_row.h"
#include "ui/model/theme_choice.h"

#include <QColor>
#include <QPalette>

class QApplication;
class QPainter;
class QRectF;

namespace ratdeck {

struct Theme {
  bool isDark = false;
  QColor window;  // behind everything
  QColor surface; // of tables, nodes, charts
  QColor raised;  // of strips and headers
  QColor text;
  QColor muted; // of what is said beside; at least 4.5 : 1 on surface and window
  QColor line;  // borders and grids
  QColor accent;
  QColor ok, failed, waiting, running, unknown; // for shapes and lines, 3 : 1 on surface
  QColor oldVersion, newVersion, total;         // lines of charts
};

// Steps of the 8-pixel grid, in device-independent pixels.
inline constexpr int halfStep = 4;
inline constexpr int step = 8;

Theme themeOf(const QPalette& palette);
// Of the stripe and the word that say which target this is before anything is read: production is the
// loudest. `band`: a runtime's name in capitals; empty: no target.
QColor targetColor(const Theme& theme, const QString& band);
QColor moodColor(const Theme& theme, Mood mood);
// What the mood is called where no better word is at hand: "ok", "failed" …
QString moodWord(Mood mood);
// The mood's shape in its colour, filling `box`: a check in a disc, a cross in a square, a clock, an arrow, a
// hatched disc.
void paintMood(QPainter& painter, const QRectF& box, const Theme& theme, Mood mood);

void applyTheme(QApplication& application, ThemeChoice choice);

} // namespace ratdeck
