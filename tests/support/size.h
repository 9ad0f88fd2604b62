// How much a test does: the whole that the goals are judged by with RATDECK_TEST_SIZE=full, else as much as
// fits a run of all tests.
#pragma once

#include <QString>

namespace ratdeck {

inline bool isFullSize() {
  return qEnvironmentVariable("RATDECK_TEST_SIZE") == QStringLiteral("full");
}

} // namespace ratdeck
