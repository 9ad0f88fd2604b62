// Replaces the variables in every text of a tree and casts what has a type of its own ("${N}" under
// `replicas`). Keys are left alone, as in Compose.
#pragma once

#include "core/spec/compose/template.h"
#include "core/spec/compose/tree_path.h"

namespace ratdeck::compose {

void interpolate(Node& root, const Lookup& lookup, Report& report);

// The casts alone, for one text: "true" "yes" "on" … -> Boolean; nothing for other words.
std::optional<bool> parseBool(const std::string& text);

} // namespace ratdeck::compose
