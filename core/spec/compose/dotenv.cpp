#include "core/spec/compose/dotenv.h"

#include <optional>

namespace ratdeck::compose {

namespace {

bool isBlank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}
bool isSpace(char c) {
  return isBlank(c) || c == '\n';
}
bool isDigit(char c) {
  return c >= '0' && c <= '9';
}

bool isNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || isDigit(c) || c == '_' || c == '.' || c == '-' ||
         c == '[' || c == ']' || (static_cast<unsigned char>(c) & 0x80U) != 0;
}

std::string trimRight(std::string text) {
  while (!text.empty() && isSpace(text.back()))
    text.pop_back();
  return text;
}

// 0NNN at `at`: the character it means, none if it is no octal number of one byte.
std::optional<unsigned> octalCode(const std::string& text, size_t at) {
  if (at + 3 >= text.size() || text[at] != '0')
    return {};
  unsigned code = 0;
  for (size_t i = at + 1; i <= at + 3; ++i) {
    if (text[i] < '0' || text[i] > '7')
      return {};
    code = code * 8 + static_cast<unsigned>(text[i] - '0');
  }
  return code <= 0xff ? std::optional(code) : std::nullopt;
}

// As UTF-8.
void addCharacter(std::string& text, unsigned code) {
  if (code >= 0x80)
    text += static_cast<char>(0xc0U | (code >> 6U));
  text += static_cast<char>(code >= 0x80 ? 0x80U | (code & 0x3fU) : code);
}

// \n \t … and octal \0NNN of a double-quoted value; \$ becomes the $$ that the variables' reader knows.
std::string expandEscapes(const std::string& text) {
  constexpr std::string_view letters = "abfnrtv\"\\";
  constexpr std::string_view values = "\a\b\f\n\r\t\v\"\\";
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 >= text.size()) {
      result += text[i];
      continue;
    }
    char next = text[i + 1];
    if (next == '$') {
      result += "$$";
      ++i;
    } else if (auto code = octalCode(text, i + 1)) {
      addCharacter(result, *code);
      i += 4;
    } else if (auto at = letters.find(next); at != std::string_view::npos) {
      result += values[at];
      ++i;
    } else {
      result += text[i];
    }
  }
  return result;
}

class EnvReader {
public:
  EnvReader(const std::string& text, std::uint16_t file, const Lookup& lookup, Variables& variables,
            Report& report)
      : m_text(text), m_file(file), m_lookup(lookup), m_variables(variables), m_report(report) {
    if (m_text.rfind("\xef\xbb\xbf", 0) == 0)
      m_at = 3;
  }

  void run() {
    while (skipToStatement() && !m_report.hasFailed())
      readStatement();
  }

private:
  Place here() const { return {m_line, 1, m_file}; }
  char peek() const { return m_at < m_text.size() ? m_text[m_at] : '\0'; }
  bool atEnd() const { return m_at >= m_text.size(); }

  void advance() {
    if (m_text[m_at++] == '\n')
      ++m_line;
  }

  bool skipToStatement() {
    while (!atEnd()) {
      if (isSpace(peek()))
        advance();
      else if (peek() == '#')
        while (!atEnd() && peek() != '\n')
          advance();
      else
        return true;
    }
    return false;
  }

  void skipBlanks() {
    while (!atEnd() && isBlank(peek()))
      advance();
  }

  void skipExport() {
    if (m_text.compare(m_at, 6, "export") == 0 && m_at + 6 < m_text.size() && isBlank(m_text[m_at + 6])) {
      m_at += 6;
      skipBlanks();
    }
  }

  void readStatement() {
    skipExport();
    auto place = here();
    std::string key;
    while (!atEnd() && peek() != '=' && peek() != ':' && peek() != '\n') {
      if (!isNameCharacter(peek()) && !isBlank(peek())) {
        m_report.fail(place, "unexpected character \"" + std::string(1, peek()) + "\" in a variable's name",
                      "write NAME=value, one a line");
        return;
      }
      key += peek();
      advance();
    }
    if (atEnd())
      return; // a name alone stands for the project's value only on a line that ends, as in the reference
    bool hasValue = peek() != '\n';
    key = trimRight(key);
    if (key.find(' ') != std::string::npos) {
      m_report.fail(place, "a variable's name cannot contain a space", "write NAME=value, one a line");
      return;
    }
    if (!hasValue) {
      if (auto value = m_lookup(key); value && m_report.takeText(value->size(), place))
        m_variables[key] = *value;
      return;
    }
    advance();
    skipBlanks();
    auto value = peek() == '"' || peek() == '\'' ? quotedValue(place) : plainValue();
    if (!m_report.hasFailed() && !key.empty())
      m_variables[key] = value;
  }

  std::string expand(const std::string& value, Place place) {
    auto lookup = [this](const std::string& name) -> std::optional<std::string> {
      if (auto value = m_lookup(name))
        return value;
      auto it = m_variables.find(name);
      return it == m_variables.end() ? std::nullopt : std::optional(it->second);
    };
    return substitute(value, lookup, place, {}, m_report);
  }

  std::string plainValue() {
    auto place = here();
    std::string value;
    while (!atEnd() && peek() != '\n') {
      value += peek();
      advance();
    }
    if (auto comment = value.find(" #"); comment != std::string::npos)
      value.resize(comment);
    return expand(trimRight(value), place);
  }

  std::string quotedValue(Place start) {
    char quote = peek();
    std::string value;
    bool escaped = false;
    for (advance(); !atEnd(); advance()) {
      char c = peek();
      if (c == quote && !escaped) {
        advance();
        return quote == '"' ? expand(expandEscapes(value), start) : value;
      }
      if (c == '\\' && !escaped) {
        escaped = true;
        continue;
      }
      if (escaped && c != quote)
        value += '\\';
      escaped = false;
      value += c;
    }
    m_report.fail(start, "a quoted value does not end", "close the quote");
    return {};
  }

  const std::string& m_text;
  std::uint16_t m_file;
  const Lookup& m_lookup;
  Variables& m_variables;
  Report& m_report;
  size_t m_at = 0;
  std::uint32_t m_line = 1;
};

} // namespace

void readEnv(const std::string& text, std::uint16_t file, const Lookup& lookup, Variables& variables,
             Report& report) {
  EnvReader(text, file, lookup, variables, report).run();
}

} // namespace ratdeck::compose
