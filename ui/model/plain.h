// Text from outside on its way to the screen. Pure.
#pragma once

#include "core/base/plain_text.h"

#include <QString>

#include <string_view>

namespace ratdeck {

// One line without controls or overrides, at most `limit` bytes of it and then "…".
inline QString plain(std::string_view text, size_t limit = 4096) {
  const bool isCut = text.size() > limit;
  return QString::fromStdString(plainText(text.substr(0, limit))) + (isCut ? QStringLiteral("…") : QString());
}

} // namespace ratdeck
