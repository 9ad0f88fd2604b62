#include "ui/widgets/words.h"

#include "ui/model/plain.h"

#include <QRegularExpression>
#include <QStringList>

namespace ratdeck {

QString joinedWords(const std::vector<std::string>& words) {
  QStringList parts;
  for (const auto& word : words)
    parts << plain(word);
  return parts.join(QStringLiteral(", "));
}

std::vector<std::string> splitWords(const QString& text) {
  static const QRegularExpression between(QStringLiteral("[,\\s]+"));
  std::vector<std::string> words;
  for (const auto& word : text.split(between, Qt::SkipEmptyParts))
    words.push_back(word.toStdString());
  return words;
}

} // namespace ratdeck
