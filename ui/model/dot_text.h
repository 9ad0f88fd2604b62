// A graph in Graphviz' language, and dot's answer. Nodes are named by their index: no text from outside gets
// into the source. Pure.
#pragma once

#include "ui/model/graph_layout.h"

#include <QByteArray>

#include <optional>

namespace ratdeck {

// For `dot -Tplain -y`.
QByteArray dotSource(const GraphNodes& nodes);

// The layout that `dot -Tplain -y` answered for these nodes; nothing where the answer is cut off, or is one
// to another graph, or holds what is no number.
std::optional<GraphLayout> layoutFromDot(const QByteArray& answer, const GraphNodes& nodes);

} // namespace ratdeck
