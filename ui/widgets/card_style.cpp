#include "ui/widgets/card_style.h"

#include <QFontDatabase>
#include <QFontInfo>
#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace ratdeck {

namespace {

constexpr int mostLines = 4; // a graph shows how things hang together; the table has the rest
constexpr int leastCharacters = 6;
constexpr int smallestFont = 10; // pixels

qreal onGrid(qreal length) {
  return std::ceil(length / step) * step;
}

} // namespace

int CardStyle::linesIn(const QSizeF& card) const {
  // Of a name there must be enough to tell one from another.
  if (card.width() - 2 * padding - lineHeight < leastCharacters * QFontMetricsF(name).averageCharWidth())
    return 0;
  return std::clamp(static_cast<int>((card.height() - 2 * padding + 1) / lineHeight), 0, mostLines);
}

CardStyle cardStyle(const QFont& font, const QPalette& palette, qreal zoom) {
  CardStyle style;
  style.theme = themeOf(palette);
  style.zoom = zoom;
  const int size = std::max(smallestFont, qRound(QFontInfo(font).pixelSize() * zoom));
  style.text = font;
  style.text.setPixelSize(size);
  style.name = style.text;
  style.name.setBold(true);
  style.version = QFontDatabase::systemFont(QFontDatabase::FixedFont);
  style.version.setPixelSize(size);
  style.lineHeight =
      std::ceil(std::max(QFontMetricsF(style.name).height(), QFontMetricsF(style.version).height()));
  style.padding = std::max<qreal>(3, step * zoom);
  return style;
}

QSizeF cardSize(const QFont& font) {
  const auto style = cardStyle(font, {}, 1);
  constexpr int widest = 22; // characters of a line that is not cut off: "14 s → end 3 runs" and the ring
  return {onGrid(2 * style.padding + widest * QFontMetricsF(style.version).averageCharWidth()),
          onGrid(2 * style.padding + mostLines * style.lineHeight)};
}

} // namespace ratdeck
