#include "core/spec/compose/reset_paths.h"

#include <algorithm>

namespace ratdeck::compose {

void ResetPaths::collect(Node& document) {
  std::vector<std::string> path;
  collect(document, path);
}

void ResetPaths::collect(Node& node, std::vector<std::string>& path) {
  std::erase_if(node.entries, [&](Entry& entry) {
    auto tag = entry.value.tag;
    entry.value.tag = NodeTag::None;
    path.push_back(entry.key);
    if (tag != NodeTag::None)
      m_paths.push_back(path);
    else
      collect(entry.value, path);
    path.pop_back();
    return tag == NodeTag::Reset;
  });
  // Items of lists cannot be named in an earlier file: a reset item is only left out.
  std::erase_if(node.items, [&](Node& item) {
    bool isReset = item.tag == NodeTag::Reset;
    item.tag = NodeTag::None;
    path.emplace_back("[]");
    collect(item, path);
    path.pop_back();
    return isReset;
  });
}

void ResetPaths::apply(Node& tree, const std::vector<std::string>& path) const {
  for (const auto& reset : m_paths) {
    if (reset.size() <= path.size() || !std::equal(path.begin(), path.end(), reset.begin()))
      continue;
    Node* node = &tree;
    for (size_t i = path.size(); node && i + 1 < reset.size(); ++i)
      node = node->find(reset[i]);
    if (node)
      node->erase(reset.back());
  }
}

} // namespace ratdeck::compose
