// A list of words in a line edit, set apart by commas or spaces. Pure.
#pragma once

#include <QString>

#include <string>
#include <vector>

namespace ratdeck {

QString joinedWords(const std::vector<std::string>& words);
std::vector<std::string> splitWords(const QString& text);

} // namespace ratdeck
