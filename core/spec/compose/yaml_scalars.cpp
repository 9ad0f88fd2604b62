// The part of the scanner that reads scalars: quoted, plain, literal and folded.
#include "core/spec/compose/yaml_scanner.h"

#include <algorithm>
#include <string_view>

namespace ratdeck::compose {

namespace {

void addUtf8(std::string& text, std::uint32_t code) {
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xc0U | (code >> 6U));
    text += static_cast<char>(0x80U | (code & 0x3fU));
  } else if (code < 0x10000) {
    text += static_cast<char>(0xe0U | (code >> 12U));
    text += static_cast<char>(0x80U | ((code >> 6U) & 0x3fU));
    text += static_cast<char>(0x80U | (code & 0x3fU));
  } else {
    text += static_cast<char>(0xf0U | (code >> 18U));
    text += static_cast<char>(0x80U | ((code >> 12U) & 0x3fU));
    text += static_cast<char>(0x80U | ((code >> 6U) & 0x3fU));
    text += static_cast<char>(0x80U | (code & 0x3fU));
  }
}

int hexDigit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// What a break between two lines of text becomes: one break a blank, more breaks one fewer.
void fold(std::string& text, const std::string& breaks) {
  if (breaks.size() == 1)
    text += ' ';
  else
    text.append(breaks, 1);
}

} // namespace

void YamlScanner::fetchQuoted(char quote) {
  saveKey();
  m_keyAllowed = false;
  auto start = here();
  skip();
  std::string text;
  for (;;) {
    if (isDocumentMark() || isEnd())
      fail(start, "a quoted text does not end", "close the quote");
    bool isEscapedBreak = false;
    if (scanQuotedText(quote, text, isEscapedBreak))
      break;
    scanBlanks(text, isEscapedBreak);
  }
  skip();
  add(TokenKind::Scalar, start, text);
}

// Up to a blank, a break or the closing quote; true at the latter.
bool YamlScanner::scanQuotedText(char quote, std::string& text, bool& isEscapedBreak) {
  while (!isBlankOrEnd()) {
    if (quote == '\'' && peek() == '\'' && peek(1) == '\'') {
      text += '\'';
      skip();
      skip();
    } else if (peek() == quote) {
      return true;
    } else if (quote == '"' && peek() == '\\' && isBreak(1)) {
      skip();
      skipBreak();
      isEscapedBreak = true;
      return false;
    } else if (quote == '"' && peek() == '\\') {
      scanEscape(text, here());
    } else {
      copy(text);
    }
  }
  return false;
}

