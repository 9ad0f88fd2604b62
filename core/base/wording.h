// Words for people that several parts say alike.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ratdeck {

// "a, b, c"; "" of nothing. `words`: a range of anything that goes into a std::string.
template <typename Words>
std::string listed(const Words& words) {
  std::string text;
  for (const auto& word : words) {
    if (!text.empty())
      text += ", ";
    text += word;
  }
  return text;
}

// "1 copy", "2 copies".
inline std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  return std::to_string(count).append(" ").append(count == 1 ? one : many);
}

} // namespace ratdeck
