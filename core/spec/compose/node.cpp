#include "core/spec/compose/node.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace ratdeck::compose {

Node Node::ofText(std::string text, Place place) {
  Node node;
  node.kind = NodeKind::String;
  node.text = std::move(text);
  node.place = place;
  return node;
}

Node Node::ofInteger(std::int64_t value, Place place) {
  Node node;
  node.kind = NodeKind::Integer;
  node.integer = value;
  node.place = place;
  return node;
}

Node Node::ofFloat(double value, Place place) {
  Node node;
  node.kind = NodeKind::Float;
  node.number = value;
  node.place = place;
  return node;
}

Node Node::ofBool(bool value, Place place) {
  Node node;
  node.kind = NodeKind::Boolean;
  node.integer = value ? 1 : 0;
  node.place = place;
  return node;
}

Node Node::ofMap(Place place) {
  Node node;
  node.kind = NodeKind::Map;
  node.place = place;
  return node;
}

Node Node::ofList(Place place) {
  Node node;
  node.kind = NodeKind::List;
  node.place = place;
  return node;
}

const Entry* Node::entry(std::string_view key) const {
  auto it = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.key == key; });
  return it == entries.end() ? nullptr : &*it;
}

const Node* Node::find(std::string_view key) const {
  const auto* found = entry(key);
  return found ? &found->value : nullptr;
}

Node* Node::find(std::string_view key) {
  auto it = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.key == key; });
  return it == entries.end() ? nullptr : &it->value;
}

std::string Node::textAt(std::string_view key) const {
  const auto* member = find(key);
  return member && member->isText() ? member->text : std::string();
}

Node& Node::set(std::string_view key, Node value) {
  if (auto* present = find(key)) {
    *present = std::move(value);
    return *present;
  }
  auto place = value.place;
  entries.push_back(Entry{std::string(key), place, std::move(value)});
  return entries.back().value;
}

bool Node::erase(std::string_view key) {
  return std::erase_if(entries, [&](const Entry& e) { return e.key == key; }) > 0;
}

bool sameValue(const Node& a, const Node& b) {
  if (a.kind != b.kind)
    return false;
  switch (a.kind) {
  case NodeKind::Null:
    return true;
  case NodeKind::Boolean:
  case NodeKind::Integer:
    return a.integer == b.integer;
  case NodeKind::Float:
    return a.number == b.number;
  case NodeKind::String:
    return a.text == b.text;
  case NodeKind::List:
    return std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(), sameValue);
  case NodeKind::Map:
    return a.entries.size() == b.entries.size() &&
           std::all_of(a.entries.begin(), a.entries.end(), [&](const Entry& e) {
             auto i = static_cast<size_t>(&e - a.entries.data());
             const auto* other = b.entries[i].key == e.key ? &b.entries[i].value : b.find(e.key);
             return other && sameValue(e.value, *other);
           });
  }
  return false;
}

namespace {

// Go's %v: the shortest digits that read back, with an exponent below 1e-4 and from 1e+06 on.
std::string floatText(double value) {
  if (std::isnan(value))
    return "NaN";
  if (std::isinf(value))
    return value < 0 ? "-Inf" : "+Inf";
  std::array<char, 64> buffer{};
  auto scientific =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific);
  std::string text(buffer.data(), scientific.ptr);
  auto mark = text.find('e');
  int exponent = std::atoi(text.c_str() + mark + 1);
  if (value == 0 || (exponent >= -4 && exponent < 6)) {
    auto plain = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
    return std::string(buffer.data(), plain.ptr);
  }
  return text;
}

} // namespace

std::string scalarText(const Node& node) {
  switch (node.kind) {
  case NodeKind::Null:
    return "<nil>";
  case NodeKind::Boolean:
    return node.integer ? "true" : "false";
  case NodeKind::Integer:
    return std::to_string(node.integer);
  case NodeKind::Float:
    return floatText(node.number);
  case NodeKind::String:
    return node.text;
  case NodeKind::Map:
  case NodeKind::List:
    break;
  }
  return {};
}

bool isWhole(double value) {
  return std::abs(value) < 9.0e15 && std::floor(value) == value;
}

const char* kindName(NodeKind kind) {
  switch (kind) {
  case NodeKind::Null:
    return "null";
  case NodeKind::Boolean:
    return "boolean";
  case NodeKind::Integer:
    return "integer";
  case NodeKind::Float:
    return "number";
  case NodeKind::String:
    return "string";
  case NodeKind::Map:
    return "mapping";
  case NodeKind::List:
    return "list";
  }
  return "value";
}

size_t copyCost(const Node& node) {
  constexpr size_t textOfANode = 64;
  size_t cost = 1 + node.text.size() / textOfANode;
  for (const auto& entry : node.entries)
    cost += entry.key.size() / textOfANode + copyCost(entry.value);
  for (const auto& item : node.items)
    cost += copyCost(item);
  return cost;
}

} // namespace ratdeck::compose
