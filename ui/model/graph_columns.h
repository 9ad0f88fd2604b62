// Which column each node of a dependency graph belongs in. Pure.
#pragma once

#include "ui/model/graph_layout.h"

namespace ratdeck {

// From 0, by index: right of everything the node depends on, and right of all earlier waves. Of a cycle one
// dependency is overlooked, so that the answer exists for any input.
std::vector<int> graphColumns(const GraphNodes& nodes, const std::vector<GraphEdge>& edges);

} // namespace ratdeck
