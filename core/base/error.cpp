#include "core/base/error.h"

namespace ratdeck {

std::string SourceLocation::toString() const {
  if (file.empty() || line <= 0)
    return file;
  return file + ":" + std::to_string(line) + ":" + std::to_string(column > 0 ? column : 1);
}

std::string Error::toString() const {
  std::string text = where.isKnown() ? where.toString() + ": " + message : message;
  if (!next.empty())
    text += "; " + next;
  return text;
}

} // namespace ratdeck
