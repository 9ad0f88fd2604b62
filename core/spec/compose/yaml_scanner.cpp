#include "core/spec/compose/yaml_scanner.h"

#include <string_view>

namespace ratdeck::compose {

namespace {

constexpr size_t longestKey = 1024; // a key without `?` ends within so many bytes, on one line
constexpr const char* checkIndentation =
    "check the indentation and the quotes of this line and the ones before it";

bool isNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool isTagCharacter(char c) {
  constexpr std::string_view others = ";/?:@&=+$.%!~*'()[]";
  return isNameCharacter(c) || (c != '\0' && others.find(c) != std::string_view::npos);
}

} // namespace

YamlScanner::YamlScanner(const std::string& text, std::uint16_t file, Report& report)
    : m_text(text), m_file(file), m_report(report), m_handles{{"!", "!"}, {"!!", "tag:yaml.org,2002:"}} {
  if (m_text.rfind("\xef\xbb\xbf", 0) == 0)
    m_at = 3;
}

void YamlScanner::fail(Place place, const std::string& message, const std::string& next) {
  m_report.fail(place, message, next);
  throw StopReading{};
}

const Token& YamlScanner::next() {
  fetchMore();
  return m_tokens.front();
}

Token YamlScanner::take() {
  fetchMore();
  auto token = std::move(m_tokens.front());
  m_tokens.pop_front();
  ++m_taken;
  return token;
}

// Columns count characters: bytes that go on with one do not.
void YamlScanner::skip() {
  ++m_at;
  if ((static_cast<unsigned char>(peek()) & 0xc0U) != 0x80 || isEnd())
    ++m_column;
}

void YamlScanner::copy(std::string& text) {
  text += peek();
  skip();
}

void YamlScanner::skipBreak() {
  m_at += peek() == '\r' && peek(1) == '\n' ? 2 : 1;
  ++m_line;
  m_column = 0;
}

void YamlScanner::readBreak(std::string& text) {
  text += '\n';
  skipBreak();
}

bool YamlScanner::isDocumentMark() const {
  if (m_column != 0 || !isBlankOrEnd(3))
    return false;
  auto mark = std::string_view(m_text).substr(m_at, 3);
  return mark == "---" || mark == "...";
}

void YamlScanner::add(TokenKind kind, Place place, std::string text, bool isPlain) {
  m_tokens.push_back({kind, place, std::move(text), isPlain});
}

void YamlScanner::insert(size_t number, TokenKind kind, Place place) {
  m_tokens.insert(m_tokens.begin() + static_cast<std::ptrdiff_t>(number - m_taken),
                  Token{kind, place, {}, false});
}

// The first token stands fast when no key mark can come before it any more.
void YamlScanner::fetchMore() {
  for (;;) {
    bool needsMore = m_tokens.empty();
    if (!needsMore) {
      dropStaleKeys();
      for (const auto& key : m_keys)
        needsMore = needsMore || (key.isPossible && key.token == m_taken);
    }
    if (!needsMore || m_isDone)
      return;
    fetchNext();
  }
}

void YamlScanner::dropStaleKeys() {
  for (auto& key : m_keys) {
    if (!key.isPossible || (key.place.line == m_line && m_at - key.at <= longestKey))
      continue;
    if (key.isRequired)
      fail(key.place, "a colon is missing after the key",
           "add the colon, or " + std::string(checkIndentation));
    key.isPossible = false;
  }
}

void YamlScanner::saveKey() {
  if (!m_keyAllowed)
    return;
  bool isRequired = m_keys.size() == 1 && m_indent == column();
  removeKey();
  m_keys.back() = {true, isRequired, m_taken + m_tokens.size(), m_at, here()};
}

void YamlScanner::removeKey() {
  auto& key = m_keys.back();
  if (key.isPossible && key.isRequired)
    fail(key.place, "a colon is missing after the key", "add the colon, or " + std::string(checkIndentation));
  key.isPossible = false;
}

void YamlScanner::rollIndent(int column, size_t number, TokenKind kind, Place place) {
  if (m_keys.size() > 1 || m_indent >= column)
    return;
  m_indents.push_back(m_indent);
  m_indent = column;
  insert(number, kind, place);
}

void YamlScanner::unrollIndent(int column) {
  if (m_keys.size() > 1)
    return;
  while (m_indent > column) {
    add(TokenKind::BlockEnd, here());
    m_indent = m_indents.back();
    m_indents.pop_back();
  }
}

// Tabs separate words; where a line or a key may begin they would be indentation.
void YamlScanner::skipToToken() {
  for (;;) {
    while (peek() == ' ' || ((m_keys.size() > 1 || !m_keyAllowed) && peek() == '\t'))
      skip();
    if (peek() == '#')
      while (!isEnd() && !isBreak())
        skip();
    if (!isBreak())
      return;
    skipBreak();
    if (m_keys.size() == 1)
      m_keyAllowed = true;
  }
}

void YamlScanner::fetchNext() {
  skipToToken();
  dropStaleKeys();
  unrollIndent(column());
  if (isEnd()) {
    unrollIndent(-1);
    removeKey();
    m_keyAllowed = false;
    m_isDone = true;
    add(TokenKind::StreamEnd, here());
    return;
  }
  if (m_column == 0 && peek() == '%')
    return fetchDirective();
  if (isDocumentMark())
    return fetchDocumentMark(peek() == '-' ? TokenKind::DocumentStart : TokenKind::DocumentEnd);
  if (fetchIndicator())
    return;
  if (peek() == '\t')
    fail(here(), "a tab is used for indentation, which YAML does not allow", "indent with spaces");
  constexpr std::string_view indicators = "-?:,[]{}#&*!|>'\"%@`";
  bool isIndicator = indicators.find(peek()) != std::string_view::npos;
  bool beginsPlain = !isIndicator || (peek() == '-' && !isBlank(1)) ||
                     (m_keys.size() == 1 && (peek() == '?' || peek() == ':') && !isBlankOrEnd(1));
  if (!beginsPlain)
    fail(here(), "the character \"" + std::string(1, peek()) + "\" cannot begin a value", "quote the value");
  fetchPlain();
}

bool YamlScanner::fetchIndicator() {
  bool inFlow = m_keys.size() > 1;
  switch (peek()) {
  case '[':
    fetchFlowStart(TokenKind::FlowSequenceStart);
    return true;
  case '{':
    fetchFlowStart(TokenKind::FlowMappingStart);
    return true;
  case ']':
    fetchFlowEnd(TokenKind::FlowSequenceEnd);
    return true;
  case '}':
    fetchFlowEnd(TokenKind::FlowMappingEnd);
    return true;
  case ',':
    removeKey();
    m_keyAllowed = true;
    add(TokenKind::FlowEntry, here());
    skip();
    return true;
  case '*':
    fetchName(TokenKind::Alias);
    return true;
  case '&':
    fetchName(TokenKind::Anchor);
    return true;
  case '!':
    fetchTag();
    return true;
  case '\'':
  case '"':
    fetchQuoted(peek());
    return true;
  default:
    break;
  }
  if (peek() == '-' && isBlankOrEnd(1))
    fetchEntry();
  else if (peek() == '?' && (inFlow || isBlankOrEnd(1)))
    fetchKey();
  else if (peek() == ':' && (inFlow || isBlankOrEnd(1)))
    fetchValue();
  else if (!inFlow && (peek() == '|' || peek() == '>'))
    fetchBlockScalar(peek() == '>');
  else
    return false;
  return true;
}

void YamlScanner::fetchDocumentMark(TokenKind kind) {
  unrollIndent(-1);
  removeKey();
  m_keyAllowed = false;
  add(kind, here());
  for (int i = 0; i < 3; ++i)
    skip();
}

// %YAML and %TAG; others are skipped, as YAML says.
void YamlScanner::fetchDirective() {
  unrollIndent(-1);
  removeKey();
  m_keyAllowed = false;
  auto place = here();
  std::vector<std::string> words(1);
  while (!isEnd() && !isBreak() && peek() != '#') {
    if (isBlank()) {
      if (!words.back().empty())
        words.emplace_back();
      skip();
    } else {
      copy(words.back());
    }
  }
  if (words[0] == "%YAML" && (words.size() < 2 || words[1].rfind("1.", 0) != 0))
    fail(place, "this YAML version is not known", "remove the line");
  if (words[0] == "%TAG" && words.size() > 2)
    m_handles[words[1]] = words[2];
  add(TokenKind::Directive, place);
}

void YamlScanner::fetchFlowStart(TokenKind kind) {
  saveKey();
  auto place = here();
  if (m_keys.size() > static_cast<size_t>(maxDepth))
    fail(place, "values are nested deeper than " + std::to_string(maxDepth) + " levels", "nest them less");
  m_keys.emplace_back();
  m_keyAllowed = true;
  skip();
  add(kind, place);
}

void YamlScanner::fetchFlowEnd(TokenKind kind) {
  removeKey();
  if (m_keys.size() > 1)
    m_keys.pop_back();
  m_keyAllowed = false;
  add(kind, here());
  skip();
}

void YamlScanner::fetchEntry() {
  auto place = here();
  if (m_keys.size() == 1) {
    if (!m_keyAllowed)
      fail(place, "a list entry (-) cannot stand here", checkIndentation);
    rollIndent(column(), m_taken + m_tokens.size(), TokenKind::SequenceStart, place);
  }
  removeKey();
  m_keyAllowed = true;
  skip();
  add(TokenKind::Entry, place);
}

void YamlScanner::fetchKey() {
  auto place = here();
  if (m_keys.size() == 1) {
    if (!m_keyAllowed)
      fail(place, "a key (?) cannot stand here", checkIndentation);
    rollIndent(column(), m_taken + m_tokens.size(), TokenKind::MappingStart, place);
  }
  removeKey();
  m_keyAllowed = m_keys.size() == 1;
  skip();
  add(TokenKind::Key, place);
}

void YamlScanner::fetchValue() {
  auto place = here();
  auto& key = m_keys.back();
  if (key.isPossible) {
    key.isPossible = false;
    insert(key.token, TokenKind::Key, key.place);
    rollIndent(static_cast<int>(key.place.column) - 1, key.token, TokenKind::MappingStart, key.place);
    m_keyAllowed = false;
  } else {
    if (m_keys.size() == 1) {
      if (!m_keyAllowed)
        fail(place, "a second value (:) stands on one line", "quote the text if the colon belongs to it");
      rollIndent(column(), m_taken + m_tokens.size(), TokenKind::MappingStart, place);
    }
    m_keyAllowed = m_keys.size() == 1;
  }
  skip();
  add(TokenKind::Value, place);
}

void YamlScanner::fetchName(TokenKind kind) {
  saveKey();
  m_keyAllowed = false;
  auto place = here();
  skip();
  std::string name;
  while (isNameCharacter(peek()))
    copy(name);
  constexpr std::string_view enders = "?:,]}%@`";
  if (name.empty() || (!isBlankOrEnd() && enders.find(peek()) == std::string_view::npos))
    fail(place, kind == TokenKind::Alias ? "an alias (*) needs a name" : "an anchor (&) needs a name",
         "name it with letters, digits, dashes and underscores, or quote the value");
  add(kind, place, name);
}

void YamlScanner::fetchTag() {
  saveKey();
  m_keyAllowed = false;
  auto place = here();
  std::string tag;
  bool inFlow = m_keys.size() > 1;
  bool isVerbatim = peek(1) == '<';
  if (isVerbatim) {
    skip();
    skip();
  }
  while (isTagCharacter(peek()) && !(inFlow && peek() == ']'))
    copy(tag);
  if (isVerbatim && peek() != '>')
    fail(place, "a tag that begins with !< must end with >", "close it, or quote the value");
  if (isVerbatim)
    skip();
  if (!isBlankOrEnd() && !(inFlow && (peek() == ',' || peek() == ']' || peek() == '}')))
    fail(place, "a tag (!) must be followed by a blank", "put a blank before the value, or quote it");
  if (!isVerbatim) {
    auto second = tag.find('!', 1);
    auto handle = tag.substr(0, second == std::string::npos ? 1 : second + 1);
    auto known = m_handles.find(handle);
    if (known == m_handles.end() || (handle.size() > 1 && tag == handle))
      fail(place, "the tag \"" + tag.substr(0, 60) + "\" is not declared", "remove it, or quote the value");
    tag = known->second + tag.substr(handle.size());
  }
  add(TokenKind::Tag, place, tag);
}

} // namespace ratdeck::compose
