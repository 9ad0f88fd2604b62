// The situations that the window is looked at in, each with the shipped stack on its way from 1.0.0 to 2.0.0.
#pragma once

#include "tests/ui/stage.h"

namespace ratdeck::test {

struct Situation {
  const char* name; // of its picture
  std::unique_ptr<Stage> (*make)();
};

const std::vector<Situation>& situations();

} // namespace ratdeck::test
