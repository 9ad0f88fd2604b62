// A sentence with its status: colour + shape + word. Plain value.
#pragma once

#include "ui/model/service_row.h"

namespace ratdeck {

struct StatusLine {
  Mood mood = Mood::Unknown;
  QString word;   // "USERS OK", "ROLLING"
  QString detail; // the rest, parts set apart by " · "
  bool operator==(const StatusLine&) const = default;
};

} // namespace ratdeck
