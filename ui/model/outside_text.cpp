#include "ui/model/outside_text.h"

#include "ui/model/plain.h"

#include <algorithm>

namespace ratdeck {

QString outsideText(const QString& text, int longest) {
  const auto isHarmless = [](QChar c) {
    return c >= QLatin1Char(' ') && c <= QLatin1Char('~');
  };
  if (text.size() <= longest && std::all_of(text.begin(), text.end(), isHarmless))
    return text;
  const bool isCut = text.size() > longest;
  const auto shown = plain(text.left(isCut ? longest - 1 : longest).toStdString());
  return isCut ? shown + QChar(0x2026) : shown;
}

QString tooltipText(const QStringList& lines) {
  QStringList escaped;
  for (const auto& line : lines)
    if (!line.isEmpty())
      escaped += outsideText(line).toHtmlEscaped();
  return escaped.isEmpty()
             ? QString()
             : QStringLiteral("<qt>") + escaped.join(QStringLiteral("<br>")) + QStringLiteral("</qt>");
}

} // namespace ratdeck
