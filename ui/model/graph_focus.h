// Which services a graph shows that has too many to show all, and which node lies beside which. Pure.
#pragma once

#include "ui/model/graph_layout.h"
#include "ui/model/service_row.h"

#include <optional>

namespace ratdeck {

// The first wave in which something is under way or waits, else in which something failed, else which has not
// begun; absent where all is well or nothing rolls.
std::optional<int> activeWave(const ServiceRows& rows);

// The services of the active wave, what they depend on, what depends on them, and all that failed, by index
// and ascending. All of them where there is no active wave and none failed.
std::vector<int> focusOf(const ServiceRows& rows);

enum class Toward { Left, Right, Up, Down };

// The node that an arrow key leads to: left and right along an edge if there is one that way, up and down
// within the column. Absent at the border.
std::optional<int> nodeBeside(const GraphLayout& layout, int node, Toward direction);

} // namespace ratdeck
