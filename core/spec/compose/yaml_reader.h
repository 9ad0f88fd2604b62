// Text -> trees, one a YAML document, with aliases and merge keys unfolded and every node placed.
//
// It refuses duplicate keys, keys that are no text, values nested deeper than maxDepth, anchors inside
// themselves, invalid UTF-8 and control characters, and counts every node, copies made for aliases included,
// so that an alias bomb ends in an error at once.
#pragma once

#include "core/spec/compose/report.h"

#include <string>
#include <vector>

namespace ratdeck::compose {

// The documents of one file in order; an empty document is a Null, an empty file has none. After an error,
// reported to `report`, the result is not to be used. `file` is the index that report.addFile gave.
std::vector<Node> readYaml(const std::string& text, std::uint16_t file, Report& report);

} // namespace ratdeck::compose
