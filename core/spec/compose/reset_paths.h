// `!reset` and `!override`: the places of earlier files that a file wipes before it is merged over them.
#pragma once

#include "core/spec/compose/node.h"
#include "core/spec/compose/tree_path.h"

#include <vector>

namespace ratdeck::compose {

class ResetPaths {
public:
  // Takes the tags out of `document`: what is tagged `!reset` is removed from it, `!override` stays as a
  // plain value.
  void collect(Node& document);
  // Removes the collected places from a tree that stands at `path` ("" = the whole model).
  void apply(Node& tree, const std::vector<std::string>& path = {}) const;

private:
  void collect(Node& node, std::vector<std::string>& path);
  std::vector<std::vector<std::string>> m_paths;
};

} // namespace ratdeck::compose
