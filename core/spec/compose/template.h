// Variables in text, as Compose replaces them: $V ${V} ${V:-d} ${V-d} ${V:?e} ${V?e} ${V:+a} ${V+a}, nested,
// $$.
#pragma once

#include "core/spec/compose/report.h"

#include <functional>
#include <optional>
#include <string>

namespace ratdeck::compose {

// nullopt = not set.
using Lookup = std::function<std::optional<std::string>(const std::string&)>;

// Replaces the variables of `text`, which stands at `place`; `what` names it in messages
// ("services.web.image", "" for none). A variable that is not set gives "" and a warning. Errors go to the
// report: a malformed template, a required variable without a value (with the author's own message), nesting
// deeper than maxTemplateDepth.
std::string substitute(const std::string& text, const Lookup& lookup, Place place, const std::string& what,
                       Report& report);

} // namespace ratdeck::compose
