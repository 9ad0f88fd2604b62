// The tree every step of the loader works on: YAML values with the place each one was written at.
// It must not know of Compose: what keys mean is the business of the steps (merge, schema, canonical …).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ratdeck::compose {

// Line and column are 1-based; file is an index into Report::files. line 0 = made by the loader.
struct Place {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint16_t file = 0;
};

enum class NodeKind : std::uint8_t { Null, Boolean, Integer, Float, String, Map, List };
enum class NodeTag : std::uint8_t { None, Reset, Override };

struct Entry;

// A value type; copies are deep. Maps keep the order of the file and have unique keys.
struct Node {
  NodeKind kind = NodeKind::Null;
  NodeTag tag = NodeTag::None; // `!reset` or `!override`, until ResetPaths has taken it
  Place place;
  std::string text;           // String
  std::int64_t integer = 0;   // Integer, and Boolean as 0 or 1
  double number = 0;          // Float
  std::vector<Entry> entries; // Map
  std::vector<Node> items;    // List

  static Node ofText(std::string text, Place place = {});
  static Node ofInteger(std::int64_t value, Place place = {});
  static Node ofFloat(double value, Place place = {});
  static Node ofBool(bool value, Place place = {});
  static Node ofMap(Place place = {});
  static Node ofList(Place place = {});

  bool isNull() const { return kind == NodeKind::Null; }
  bool isText() const { return kind == NodeKind::String; }
  bool isMap() const { return kind == NodeKind::Map; }
  bool isList() const { return kind == NodeKind::List; }
  bool isScalar() const { return kind < NodeKind::Map; }
  bool isTrue() const { return kind == NodeKind::Boolean && integer != 0; }

  // The member of a map, null if there is none or this is no map. Valid until the map changes.
  const Node* find(std::string_view key) const;
  Node* find(std::string_view key);
  const Entry* entry(std::string_view key) const;
  // The text of the member `key` if it is a String, else "".
  std::string textAt(std::string_view key) const;
  // Sets or adds a member.
  Node& set(std::string_view key, Node value);
  bool erase(std::string_view key);
};

struct Entry {
  std::string key;
  Place place;
  Node value;
};

// Equal in kind and value; places and tags do not count.
bool sameValue(const Node& a, const Node& b);

// A scalar as the reference prints it into a string ("true", "1.1", "1e+06"); "<nil>" for Null.
std::string scalarText(const Node& node);

// "mapping", "list", "string" …: what people call the kind.
const char* kindName(NodeKind kind);

// Whether the number is a whole one that fits an integer.
bool isWhole(double value);

// What a copy of the tree costs of the budget of nodes: its nodes, and one more for every 64 bytes of text.
size_t copyCost(const Node& node);

} // namespace ratdeck::compose
