#include "ui/model/plain.h"

#include "core/base/plain_text.h"

#include <algorithm>

namespace ratdeck {

namespace {

const QChar ellipsis(0x2026);
constexpr int longestInToolTip = 1000; // characters of a line

} // namespace

QString plain(std::string_view text, size_t limit) {
  const auto shown = QString::fromStdString(plainText(text.substr(0, limit)));
  return text.size() > limit ? shown + ellipsis : shown;
}

QString plain(const QString& text, int longest) {
  const auto isHarmless = [](QChar c) {
    return c >= QLatin1Char(' ') && c <= QLatin1Char('~');
  };
  if (text.size() <= longest && std::all_of(text.begin(), text.end(), isHarmless))
    return text;
  const bool isCut = text.size() > longest;
  const auto shown =
      QString::fromStdString(plainText(text.left(isCut ? longest - 1 : longest).toStdString()));
  return isCut ? shown + ellipsis : shown;
}

QString onButton(QString text) {
  return text.replace(QLatin1Char('&'), QStringLiteral("&&"));
}

QString plainToolTip(const QStringList& lines) {
  QStringList escaped;
  for (const auto& line : lines)
    if (!line.isEmpty())
      escaped += plain(line, longestInToolTip).toHtmlEscaped();
  return escaped.isEmpty()
             ? QString()
             : QStringLiteral("<qt>") + escaped.join(QStringLiteral("<br>")) + QStringLiteral("</qt>");
}

QString plainToolTip(const QString& line) {
  return plainToolTip(QStringList{line});
}

} // namespace ratdeck
