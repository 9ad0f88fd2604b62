// What a program printed, whole; or, where that was more than the limit, its beginning and the word that
// there was more.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ratdeck {

struct BoundedText {
  static constexpr std::size_t most = 256u << 10; // bytes

  std::string text;
  bool isCut = false; // it is not whole

  void append(std::string_view bytes) {
    const auto room = most - text.size();
    isCut = isCut || bytes.size() > room;
    text += bytes.substr(0, room);
  }
};

} // namespace ratdeck
