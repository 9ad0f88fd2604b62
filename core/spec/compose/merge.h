// One Compose model over another: the merge rules and the keys that make entries of a list the same.
#pragma once

#include "core/spec/compose/report.h"
#include "core/spec/compose/tree_path.h"

namespace ratdeck::compose {

// `over` wins over `base`; both stand at `path` ("" = the whole model). Values of different kinds are an
// error.
Node merge(Node base, Node over, TreePath path, Report& report);

// Of entries of a list with the same key (ports by address, volumes by target, NAME=value by NAME …) keeps
// the last, at the place of the first.
void enforceUnicity(Node& root, Report& report);

} // namespace ratdeck::compose
