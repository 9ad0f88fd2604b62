// What a person can type next, as it stands.
#pragma once

#include "app/ratdeckctl/options.h"

#include <string>

namespace ratdeck {

// "ratdeckctl WORDS" with the options of this run that name the stack and its folders, quoted for a shell.
std::string commandLine(const Options& options, const std::string& words);

} // namespace ratdeck
