#include "ui/model/outside_text.h"

#include "core/base/plain_text.h"

#include <algorithm>

namespace ratdeck {

QString outsideText(const QString& text, int longest) {
  const auto isHarmless = [](QChar c) {
    return c >= QLatin1Char(' ') && c <= QLatin1Char('~');
  };
  if (text.size() <= longest && std::all_of(text.begin(), text.end(), isHarmless))
    return text;
  const auto plain = QString::fromStdString(plainText(text.left(longest).toStdString()));
  return text.size() <= longest ? plain : plain.left(longest - 1) + QChar(0x2026);
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
