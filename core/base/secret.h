// A value that is used and never shown: no operator<<, no JSON, no comparison but equality.
#pragma once

#include <string>
#include <utility>

namespace ratdeck {

class Secret {
public:
  Secret() = default;
  explicit Secret(std::string value) : m_value(std::move(value)) {}
  // The one door to the text. Callers hand it to a process, a socket or the revision store, never to a log,
  // an event or a message.
  const std::string& reveal() const { return m_value; }
  bool isEmpty() const { return m_value.empty(); }
  bool operator==(const Secret&) const = default;

private:
  std::string m_value;
};

} // namespace ratdeck
