// Values of x-ratdeck, read with their place in every message; what a reader of a group of keys is made of.
#pragma once

#include "core/base/wording.h"
#include "core/spec/compose/nearest.h"
#include "core/spec/compose/report.h"
#include "core/spec/policy.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ratdeck::compose {

// One key of a mapping, and what takes its value.
struct Field {
  const char* key;
  std::function<void(const Node&)> read;
};

// Each call reports what is off and then answers with a value of its type, so that reading goes on. `name`:
// the key as people see it, below the path ("drain.deadline").
class PolicyReader {
public:
  // `path`: where the keys stand ("x-ratdeck").
  PolicyReader(std::string path, Report& report) : m_path(std::move(path)), m_report(report) {}

  // Calls the field of each key; an unknown key is an error that names the nearest known one.
  void map(const Node& node, const std::string& name, const std::vector<Field>& fields);
  void each(const Node& node, const std::string& name, const std::function<void(const Node&)>& read);
  std::string text(const Node& node, const std::string& name); // not empty
  // http(s)://HOST[:PORT][/PREFIX]. `instead`: what is to be done where somebody wrote a user into it.
  std::string serverUrl(const Node& node, const std::string& name, const std::string& instead);
  std::vector<std::string> textList(const Node& node, const std::string& name);
  bool boolean(const Node& node, const std::string& name);
  double number(const Node& node, const std::string& name, double least, double most);
  int integer(const Node& node, const std::string& name, int least, int most);
  std::uint16_t port(const Node& node, const std::string& name);
  Duration duration(const Node& node, const std::string& name);
  // The value that stands for one of the words.
  template <class Value>
  Value word(const Node& node, const std::string& name,
             const std::vector<std::pair<std::string, Value>>& words);

  // A mapping with exactly one of http, tcp, grpc, exec.
  ProbeSpec probe(const Node& node, const std::string& name);
  // The keys of probe(), for a mapping that has others too.
  std::vector<Field> probeFields(const std::string& name, std::optional<ProbeSpec>& probe);

  SourceLocation placeOf(const Node& node) const { return m_report.locate(node.place); }
  void needs(const Node& node, const char* key, const std::string& name);
  void wrong(const Node& node, const std::string& name, const std::string& expected);
  void fail(const Node& node, const std::string& name, const std::string& message, const std::string& next);
  SourceLocation locate(const Node& node) const { return m_report.locate(node.place); }

private:
  ProbeSpec http(const Node& node, const std::string& name);
  ProbeSpec tcp(const Node& node, const std::string& name);
  ProbeSpec grpc(const Node& node, const std::string& name);
  ProbeSpec exec(const Node& node, const std::string& name);
  std::string full(const std::string& name) const { return name.empty() ? m_path : m_path + "." + name; }

  std::string m_path;
  Report& m_report;
};

template <class Value>
Value PolicyReader::word(const Node& node, const std::string& name,
                         const std::vector<std::pair<std::string, Value>>& words) {
  std::vector<std::string> known;
  for (const auto& [text, value] : words) {
    if (node.isText() && node.text == text)
      return value;
    known.push_back(text);
  }
  auto given = node.isScalar() ? scalarText(node) : std::string(kindName(node.kind));
  m_report.fail(node.place, full(name) + ": \"" + given.substr(0, 60) + "\" is not one of " + listed(known),
                didYouMean(given, known, "write one of these"));
  return words.front().second;
}

} // namespace ratdeck::compose
