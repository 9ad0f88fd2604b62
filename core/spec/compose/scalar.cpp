#include "core/spec/compose/scalar.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace ratdeck::compose {

namespace {

constexpr std::string_view coreTag = "tag:yaml.org,2002:";

template <size_t N>
bool isOneOf(const std::string& text, const std::array<std::string_view, N>& words) {
  for (auto word : words)
    if (text == word)
      return true;
  return false;
}

constexpr std::array<std::string_view, 5> nulls{"", "~", "null", "Null", "NULL"};
constexpr std::array<std::string_view, 3> trues{"true", "True", "TRUE"};
constexpr std::array<std::string_view, 3> falses{"false", "False", "FALSE"};
constexpr std::array<std::string_view, 6> infinities{".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"};
constexpr std::array<std::string_view, 3> minusInfinities{"-.inf", "-.Inf", "-.INF"};
constexpr std::array<std::string_view, 3> nans{".nan", ".NaN", ".NAN"};

struct Digits {
  int base = 10;
  std::string_view rest;
  bool isNegative = false;
};

Digits splitBase(std::string_view text) {
  Digits digits;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    digits.isNegative = text.front() == '-';
    text.remove_prefix(1);
  }
  auto prefix = text.substr(0, 2);
  if (text.size() > 2 && (prefix == "0x" || prefix == "0X"))
    digits.base = 16;
  else if (text.size() > 2 && (prefix == "0o" || prefix == "0O"))
    digits.base = 8;
  else if (text.size() > 2 && (prefix == "0b" || prefix == "0B"))
    digits.base = 2;
  if (digits.base != 10)
    text.remove_prefix(2);
  else if (text.size() > 1 && text.front() == '0')
    digits.base = 8; // 017
  digits.rest = text;
  return digits;
}

std::optional<Node> asInteger(const std::string& text, Place place) {
  std::string plain;
  for (char c : text)
    if (c != '_')
      plain += c;
  auto digits = splitBase(plain);
  if (digits.rest.empty() || digits.rest.front() == '-')
    return {};
  unsigned long long value = 0;
  auto end = digits.rest.data() + digits.rest.size();
  auto [stop, error] = std::from_chars(digits.rest.data(), end, value, digits.base);
  if (error != std::errc() || stop != end)
    return {};
  constexpr auto most = static_cast<unsigned long long>(std::numeric_limits<std::int64_t>::max());
  if (value > most)
    return Node::ofFloat(digits.isNegative ? -static_cast<double>(value) : static_cast<double>(value), place);
  auto number = static_cast<std::int64_t>(value);
  return Node::ofInteger(digits.isNegative ? -number : number, place);
}

bool isDigit(char c) {
  return c >= '0' && c <= '9';
}

// [-+]? ( .digits | digits [. digits*] ) ( [eE] [-+]? digits )?
bool looksLikeFloat(std::string_view text) {
  size_t i = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  size_t before = 0, after = 0;
  for (; i < text.size() && isDigit(text[i]); ++i)
    ++before;
  if (i < text.size() && text[i] == '.')
    for (++i; i < text.size() && isDigit(text[i]); ++i)
      ++after;
  if (before + after == 0)
    return false;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '-' || text[i] == '+'))
      ++i;
    size_t exponent = 0;
    for (; i < text.size() && isDigit(text[i]); ++i)
      ++exponent;
    if (exponent == 0)
      return false;
  }
  return i == text.size();
}

std::optional<Node> asFloat(const std::string& text, Place place) {
  if (isOneOf(text, infinities))
    return Node::ofFloat(std::numeric_limits<double>::infinity(), place);
  if (isOneOf(text, minusInfinities))
    return Node::ofFloat(-std::numeric_limits<double>::infinity(), place);
  if (isOneOf(text, nans))
    return Node::ofFloat(std::nan(""), place);
  if (!looksLikeFloat(text))
    return {};
  std::string_view rest = text;
  if (rest.front() == '+')
    rest.remove_prefix(1);
  double value = 0;
  auto [stop, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (error != std::errc() || stop != rest.data() + rest.size())
    return {};
  return Node::ofFloat(value, place);
}

Node resolvePlain(const std::string& text, Place place) {
  if (isOneOf(text, nulls)) {
    Node none;
    none.place = place;
    return none;
  }
  if (isOneOf(text, trues))
    return Node::ofBool(true, place);
  if (isOneOf(text, falses))
    return Node::ofBool(false, place);
  if (isDigit(text.front()) || text.front() == '-' || text.front() == '+' || text.front() == '.') {
    if (auto integer = asInteger(text, place))
      return *integer;
    if (auto number = asFloat(text, place))
      return *number;
  }
  return Node::ofText(text, place);
}

} // namespace

Node resolveScalar(const std::string& text, const std::string& tag, Place place) {
  if (tag.empty() || tag == "?")
    return resolvePlain(text, place);
  if (tag.rfind(coreTag, 0) != 0)
    return Node::ofText(text, place);
  auto name = tag.substr(coreTag.size());
  auto node = resolvePlain(text, place);
  if (name == "float" && node.kind == NodeKind::Integer)
    return Node::ofFloat(static_cast<double>(node.integer), place);
  bool fits = (name == "null" && node.isNull()) || (name == "bool" && node.kind == NodeKind::Boolean) ||
              (name == "int" && node.kind == NodeKind::Integer) ||
              (name == "float" && node.kind == NodeKind::Float);
  return fits ? node : Node::ofText(text, place);
}

} // namespace ratdeck::compose
