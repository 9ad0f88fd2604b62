#include "core/spec/metric_selector.h"

#include <algorithm>

namespace ratdeck {

namespace {

constexpr std::size_t longestSelector = 1000; // bytes

bool startsLabel(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// Takes pieces off the front of a selector; `at` is where it stands.
struct Cursor {
  std::string_view text;
  std::size_t at = 0;

  void skipBlanks() {
    while (at < text.size() && text[at] == ' ')
      ++at;
  }
  bool takes(char c) {
    skipBlanks();
    if (at >= text.size() || text[at] != c)
      return false;
    ++at;
    return true;
  }
  std::string name(bool allowsColon) {
    skipBlanks();
    const auto start = at;
    while (at < text.size() && (startsLabel(text[at]) || (allowsColon && text[at] == ':') ||
                                (at > start && text[at] >= '0' && text[at] <= '9')))
      ++at;
    return std::string(text.substr(start, at - start));
  }
  tl::unexpected<Error> wrong(const std::string& expected) const {
    return failure(ErrorKind::Input, "expected " + expected + " at column " + std::to_string(at + 1),
                   "write it like http_requests_total{code=\"5..\"}");
  }
};

bool fitsPattern(const std::string& pattern, const std::string& value) {
  return std::equal(pattern.begin(), pattern.end(), value.begin(), value.end(),
                    [](char wanted, char c) { return wanted == '.' || wanted == c; });
}

Result<std::pair<std::string, std::string>> takeLabel(Cursor& cursor) {
  std::string label = cursor.name(false);
  if (label.empty())
    return cursor.wrong("the name of a label");
  if (!cursor.takes('='))
    return cursor.wrong("=");
  if (!cursor.takes('"'))
    return cursor.wrong("a value in double quotes");
  const auto end = cursor.text.find('"', cursor.at);
  if (end == std::string_view::npos)
    return cursor.wrong("a closing quote after what begins");
  std::string pattern(cursor.text.substr(cursor.at, end - cursor.at));
  cursor.at = end + 1;
  return std::pair(std::move(label), std::move(pattern));
}

} // namespace

bool MetricSelector::fits(const std::string& metric, const std::map<std::string, std::string>& labels) const {
  return metric == name && std::all_of(patterns.begin(), patterns.end(), [&](const auto& wanted) {
           const auto found = labels.find(wanted.first);
           return fitsPattern(wanted.second, found == labels.end() ? std::string() : found->second);
         });
}

Result<MetricSelector> parseMetricSelector(std::string_view text) {
  if (text.size() > longestSelector)
    return failure(ErrorKind::Input, "longer than " + std::to_string(longestSelector) + " bytes");
  Cursor cursor{text};
  MetricSelector selector;
  selector.name = cursor.name(true);
  if (selector.name.empty())
    return cursor.wrong("the name of a metric");
  if (cursor.takes('{') && !cursor.takes('}')) {
    do {
      auto label = takeLabel(cursor);
      if (!label)
        return failure(label.error());
      if (!selector.patterns.insert(std::move(*label)).second)
        return cursor.wrong("each label once, and one stands twice");
    } while (cursor.takes(','));
    if (!cursor.takes('}'))
      return cursor.wrong("}");
  }
  cursor.skipBlanks();
  if (cursor.at != text.size())
    return cursor.wrong("the end");
  return selector;
}

} // namespace ratdeck
