#include "core/spec/compose/yaml_reader.h"

#include "core/spec/compose/scalar.h"
#include "core/spec/compose/yaml_scanner.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace ratdeck::compose {

namespace {

constexpr const char* mergeKey = "<<";
constexpr const char* checkIndentation = "check the indentation of this line and the ones before it";

NodeTag tagOf(const std::string& tag) {
  if (tag == "!reset")
    return NodeTag::Reset;
  return tag == "!override" ? NodeTag::Override : NodeTag::None;
}

int depthOf(const Node& node) {
  int deepest = 0;
  for (const auto& entry : node.entries)
    deepest = std::max(deepest, depthOf(entry.value));
  for (const auto& item : node.items)
    deepest = std::max(deepest, depthOf(item));
  return deepest + 1;
}

// Recursive descent over the tokens; maxDepth bounds the recursion.
class TreeReader {
public:
  TreeReader(const std::string& text, std::uint16_t file, Report& report)
      : m_scanner(text, file, report), m_report(report) {}

  void run(std::vector<Node>& documents) {
    for (bool isFirst = true; readDocument(documents, isFirst);)
      isFirst = false;
  }

private:
  // A mapping while it is read.
  struct Mapping {
    Node node;
    std::unordered_map<std::string, Place> seen;
    std::vector<Node> merges; // the values of `<<`
  };
  // What stands before a node.
  struct Properties {
    std::string anchor;
    std::string tag;
    bool isEmpty() const { return anchor.empty() && tag.empty(); }
  };

  bool isNext(TokenKind kind) { return m_scanner.next().kind == kind; }
  bool isNextOneOf(std::initializer_list<TokenKind> kinds) {
    return std::find(kinds.begin(), kinds.end(), m_scanner.next().kind) != kinds.end();
  }
  bool takeIf(TokenKind kind) {
    if (!isNext(kind))
      return false;
    m_scanner.take();
    return true;
  }
  [[noreturn]] void fail(Place place, const std::string& message, const std::string& next) {
    m_scanner.fail(place, message, next);
  }

  bool readDocument(std::vector<Node>& documents, bool isFirst) {
    m_anchors.clear();
    while (!isFirst && takeIf(TokenKind::DocumentEnd)) {
    }
    if (isNext(TokenKind::StreamEnd))
      return false;
    bool isMarked = !isFirst || isNextOneOf({TokenKind::Directive, TokenKind::DocumentStart});
    while (takeIf(TokenKind::Directive)) {
    }
    if (isMarked && !takeIf(TokenKind::DocumentStart))
      fail(m_scanner.next().place, "this line does not fit the indentation of the lines before it",
           "indent it like the keys it belongs to");
    bool isEmpty = isNextOneOf(
        {TokenKind::Directive, TokenKind::DocumentStart, TokenKind::DocumentEnd, TokenKind::StreamEnd});
    documents.push_back(isEmpty ? emptyAt(m_scanner.next().place) : readNode(true, false, 1));
    takeIf(TokenKind::DocumentEnd);
    return true;
  }

  // ---- nodes

  Node readNode(bool isBlock, bool isIndentless, int depth) {
    m_isMergeKey = false;
    if (isNext(TokenKind::Alias))
      return readAlias(depth);
    auto properties = readProperties();
    auto place = m_scanner.next().place;
    if (depth > maxDepth)
      fail(place, "values are nested deeper than " + std::to_string(maxDepth) + " levels", "nest them less");
    switch (m_scanner.next().kind) {
    case TokenKind::Scalar:
      return keep(readScalar(properties), properties);
    case TokenKind::FlowSequenceStart:
      return keep(readFlowSequence(depth), properties);
    case TokenKind::FlowMappingStart:
      return keep(readFlowMapping(depth), properties);
    case TokenKind::SequenceStart:
      if (isBlock)
        return keep(readSequence(depth), properties);
      break;
    case TokenKind::MappingStart:
      if (isBlock)
        return keep(readMapping(depth), properties);
      break;
    case TokenKind::Entry:
      if (isIndentless)
        return keep(readIndentlessSequence(depth), properties);
      break;
    default:
      break;
    }
    if (properties.isEmpty())
      fail(place, "a value is expected here", "check the commas, brackets and indentation around here");
    return keep(resolveScalar("", tagOf(properties.tag) != NodeTag::None ? "?" : properties.tag, place),
                properties);
  }