void YamlScanner::scanEscape(std::string& text, Place start) {
  constexpr std::string_view letters = "abtnvfre \"/\\'\t";
  constexpr std::string_view values = "\a\b\t\n\v\f\r\x1b \"/\\'\t";
  char c = peek(1);
  if (auto at = letters.find(c); at != std::string_view::npos && !isEnd(1)) {
    text += values[at];
    skip();
    skip();
    return;
  }
  size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
  std::uint32_t code = c == 'N' ? 0x85 : c == '_' ? 0xa0 : c == 'L' ? 0x2028 : c == 'P' ? 0x2029 : 0;
  bool isKnown = digits != 0 || code != 0 || c == '0';
  skip();
  skip();
  for (size_t i = 0; i < digits && isKnown; ++i) {
    auto digit = hexDigit(peek());
    isKnown = digit >= 0 && code <= 0x10ffff;
    code = code * 16 + static_cast<std::uint32_t>(digit);
    skip();
  }
  if (!isKnown || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
    fail(start, "an unknown escape (\\) in a quoted text",
         "write \\\\ for a backslash, or use single quotes");
  addUtf8(text, code);
}

// Blanks between words stay; around a break they go, and the breaks are folded.
void YamlScanner::scanBlanks(std::string& text, bool isEscapedBreak) {
  std::string blanks, breaks;
  while (isBlank() || isBreak()) {
    if (isBreak())
      readBreak(breaks);
    else if (breaks.empty() && !isEscapedBreak)
      copy(blanks);
    else
      skip();
  }
  if (isEscapedBreak)
    text += breaks;
  else if (breaks.empty())
    text += blanks;
  else
    fold(text, breaks);
}

void YamlScanner::fetchPlain() {
  saveKey();
  m_keyAllowed = false;
  auto start = here();
  bool inFlow = m_keys.size() > 1;
  int indent = m_indent + 1;
  constexpr std::string_view flowEnders = ",[]{}";
  auto endsHere = [&] {
    return (peek() == ':' && isBlankOrEnd(1)) ||
           (inFlow && (flowEnders.find(peek()) != std::string_view::npos ||
                       (peek() == ':' && flowEnders.find(peek(1)) != std::string_view::npos && !isEnd(1)) ||
                       (peek() == '?' && isBlankOrEnd(1))));
  };
  std::string text, blanks, breaks;
  while (!isDocumentMark() && peek() != '#' && !isEnd()) {
    while (!isBlankOrEnd() && !endsHere()) {
      if (!breaks.empty())
        fold(text, breaks);
      else
        text += blanks;
      blanks.clear();
      breaks.clear();
      copy(text);
    }
    if (!isBlank() && !isBreak())
      break;
    while (isBlank() || isBreak()) {
      if (isBreak()) {
        readBreak(breaks);
      } else if (breaks.empty()) {
        copy(blanks);
      } else {
        if (peek() == '\t' && column() < indent)
          fail(here(), "a tab is used for indentation, which YAML does not allow", "indent with spaces");
        skip();
      }
    }
    if (!inFlow && column() < indent)
      break;
  }
  add(TokenKind::Scalar, start, text, true);
  if (!breaks.empty())
    m_keyAllowed = true;
}

// What follows | or >; gives the written indentation, 0 for none.
int YamlScanner::scanBlockHeader(int& chomping, Place start) {
  int increment = 0;
  for (int i = 0; i < 2; ++i) {
    if (peek() == '+' || peek() == '-') {
      chomping = peek() == '+' ? 1 : -1;
      skip();
    } else if (peek() >= '1' && peek() <= '9') {
      increment = peek() - '0';
      skip();
    }
  }
  while (isBlank())
    skip();
  if (peek() == '#')
    while (!isEnd() && !isBreak())
      skip();
  if (!isEnd() && !isBreak())
    fail(start, "text stands on the line that begins a block of text", "begin the text on the next line");
  if (isBreak())
    skipBreak();
  return increment;
}

void YamlScanner::fetchBlockScalar(bool isFolded) {
  removeKey();
  m_keyAllowed = true;
  auto start = here();
  skip();
  int chomping = 0;
  int increment = scanBlockHeader(chomping, start);
  int indent = increment == 0 ? 0 : (m_indent >= 0 ? m_indent : 0) + increment;
  std::string text, lineBreak, breaks;
  scanBlockBreaks(indent, breaks);
  bool wasIndented = false;
  while (column() == indent && !isEnd()) {
    bool isIndented = isBlank();
    bool isFoldable = isFolded && !lineBreak.empty() && !wasIndented && !isIndented;
    if (!isFoldable)
      text += lineBreak;
    else if (breaks.empty())
      text += ' ';
    text += breaks;
    lineBreak.clear();
    breaks.clear();
    wasIndented = isIndented;
    while (!isEnd() && !isBreak())
      copy(text);
    if (isBreak())
      readBreak(lineBreak);
    scanBlockBreaks(indent, breaks);
  }
  if (chomping != -1)
    text += lineBreak;
  if (chomping == 1)
    text += breaks;
  add(TokenKind::Scalar, start, text);
}

// Indentation and empty lines before a line of the block; finds out the indentation where it is 0.
void YamlScanner::scanBlockBreaks(int& indent, std::string& breaks) {
  int deepest = 0;
  for (;;) {
    while ((indent == 0 || column() < indent) && peek() == ' ')
      skip();
    deepest = std::max(deepest, column());
    if ((indent == 0 || column() < indent) && peek() == '\t')
      fail(here(), "a tab is used for indentation, which YAML does not allow", "indent with spaces");
    if (!isBreak())
      break;
    readBreak(breaks);
  }
  if (indent == 0)
    indent = std::max({deepest, m_indent + 1, 1});
}

} // namespace ratdeck::compose
