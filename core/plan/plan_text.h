// A plan for people: calm, aligned, at most 100 columns wide where the names allow it, no colour. Pure.
#pragma once

#include <string>

namespace ratdeck {

struct Plan;

// Ends with a newline. UTF-8.
std::string toText(const Plan& plan);

} // namespace ratdeck