  Properties readProperties() {
    Properties properties;
    while (isNextOneOf({TokenKind::Anchor, TokenKind::Tag})) {
      auto token = m_scanner.take();
      auto& slot = token.kind == TokenKind::Anchor ? properties.anchor : properties.tag;
      if (!slot.empty())
        fail(token.place, "a value has two anchors or two tags", "keep one");
      slot = token.text;
    }
    // Until its value is read, an anchor's name stands for nothing.
    if (!properties.anchor.empty())
      m_anchors[properties.anchor].reset();
    return properties;
  }

  Node keep(Node node, const Properties& properties) {
    node.tag = tagOf(properties.tag);
    if (!m_report.takeNodes(1, node.place))
      throw StopReading{};
    if (!properties.anchor.empty()) {
      if (!m_report.takeNodes(copyCost(node), node.place))
        throw StopReading{};
      m_anchors[properties.anchor] = node;
    }
    return node;
  }

  Node readAlias(int depth) {
    auto token = m_scanner.take();
    auto found = m_anchors.find(token.text);
    if (found == m_anchors.end())
      fail(token.place, "the alias *" + token.text.substr(0, 60) + " names no anchor before it",
           "write &" + token.text.substr(0, 60) + " before the value that is meant");
    if (!found->second)
      fail(token.place, "an alias stands inside the value that it names",
           "an anchored value must not contain itself");
    if (!m_report.takeNodes(copyCost(*found->second), token.place))
      throw StopReading{};
    if (depth + depthOf(*found->second) - 1 > maxDepth)
      fail(token.place, "values are nested deeper than " + std::to_string(maxDepth) + " levels",
           "nest them less");
    return *found->second;
  }

  Node readScalar(const Properties& properties) {
    auto token = m_scanner.take();
    auto tag = properties.tag;
    if (tag.empty() || tag == "!" || tagOf(tag) != NodeTag::None)
      tag = token.isPlain && tag != "!" ? "?" : "!";
    m_isMergeKey = token.text == mergeKey && (tag == "?" || tag == "tag:yaml.org,2002:merge");
    return resolveScalar(token.text, tag, token.place);
  }

  static Node emptyAt(Place place) {
    Node node;
    node.place = place;
    return node;
  }

  // ---- lists

  void addItem(Node& list, Node item) {
    if (list.items.size() >= maxEntries)
      fail(item.place, "a list has more than " + std::to_string(maxEntries) + " entries", "split it");
    list.items.push_back(std::move(item));
  }

  Node readSequence(int depth) {
    auto list = Node::ofList(m_scanner.take().place);
    while (isNext(TokenKind::Entry)) {
      auto place = m_scanner.take().place;
      bool isEmpty = isNextOneOf({TokenKind::Entry, TokenKind::BlockEnd});
      addItem(list, isEmpty ? emptyAt(place) : readNode(true, false, depth + 1));
    }
    if (!takeIf(TokenKind::BlockEnd))
      fail(m_scanner.next().place, "a list entry (-) is expected here", checkIndentation);
    return list;
  }

  // A list that stands no deeper than the key it belongs to.
  Node readIndentlessSequence(int depth) {
    auto list = Node::ofList(m_scanner.next().place);
    while (isNext(TokenKind::Entry)) {
      auto place = m_scanner.take().place;
      bool isEmpty = isNextOneOf({TokenKind::Entry, TokenKind::Key, TokenKind::Value, TokenKind::BlockEnd});
      addItem(list, isEmpty ? emptyAt(place) : readNode(true, false, depth + 1));
    }
    return list;
  }

