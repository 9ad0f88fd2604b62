#include "core/spec/compose/template.h"

#include <set>

namespace ratdeck::compose {

namespace {

bool isNameStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool isNameCharacter(char c) {
  return isNameStart(c) || (c >= '0' && c <= '9');
}

size_t nameEnd(std::string_view text, size_t begin) {
  while (begin < text.size() && isNameCharacter(text[begin]))
    ++begin;
  return begin;
}

// The brace that closes the first one of `text`, looked for up to the end of the line, as in the reference;
// where the braces do not balance, the last one of the line. A character right after an opening brace is
// never a brace of its own, so that ${A:-{}} reads as it does there.
std::optional<size_t> closingBrace(std::string_view text) {
  int open = 0;
  std::optional<size_t> last;
  for (size_t i = 0; i < text.size() && text[i] != '\n'; ++i) {
    if (text[i] == '}') {
      last = i;
      if (--open == 0)
        return i;
    } else if (text[i] == '{') {
      ++open;
      ++i;
      if (i < text.size() && text[i] == '}')
        last = i;
    }
  }
  return last;
}

class Substitution {
public:
  Substitution(const Lookup& lookup, Place place, const std::string& what, Report& report)
      : m_lookup(lookup), m_place(place), m_what(what), m_report(report) {}

  std::string run(std::string_view text, int depth) {
    if (depth > maxTemplateDepth) {
      m_report.fail(m_place,
                    inPlace() + "variables are nested deeper than " + std::to_string(maxTemplateDepth) +
                        " levels",
                    "nest fewer defaults");
      return {};
    }
    std::string result;
    size_t i = 0;
    while (i < text.size() && !m_report.hasFailed()) {
      if (text[i] != '$' || i + 1 >= text.size()) {
        result += text[i++];
        continue;
      }
      char next = text[i + 1];
      if (next == '$') {
        result += '$';
        i += 2;
      } else if (isNameStart(next)) {
        auto end = nameEnd(text, i + 1);
        result += valueOf(std::string(text.substr(i + 1, end - i - 1)));
        i = end;
      } else if (next == '{') {
        i = braced(text, i, result, depth);
      } else {
        result += text[i++];
      }
    }
    if (!m_report.hasFailed())
      m_report.takeText(result.size(), m_place);
    return result;
  }

private:
  std::string inPlace() const { return m_what.empty() ? std::string() : m_what + ": "; }

  size_t malformed(std::string_view text) {
    m_report.fail(m_place, inPlace() + "invalid variable in \"" + std::string(text.substr(0, 80)) + "\"",
                  "write ${NAME}, or $$ for a dollar sign");
    return text.size();
  }

  std::string valueOf(const std::string& name) {
    auto value = m_lookup(name);
    if (!value && m_warned.insert(name).second)
      m_report.warn(m_place, "the variable \"" + name + "\" is not set, a blank string is used",
                    "set it, or write ${" + name + ":-default}");
    return value ? std::move(*value) : std::string();
  }

  // Handles what begins with ${ at `begin`; returns where the text goes on.
  size_t braced(std::string_view text, size_t begin, std::string& result, int depth) {
    auto end = nameEnd(text, begin + 2);
    if (end == begin + 2 || !isNameStart(text[begin + 2]) || end >= text.size())
      return malformed(text);
    std::string name(text.substr(begin + 2, end - begin - 2));
    if (text[end] == '}') {
      result += valueOf(name);
      return end + 1;
    }
    bool alsoEmpty = text[end] == ':';
    auto at = end + (alsoEmpty ? 1 : 0);
    if (at >= text.size() || (text[at] != '-' && text[at] != '?' && text[at] != '+'))
      return malformed(text);
    auto close = closingBrace(text.substr(begin));
    if (!close || *close <= at - begin)
      return malformed(text);
    auto argument = text.substr(at + 1, begin + *close - at - 1);
    result += apply(name, text[at], alsoEmpty, argument, depth);
    return begin + *close + 1;
  }

  std::string apply(const std::string& name, char operation, bool alsoEmpty, std::string_view argument,
                    int depth) {
    auto value = m_lookup(name);
    bool isMissing = !value || (alsoEmpty && value->empty());
    auto substituted = run(argument, depth + 1);
    if (m_report.hasFailed())
      return {};
    if (operation == '-')
      return isMissing ? substituted : *value;
    if (operation == '+')
      return isMissing ? value.value_or("") : substituted;
    if (isMissing)
      m_report.fail(m_place,
                    inPlace() + "required variable " + name + " is missing a value" +
                        (substituted.empty() ? "" : ": " + substituted),
                    "set " + name + " in the environment or in an env file");
    return value.value_or("");
  }

  const Lookup& m_lookup;
  Place m_place;
  const std::string& m_what;
  Report& m_report;
  std::set<std::string> m_warned;
};

} // namespace

std::string substitute(const std::string& text, const Lookup& lookup, Place place, const std::string& what,
                       Report& report) {
  if (text.find('$') == std::string::npos)
    return text;
  return Substitution(lookup, place, what, report).run(text, 0);
}

} // namespace ratdeck::compose
