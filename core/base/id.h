// Ids of different things are different types, so that one cannot be passed for another.
#pragma once

#include <string> // with <compare>, which moc 6.4 cannot read alone
#include <utility>

namespace ratdeck {

template <class Tag>
struct Id {
  std::string value;
  Id() = default;
  explicit Id(std::string text) : value(std::move(text)) {}
  bool isEmpty() const { return value.empty(); }
  auto operator<=>(const Id&) const = default;
};

using RolloutId = Id<struct RolloutTag>;
using InstanceId = Id<struct InstanceTag>;
using GateId = Id<struct GateTag>;

} // namespace ratdeck