  Node readFlowSequence(int depth) {
    auto list = Node::ofList(m_scanner.take().place);
    while (!isNext(TokenKind::FlowSequenceEnd)) {
      if (!list.items.empty() && !takeIf(TokenKind::FlowEntry))
        fail(m_scanner.next().place, "a comma or ] is expected here", "close the bracket, or quote the text");
      if (isNext(TokenKind::FlowSequenceEnd))
        break;
      addItem(list, isNext(TokenKind::Key) ? readPair(depth + 1) : readNode(false, false, depth + 1));
    }
    m_scanner.take();
    return list;
  }

  // [a: b] is a list of one mapping.
  Node readPair(int depth) {
    Mapping mapping;
    mapping.node = Node::ofMap(m_scanner.next().place);
    readFlowEntry(mapping, TokenKind::FlowSequenceEnd, depth);
    return finish(std::move(mapping));
  }

  // ---- mappings

  Node readMapping(int depth) {
    Mapping mapping;
    mapping.node = Node::ofMap(m_scanner.take().place);
    while (isNext(TokenKind::Key)) {
      auto place = m_scanner.take().place;
      bool isEmpty = isNextOneOf({TokenKind::Key, TokenKind::Value, TokenKind::BlockEnd});
      auto key = isEmpty ? emptyAt(place) : readNode(true, true, depth + 1);
      bool isMerge = m_isMergeKey;
      place = checkKey(mapping, key, isMerge);
      Node value = emptyAt(place);
      if (takeIf(TokenKind::Value) && !isNextOneOf({TokenKind::Key, TokenKind::Value, TokenKind::BlockEnd}))
        value = readNode(true, true, depth + 1);
      addEntry(mapping, std::move(key), isMerge, std::move(value));
    }
    if (!takeIf(TokenKind::BlockEnd))
      fail(m_scanner.next().place, "this line does not fit the indentation of the lines before it",
           "indent it like the keys it belongs to");
    return finish(std::move(mapping));
  }

  Node readFlowMapping(int depth) {
    Mapping mapping;
    mapping.node = Node::ofMap(m_scanner.take().place);
    for (bool isFirst = true; !isNext(TokenKind::FlowMappingEnd); isFirst = false) {
      if (!isFirst && !takeIf(TokenKind::FlowEntry))
        fail(m_scanner.next().place, "a comma or } is expected here", "close the brace, or quote the text");
      if (isNext(TokenKind::FlowMappingEnd))
        break;
      readFlowEntry(mapping, TokenKind::FlowMappingEnd, depth + 1);
    }
    m_scanner.take();
    return finish(std::move(mapping));
  }

  // key: value, key, or : value
  void readFlowEntry(Mapping& mapping, TokenKind end, int depth) {
    auto place = m_scanner.next().place;
    bool isMarked = takeIf(TokenKind::Key);
    bool isEmpty = isMarked && isNextOneOf({TokenKind::Value, TokenKind::FlowEntry, end});
    auto key = isEmpty ? emptyAt(place) : readNode(false, false, depth);
    bool isMerge = m_isMergeKey;
    place = checkKey(mapping, key, isMerge);
    Node value = emptyAt(place);
    if (isMarked && takeIf(TokenKind::Value) && !isNextOneOf({TokenKind::FlowEntry, end}))
      value = readNode(false, false, depth);
    addEntry(mapping, std::move(key), isMerge, std::move(value));
  }

  Place checkKey(Mapping& mapping, const Node& key, bool isMerge) {
    if (!key.isText()) {
      auto what = key.isScalar() && !key.isNull()
                      ? "the " + std::string(kindName(key.kind)) + " " + scalarText(key)
                      : "a " + std::string(kindName(key.kind));
      fail(key.place, "a mapping key must be text, not " + what, "quote the key");
    }
    auto [it, isNew] = mapping.seen.emplace(isMerge ? "\n<<" : key.text, key.place);
    if (!isNew)
      fail(key.place,
           "the key \"" + key.text + "\" is already defined at line " + std::to_string(it->second.line),
           "remove one of the two, or merge them");
    if (mapping.seen.size() > maxEntries)
      fail(key.place, "a mapping has more than " + std::to_string(maxEntries) + " entries", "split it");
    return key.place;
  }

