#include "core/remote/prometheus/exposition.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace ratdeck {

namespace {

bool isDigit(char c) {
  return c >= '0' && c <= '9';
}
bool isBlank(char c) {
  return c == ' ' || c == '\t';
}
bool startsLabel(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool startsName(char c) {
  return startsLabel(c) || c == ':';
}

std::string quoted(std::string_view text) {
  constexpr std::size_t most = 40;
  std::string quote = "\"";
  for (const char c : text.substr(0, most))
    quote += static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f ? '?' : c;
  return quote + (text.size() > most ? "…\"" : "\"");
}

// As Go's ParseFloat, which is what writes and reads them elsewhere; without its underscores.
std::optional<double> numberOf(std::string_view text) {
  const bool isNegative = text.starts_with('-');
  std::string_view digits = isNegative || text.starts_with('+') ? text.substr(1) : text;
  if (digits.empty() || digits.front() == '-' || digits.front() == '+')
    return {};
  const bool isHex = digits.starts_with("0x") || digits.starts_with("0X");
  if (isHex)
    digits.remove_prefix(2);
  double value = 0;
  const auto end = digits.data() + digits.size();
  const auto [stop, error] =
      std::from_chars(digits.data(), end, value, isHex ? std::chars_format::hex : std::chars_format::general);
  if (stop != end || error == std::errc::invalid_argument || digits.back() == ')') // nan(payload)
    return {};
  if (error == std::errc::result_out_of_range)
    value =
        digits.find_first_of("eEpP") != std::string_view::npos && digits.find('-') != std::string_view::npos
            ? 0
            : std::numeric_limits<double>::infinity();
  return isNegative ? -value : value;
}

MetricType typeOf(std::string_view word) {
  if (word == "counter")
    return MetricType::Counter;
  if (word == "gauge")
    return MetricType::Gauge;
  if (word == "histogram")
    return MetricType::Histogram;
  if (word == "summary")
    return MetricType::Summary;
  return word == "untyped" || word == "unknown" ? MetricType::Untyped : MetricType::Other;
}

// Reads one line after another; stops at the first that is off.
class Reader {
public:
  Reader(std::string_view text, const std::string& source) : m_rest(text), m_source(source) {}

  Result<Exposition> read() {
    while (!m_error && !m_rest.empty())
      line();
    if (m_error)
      return failure(*m_error);
    return std::move(m_found);
  }

private:
  void line() {
    ++m_number;
    const auto end = std::min(m_rest.find('\n'), m_rest.size());
    m_line = m_rest.substr(0, end);
    m_rest.remove_prefix(std::min(end + 1, m_rest.size()));
    m_at = 0;
    if (m_line.ends_with('\r'))
      m_line.remove_suffix(1);
    if (m_line.size() > maxExpositionLine)
      return fail(0, "a line of more than " + std::to_string(maxExpositionLine) + " bytes");
    skipBlanks();
    if (isAtEnd())
      return;
    if (m_hasEnded)
      return fail(m_at, "text after # EOF");
    if (m_line[m_at] == '#')
      comment();
    else
      sample();
  }

  void comment() {
    ++m_at;
    skipBlanks();
    const auto keyword = word();
    if (keyword == "EOF")
      m_hasEnded = true;
    if (keyword != "TYPE")
      return;
    skipBlanks();
    const auto start = m_at;
    const auto name = word();
    skipBlanks();
    const auto type = word();
    if (name.empty() || type.empty() || name.size() > maxMetricName)
      return fail(start, "# TYPE names a metric and its type");
    if (m_found.types.size() >= maxExpositionSeries)
      return fail(start, "more than " + std::to_string(maxExpositionSeries) + " types");
    m_found.types[std::string(name)] = typeOf(type);
  }

  void sample() {
    MetricSeries series;
    const auto start = m_at;
    series.name = name(startsName, "the name of a metric");
    skipBlanks();
    if (!m_error && !isAtEnd() && m_line[m_at] == '{')
      labels(series.labels);
    skipBlanks();
    const auto value = number("a value");
    skipBlanks();
    if (!m_error && !isAtEnd() && m_line[m_at] != '#')
      number("a timestamp");
    skipBlanks();
    if (!m_error && !isAtEnd() && m_line[m_at] != '#') // an exemplar: of no interest here
      fail(m_at, "nothing may follow here, and there is " + quoted(m_line.substr(m_at)));
    if (m_error)
      return;
    if (m_found.values.size() >= maxExpositionSeries)
      return fail(start, "more than " + std::to_string(maxExpositionSeries) + " series");
    if (!m_found.values.emplace(std::move(series), value).second)
      fail(start, "this series stands there twice");
  }

  void labels(MetricLabels& found) {
    ++m_at;
    std::size_t count = 0;
    for (bool isFirst = true; !m_error; isFirst = false) {
      skipBlanks();
      if (takes('}'))
        return;
      if (!isFirst && !takes(','))
        return fail(m_at, "labels are divided by , and end with }");
      skipBlanks();
      if (!isFirst && takes('}')) // a last comma is fine
        return;
      const auto start = m_at;
      const auto key = name(startsLabel, "the name of a label");
      skipBlanks();
      if (!m_error && !takes('='))
        return fail(m_at, "after the name of a label comes =");
      skipBlanks();
      const auto value = labelValue();
      if (m_error)
        return;
      if (++count > maxMetricLabels)
        return fail(start, "more than " + std::to_string(maxMetricLabels) + " labels");
      if (found.contains(key))
        return fail(start, "the label " + quoted(key) + " stands there twice");
      if (!value.empty())
        found.emplace(key, value);
    }
  }

  std::string labelValue() {
    std::string value;
    const auto start = m_at;
    if (m_error)
      return value;
    if (!takes('"'))
      return fail(m_at, "the value of a label stands in quotes"), value;
    while (!isAtEnd() && m_line[m_at] != '"') {
      char c = m_line[m_at++];
      if (c == '\\') {
        const char escaped = isAtEnd() ? '\0' : m_line[m_at++];
        if (escaped != '\\' && escaped != '"' && escaped != 'n')
          return fail(m_at - 1, "only \\\\, \\\" and \\n are escapes"), value;
        c = escaped == 'n' ? '\n' : escaped;
      }
      value += c;
    }
    if (!takes('"'))
      fail(start, "the quotes of a label's value do not end");
    else if (value.size() > maxLabelValue)
      fail(start, "the value of a label has more than " + std::to_string(maxLabelValue) + " bytes");
    return value;
  }

  std::string name(bool (*starts)(char), const char* what) {
    const auto start = m_at;
    while (!isAtEnd() && (starts(m_line[m_at]) || (m_at > start && isDigit(m_line[m_at]))))
      ++m_at;
    if (m_at == start)
      fail(start, std::string("expected ") + what +
                      (isAtEnd() ? " before the line's end" : ", not " + quoted(m_line.substr(start))));
    if (m_at - start > maxMetricName)
      fail(start, std::string(what) + " has more than " + std::to_string(maxMetricName) + " bytes");
    return std::string(m_line.substr(start, m_at - start));
  }

  double number(const char* what) {
    if (m_error)
      return 0;
    const auto start = m_at;
    const auto text = word();
    const auto value = numberOf(text);
    if (!value)
      fail(start, std::string("expected ") + what +
                      (text.empty() ? " before the line's end" : ", not " + quoted(text)));
    return value.value_or(0);
  }

  std::string_view word() {
    const auto start = m_at;
    while (!isAtEnd() && !isBlank(m_line[m_at]))
      ++m_at;
    return m_line.substr(start, m_at - start);
  }

  bool isAtEnd() const { return m_at >= m_line.size(); }
  void skipBlanks() {
    while (!isAtEnd() && isBlank(m_line[m_at]))
      ++m_at;
  }
  bool takes(char c) {
    if (isAtEnd() || m_line[m_at] != c)
      return false;
    ++m_at;
    return true;
  }
  void fail(std::size_t at, std::string message) {
    if (!m_error)
      m_error =
          Error{ErrorKind::Input, std::move(message), {}, {m_source, m_number, static_cast<int>(at) + 1}};
  }

  std::string_view m_rest, m_line;
  std::size_t m_at = 0; // in the line
  int m_number = 0;
  bool m_hasEnded = false;
  const std::string& m_source;
  Exposition m_found;
  std::optional<Error> m_error;
};

} // namespace

bool Exposition::has(const std::string& name) const {
  const auto first = values.lower_bound(MetricSeries{name, {}});
  return first != values.end() && first->first.name == name;
}

Result<Exposition> parseExposition(std::string_view text, const std::string& source) {
  if (text.size() > maxExpositionBytes)
    return failure(ErrorKind::Input, "more than " + std::to_string(maxExpositionBytes) + " bytes of metrics",
                   {}, {source, 0, 0});
  return Reader(text, source).read();
}

} // namespace ratdeck
