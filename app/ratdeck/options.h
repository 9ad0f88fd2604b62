// What the window's command line said. Plain values, checked for form only.
#pragma once

#include "core/spec/stack_choice.h"
#include "ui/model/theme_choice.h"

#include <QStringList>

#include <optional>
#include <string>

namespace ratdeck {

struct WindowOptions {
  StackChoice choice;
  bool isSandboxNamed = false; // --sandbox: brought up where it is not
  bool isTargetNamed = false;  // the words name a stack or a target: open it at once
  bool isReadOnly = false;     // --read-only
  ThemeChoice theme = ThemeChoice::System;
  std::optional<double> load; // --load RATE: of the sandbox, in requests a second
};

struct ParsedWindowOptions {
  WindowOptions options;
  std::optional<int> exitCode; // set: print the texts and exit with it (--help, --version, bad usage)
  std::string out, err;        // for stdout and stderr
};

// `arguments` begin with the program's name. Pure; needs no application object.
ParsedWindowOptions parseWindowOptions(const QStringList& arguments);

} // namespace ratdeck
