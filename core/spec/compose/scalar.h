// What a plain YAML scalar is: null, boolean, integer, float or string, by the rules of the parser that the
// reference loader uses (YAML 1.2 booleans, 0o17 and 017 octal, 1_000, no sexagesimal numbers).
#pragma once

#include "core/spec/compose/node.h"

#include <string>

namespace ratdeck::compose {

// `tag` is "" or "?" for an untagged plain scalar, "!" for a quoted or block one, else the full tag.
// An explicit tag that the text does not fit gives a String.
Node resolveScalar(const std::string& text, const std::string& tag, Place place);

} // namespace ratdeck::compose
