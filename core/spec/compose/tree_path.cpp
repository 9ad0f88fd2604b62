#include "core/spec/compose/tree_path.h"

namespace ratdeck::compose {

Pattern::Pattern(const char* text) {
  std::string step;
  for (const char* c = text;; ++c) {
    if (*c != '.' && *c != '\0') {
      step += *c;
      continue;
    }
    m_steps.push_back(step);
    step.clear();
    if (*c == '\0')
      break;
  }
}

bool TreePath::matches(const Pattern& pattern) const {
  const auto& steps = pattern.steps();
  if (steps.size() != m_steps.size())
    return false;
  for (size_t i = steps.size(); i-- > 0;)
    if (steps[i] != "*" && steps[i] != m_steps[i])
      return false;
  return true;
}

std::string TreePath::toString() const {
  std::string text;
  for (const auto& step : m_steps) {
    if (!text.empty() && step.front() != '[')
      text += '.';
    text += step;
  }
  return text;
}

} // namespace ratdeck::compose
