// What all cards of a graph share at one zoom: fonts, measures and colours. Plain values; GUI thread.
#pragma once

#include "ui/widgets/theme.h"

#include <QFont>
#include <QSizeF>

namespace ratdeck {

struct CardStyle {
  Theme theme;
  qreal zoom = 1;
  QFont name, text, version; // never smaller than what can be read, however far the zoom is out
  qreal lineHeight = 0;
  qreal padding = 0;
  int id = 0; // changes with the fonts: what was laid out in other ones is stale

  // How many lines a card has room for, from 0 to 4.
  int linesIn(const QSizeF& card) const;
};

// `id` is for the caller to set.
CardStyle cardStyle(const QFont& font, const QPalette& palette, qreal zoom);

// Of a card at zoom 1, on the grid: as large as its font needs for four lines.
QSizeF cardSize(const QFont& font);

} // namespace ratdeck
