// Env files: KEY=value, `export`, quotes, comments, values over several lines, variables.
#pragma once

#include "core/spec/compose/template.h"

#include <map>
#include <string>

namespace ratdeck::compose {

using Variables = std::map<std::string, std::string>;

// Adds what `text` sets to `variables`. Names without a value take it from `lookup`, or stay unset; variables
// inside values are looked up in `lookup`, then among those set before. Errors go to the report with their
// line.
void readEnv(const std::string& text, std::uint16_t file, const Lookup& lookup, Variables& variables,
             Report& report);

} // namespace ratdeck::compose
