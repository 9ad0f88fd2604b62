#include "core/spec/compose/value_writer.h"

#include "core/base/duration.h"
#include "core/spec/compose/interpolate.h"
#include "core/spec/compose/model_json.h"
#include "core/spec/compose/values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <vector>

namespace ratdeck::compose {

Json mapping(const Node& node, bool keepsNull) {
  auto map = Json::object();
  for (const auto& entry : node.entries) {
    if (entry.value.isNull())
      map[entry.key] = keepsNull ? Json(nullptr) : Json("");
    else
      map[entry.key] = scalarText(entry.value);
  }
  for (const auto& item : node.items) {
    auto text = scalarText(item);
    auto equals = text.find('=');
    if (equals == std::string::npos)
      map[text] = keepsNull ? Json(nullptr) : Json("");
    else
      map[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return map;
}

Json texts(const Node& node) {
  auto list = Json::array();
  if (node.isScalar() && !node.isNull())
    list.push_back(scalarText(node));
  for (const auto& item : node.items)
    list.push_back(scalarText(item));
  return list;
}

namespace {

std::string withoutBrackets(const std::string& ip) {
  return ip.size() > 2 && ip.front() == '[' && ip.back() == ']' ? ip.substr(1, ip.size() - 2) : ip;
}

} // namespace

void ValueWriter::fail(const Node& node, const std::string& key, const std::string& message,
                       const std::string& next) {
  m_report.fail(node.place, m_path + "." + key + ": " + message, next);
}

Json ValueWriter::duration(const Node& node, const std::string& key) {
  auto value = parseDuration(scalarText(node));
  if (!value) {
    fail(node, key, value.error().message, value.error().next);
    return "0s";
  }
  if (value->count() < 0)
    fail(node, key, "a duration cannot be negative: " + scalarText(node), "write it like 30s");
  return toGoString(*value);
}

Json ValueWriter::size(const Node& node, const std::string& key) {
  if (node.kind == NodeKind::Integer)
    return node.integer == 0 ? Json() : Json(std::to_string(node.integer));
  if (node.kind == NodeKind::Float && std::abs(node.number) < 9.0e18)
    return std::to_string(static_cast<long long>(node.number));
  if (node.text == "-1")
    return "-1";
  auto value = parseSize(node.text);
  if (!value) {
    fail(node, key, value.error().message, value.error().next);
    return nullptr;
  }
  return *value == 0 ? Json() : Json(std::to_string(*value));
}

Json ValueWriter::count(const Node& node, const std::string& key) {
  if (node.kind == NodeKind::Float && isWhole(node.number) && node.number >= 0)
    return static_cast<long long>(node.number);
  if (node.kind == NodeKind::Integer && node.integer >= 0)
    return node.integer;
  fail(node, key, scalarText(node) + " is not a count", "write 0 or more");
  return 0;
}

Json ValueWriter::boolean(const Node& node, const std::string& key) {
  if (node.kind == NodeKind::Boolean)
    return node.integer != 0;
  if (auto value = parseBool(scalarText(node)))
    return *value;
  fail(node, key, "\"" + scalarText(node) + "\" is not true or false", "write true or false");
  return false;
}

Json ValueWriter::command(const Node& node, const std::string& key) {
  if (node.isNull())
    return nullptr;
  if (node.isList())
    return texts(node);
  auto line = splitCommand(scalarText(node));
  if (!line) {
    fail(node, key, line.error().message, line.error().next);
    return nullptr;
  }
  if (line->cut != std::string::npos)
    m_report.warn(node.place,
                  m_path + "." + key + ": the command line ends before \"" +
                      scalarText(node).substr(line->cut, 40) + "\", no shell reads it",
                  "write [\"sh\", \"-c\", \"…\"]");
  return line->words;
}

Json ValueWriter::environment(const Node& node, const std::string&) {
  return mapping(node, true);
}

Json ValueWriter::labels(const Node& node, const std::string&) {
  return mapping(node, false);
}

Json ValueWriter::extraHosts(const Node& node, const std::string& key) {
  std::vector<std::string> lines;
  auto add = [&](const Node& at, const std::string& host, const std::string& ip) {
    if (host.empty() || host.find_first_of(":=") != std::string::npos)
      fail(at, key, "bad host name \"" + host + "\"", "write it like name=1.2.3.4");
    else if (m_report.takeNodes(1, at.place))
      lines.push_back(host + "=" + withoutBrackets(ip));
  };
  for (const auto& entry : node.entries) {
    for (const auto& item : entry.value.items)
      add(item, entry.key, scalarText(item));
    if (entry.value.isScalar())
      add(entry.value, entry.key, entry.value.isNull() ? "" : scalarText(entry.value));
  }
  for (const auto& item : node.items) {
    auto mark = item.text.find('=') != std::string::npos ? item.text.find('=') : item.text.find(':');
    if (mark == std::string::npos)
      fail(item, key, "the address of \"" + item.text + "\" is missing", "write it like name=1.2.3.4");
    for (auto begin = mark; begin < item.text.size() && !m_report.hasFailed();) {
      auto end = std::min(item.text.find(',', begin + 1), item.text.size());
      add(item, item.text.substr(0, mark), item.text.substr(begin + 1, end - begin - 1));
      begin = end;
    }
  }
  std::sort(lines.begin(), lines.end());
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
  return lines;
}

Json ValueWriter::textList(const Node& node, const std::string&) {
  return texts(node);
}

Json ValueWriter::test(const Node& node, const std::string&) {
  return node.isText() ? Json::array({"CMD-SHELL", node.text}) : texts(node);
}

Json ValueWriter::optionalDuration(const Node& node, const std::string& key) {
  auto value = duration(node, key);
  return value == "0s" ? Json() : value;
}

Json ValueWriter::cpus(const Node& node, const std::string& key) {
  if (!node.isText())
    return toJson(node);
  char* end = nullptr;
  double value = std::strtod(node.text.c_str(), &end);
  if (node.text.empty() || *end != '\0') {
    fail(node, key, "\"" + node.text + "\" is not a number", "write it like 0.5");
    return nullptr;
  }
  return toJson(Node::ofFloat(value));
}

Json ValueWriter::deviceCount(const Node& node, const std::string& key) {
  auto text = scalarText(node);
  if (text.size() == 3 &&
      std::equal(text.begin(), text.end(), "all", [](char a, char b) { return (a | 0x20) == b; }))
    return -1;
  long long count = 0;
  auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || stop != text.data() + text.size())
    fail(node, key, "\"" + text + "\" is neither a number nor \"all\"", "write all or a number");
  return count;
}

Json ValueWriter::fileMode(const Node& node, const std::string& key) {
  auto text = scalarText(node);
  std::int64_t mode = node.integer;
  if (node.isText()) {
    auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
    if (error != std::errc() || stop != text.data() + text.size())
      fail(node, key, "\"" + text + "\" is not an octal mode", "write it like \"0440\"");
  }
  std::array<char, 32> digits{};
  auto end = std::to_chars(digits.data(), digits.data() + digits.size(), mode, 8).ptr;
  return "0" + std::string(digits.data(), end);
}

Json ValueWriter::wholeNumber(const Node& node, const std::string& key) {
  if (!node.isText())
    return toJson(node);
  long long number = 0;
  auto [stop, error] = std::from_chars(node.text.data(), node.text.data() + node.text.size(), number);
  if (error != std::errc() || stop != node.text.data() + node.text.size())
    fail(node, key, "\"" + node.text + "\" is not a whole number", "write a number such as 3");
  return number;
}

Json ValueWriter::text(const Node& node, const std::string&) {
  return scalarText(node);
}

Json ValueWriter::portNumber(const Node& node, const std::string& key) {
  auto number = wholeNumber(node, key);
  if (!number.is_number_integer() || number < 1 || number > 65535)
    fail(node, key, scalarText(node) + " is not a port", "write a number from 1 to 65535");
  return number;
}

} // namespace ratdeck::compose
