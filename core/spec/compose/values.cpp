#include "core/spec/compose/values.h"

#include <charconv>
#include <cmath>

namespace ratdeck::compose {

Result<std::int64_t> parseSize(const std::string& text) {
  auto bad = [&] {
    return failure(ErrorKind::Input, "invalid size \"" + text.substr(0, 60) + "\"",
                   "write it like 512m or 2g");
  };
  size_t digits = text.find_first_not_of("0123456789.");
  auto number = text.substr(0, digits);
  double value = 0;
  auto [stop, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (number.empty() || error != std::errc() || stop != number.data() + number.size())
    return bad();
  std::string suffix;
  if (digits != std::string::npos)
    for (size_t i = text[digits] == ' ' ? digits + 1 : digits; i < text.size(); ++i)
      suffix += text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
  constexpr std::string_view units = "kmgtp";
  int power = 0;
  if (!suffix.empty() && units.find(suffix[0]) != std::string_view::npos) {
    power = static_cast<int>(units.find(suffix[0])) + 1;
    suffix.erase(0, 1);
    if (suffix == "ib")
      suffix = "b";
  }
  if (!suffix.empty() && suffix != "b")
    return bad();
  value = std::ldexp(value, 10 * power);
  if (value > 9.0e18)
    return bad();
  return static_cast<std::int64_t>(value);
}

namespace {

class Splitter {
public:
  explicit Splitter(const std::string& text) : m_text(text) {}

  Result<CommandLine> run() {
    for (m_at = 0; m_at < m_text.size() && m_line.cut == std::string::npos && !m_isBad; ++m_at)
      take(m_text[m_at]);
    if (m_isBad || m_isEscaped || m_inSingle || m_inDouble || m_inBack || m_inDollar)
      return failure(ErrorKind::Input, "invalid command line \"" + m_text.substr(0, 120) + "\"",
                     "close the quotes, or write the command as a list");
    endWord();
    return m_line;
  }

private:
  void take(char c) {
    if (m_isEscaped) {
      m_isEscaped = false;
      add(c);
    } else if (c == '\\' && !m_inSingle) {
      m_isEscaped = true;
    } else if (c == '\\') {
      m_word += c;
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      if (isQuoted())
        m_word += c;
      else
        endWord();
    } else {
      takeMark(c);
    }
  }

  bool isQuoted() const { return m_inSingle || m_inDouble || m_inBack || m_inDollar; }

  void takeMark(char c) {
    if (c == '"' && !m_inSingle && !m_inDollar) {
      m_hasWord = m_hasWord || m_inDouble;
      m_inDouble = !m_inDouble;
      return;
    }
    if (c == '\'' && !m_inDouble && !m_inDollar) {
      m_hasWord = m_hasWord || m_inSingle;
      m_inSingle = !m_inSingle;
      return;
    }
    if (c == '`' && !m_inSingle && !m_inDouble && !m_inDollar)
      m_inBack = !m_inBack;
    if (c == ')' && !m_inSingle && !m_inDouble && !m_inBack)
      m_inDollar = !m_inDollar;
    if (c == '(' && !m_inSingle && !m_inDouble && !m_inBack) {
      if (m_inDollar || m_word.empty() || m_word.back() != '$')
        m_isBad = true;
      m_inDollar = true;
      m_word += c;
      return;
    }
    bool isOperator = c == ';' || c == '&' || c == '|' || c == '<' || c == '>';
    if (isOperator && !isQuoted()) {
      if (c == '>' && !m_word.empty() && m_word[0] >= '0' && m_word[0] <= '9')
        m_hasWord = false;
      m_line.cut = m_at;
      return;
    }
    add(c);
  }

  void add(char c) {
    m_word += c;
    m_hasWord = true;
  }

  void endWord() {
    if (m_hasWord)
      m_line.words.push_back(m_word);
    m_word.clear();
    m_hasWord = false;
  }

  const std::string& m_text;
  CommandLine m_line;
  std::string m_word;
  size_t m_at = 0;
  bool m_hasWord = false;
  bool m_isEscaped = false, m_inSingle = false, m_inDouble = false, m_inBack = false, m_inDollar = false;
  bool m_isBad = false;
};

} // namespace

Result<CommandLine> splitCommand(const std::string& text) {
  return Splitter(text).run();
}

} // namespace ratdeck::compose
