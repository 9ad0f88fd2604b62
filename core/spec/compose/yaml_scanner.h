// YAML text -> tokens. The rules of indentation, of what may be a key and of where scalars end are those of
// libyaml, whose reading the reference loader shares; libraries that are more lenient take a stray quote or a
// bad indentation silently, which a deployment must not.
//
// The life of a token: next() looks at the first one that is not taken, take() removes it. A scalar is
// delivered only when it is known whether it is a key.
#pragma once

#include "core/spec/compose/report.h"

#include <deque>
#include <map>
#include <string>
#include <vector>

namespace ratdeck::compose {

// Leaves a scan or a parse once an error is reported; never crosses readYaml.
struct StopReading {};

enum class TokenKind {
  StreamEnd,
  Directive,
  DocumentStart,
  DocumentEnd,
  SequenceStart, // of a block
  MappingStart,  // of a block
  BlockEnd,
  FlowSequenceStart,
  FlowSequenceEnd,
  FlowMappingStart,
  FlowMappingEnd,
  Entry,     // - in a block
  FlowEntry, // , between flow items
  Key,
  Value,
  Alias,
  Anchor,
  Tag,
  Scalar,
};

struct Token {
  TokenKind kind = TokenKind::StreamEnd;
  Place place;
  std::string text;     // of a scalar, alias, anchor or (full) tag
  bool isPlain = false; // Scalar: neither quoted nor a block scalar
};

class YamlScanner {
public:
  // `text` is valid UTF-8 and outlives the scanner.
  YamlScanner(const std::string& text, std::uint16_t file, Report& report);

  const Token& next();
  Token take();
  // Reports and throws StopReading.
  [[noreturn]] void fail(Place place, const std::string& message, const std::string& next);

private:
  struct SimpleKey {
    bool isPossible = false;
    bool isRequired = false;
    size_t token = 0; // number of the token that would follow the key mark
    size_t at = 0;
    Place place;
  };

  char peek(size_t ahead = 0) const { return m_at + ahead < m_text.size() ? m_text[m_at + ahead] : '\0'; }
  bool isEnd(size_t ahead = 0) const { return m_at + ahead >= m_text.size(); }
  bool isBlank(size_t ahead = 0) const { return peek(ahead) == ' ' || peek(ahead) == '\t'; }
  bool isBreak(size_t ahead = 0) const {
    return !isEnd(ahead) && (peek(ahead) == '\n' || peek(ahead) == '\r');
  }
  bool isBlankOrEnd(size_t ahead = 0) const { return isEnd(ahead) || isBlank(ahead) || isBreak(ahead); }
  bool isDocumentMark() const;
  Place here() const { return {m_line, m_column + 1, m_file}; }
  int column() const { return static_cast<int>(m_column); }
  void skip();
  void skipBreak();
  void copy(std::string& text);

  void fetchMore();
  void fetchNext();
  bool fetchIndicator();
  void skipToToken();
  void add(TokenKind kind, Place place, std::string text = {}, bool isPlain = false);
  void insert(size_t number, TokenKind kind, Place place);

  void dropStaleKeys();
  void saveKey();
  void removeKey();
  void rollIndent(int column, size_t number, TokenKind kind, Place place);
  void unrollIndent(int column);

  void fetchDocumentMark(TokenKind kind);
  void fetchDirective();
  void fetchFlowStart(TokenKind kind);
  void fetchFlowEnd(TokenKind kind);
  void fetchEntry();
  void fetchKey();
  void fetchValue();
  void fetchName(TokenKind kind);
  void fetchTag();
  void fetchQuoted(char quote);
  void fetchPlain();
  void fetchBlockScalar(bool isFolded);

  bool scanQuotedText(char quote, std::string& text, bool& isEscapedBreak);
  void scanEscape(std::string& text, Place start);
  void scanBlanks(std::string& text, bool isEscapedBreak);
  int scanBlockHeader(int& chomping, Place start);
  void scanBlockBreaks(int& indent, std::string& breaks);
  void readBreak(std::string& text);

  const std::string& m_text;
  std::uint16_t m_file;
  Report& m_report;
  size_t m_at = 0;
  std::uint32_t m_line = 1;
  std::uint32_t m_column = 0;
  std::deque<Token> m_tokens;
  size_t m_taken = 0; // tokens that were taken: the number of the first in m_tokens
  bool m_isDone = false;
  bool m_keyAllowed = true;
  int m_indent = -1;
  std::vector<int> m_indents;
  std::vector<SimpleKey> m_keys{SimpleKey{}}; // one a flow level; the first is the block's
  std::map<std::string, std::string> m_handles;
};

} // namespace ratdeck::compose
