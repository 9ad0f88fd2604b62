// A plan as one page for a change ticket: XHTML in one file, without scripts and without anything from
// elsewhere, for the screen in light and dark and for paper. Every text from outside is escaped. Pure.
#pragma once

#include <string>

namespace ratdeck {

struct Plan;

std::string toPage(const Plan& plan);

} // namespace ratdeck