  void addEntry(Mapping& mapping, Node key, bool isMerge, Node value) {
    if (isMerge)
      takeMerge(mapping, std::move(value));
    else
      mapping.node.entries.push_back(Entry{std::move(key.text), key.place, std::move(value)});
  }

  void takeMerge(Mapping& mapping, Node value) {
    auto take = [&](Node&& merged) {
      if (!merged.isMap())
        fail(merged.place, "a merge key (<<) needs a mapping or a list of mappings",
             "name an anchored mapping: <<: *name");
      mapping.merges.push_back(std::move(merged));
    };
    if (!value.isList())
      take(std::move(value));
    for (auto& item : value.items)
      take(std::move(item));
  }

  // Own keys win over merged ones, earlier merges over later ones.
  Node finish(Mapping mapping) {
    for (auto& merged : mapping.merges)
      for (auto& entry : merged.entries)
        if (mapping.seen.emplace(entry.key, entry.place).second)
          mapping.node.entries.push_back(std::move(entry));
    return std::move(mapping.node);
  }

  YamlScanner m_scanner;
  Report& m_report;
  std::map<std::string, std::optional<Node>> m_anchors;
  bool m_isMergeKey = false; // the scalar that was read last is a plain <<
};

// Length of the UTF-8 sequence at text[i], 0 if it is not valid there.
size_t sequenceLength(const std::string& text, size_t i) {
  auto byte = [&](size_t k) {
    return k < text.size() ? static_cast<unsigned char>(text[k]) : 0U;
  };
  auto lead = byte(i);
  if (lead < 0x80)
    return 1;
  size_t length = lead >= 0xc2 && lead <= 0xdf   ? 2
                  : (lead & 0xf0U) == 0xe0       ? 3
                  : lead >= 0xf0 && lead <= 0xf4 ? 4
                                                 : 0;
  for (size_t k = 1; k < length; ++k)
    if ((byte(i + k) & 0xc0U) != 0x80)
      return 0;
  if ((lead == 0xe0 && byte(i + 1) < 0xa0) || (lead == 0xed && byte(i + 1) > 0x9f) ||
      (lead == 0xf0 && byte(i + 1) < 0x90) || (lead == 0xf4 && byte(i + 1) > 0x8f))
    return 0;
  return length;
}

bool checkCharacters(const std::string& text, std::uint16_t file, Report& report) {
  Place place{1, 1, file};
  for (size_t i = 0; i < text.size();) {
    auto length = sequenceLength(text, i);
    if (length == 0) {
      report.fail(place, "the file is not valid UTF-8", "save it as UTF-8");
      return false;
    }
    auto c = static_cast<unsigned char>(text[i]);
    auto character = std::string_view(text).substr(i, length);
    bool isHighControl = character >= "\xc2\x80" && character <= "\xc2\x9f" && character != "\xc2\x85";
    bool isNoCharacter = character == "\xef\xbf\xbe" || character == "\xef\xbf\xbf";
    if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f || isHighControl || isNoCharacter) {
      report.fail(place, "control characters are not allowed", "remove the character");
      return false;
    }
    if (c == '\n') {
      ++place.line;
      place.column = 1;
    } else {
      ++place.column;
    }
    i += length;
  }
  return true;
}

} // namespace

std::vector<Node> readYaml(const std::string& text, std::uint16_t file, Report& report) {
  std::vector<Node> documents;
  if (!checkCharacters(text, file, report))
    return documents;
  try {
    TreeReader(text, file, report).run(documents);
  } catch (const StopReading&) {
    // the error is in the report
  }
  return documents;
}

} // namespace ratdeck::compose
