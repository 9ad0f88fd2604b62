#include "core/spec/compose/yaml_reader.h"

#include "core/spec/compose/scalar.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <string_view>
#include <unordered_map>

namespace ratdeck::compose {

namespace {

// Leaves the library's recursion once an error is reported; never crosses readYaml.
struct StopParsing {};

constexpr const char* mergeKey = "<<";

struct Frame {
  Node node;
  YAML::anchor_t anchor = 0;
  bool isFlow = false;
  // A map's state: the key that waits for its value, the keys seen, the values of `<<`.
  bool hasKey = false;
  bool keyIsMerge = false;
  std::string key;
  Place keyPlace;
  std::unordered_map<std::string, Place> seen;
  std::vector<Node> merges;
};

NodeTag tagOf(const std::string& tag) {
  if (tag == "!reset")
    return NodeTag::Reset;
  return tag == "!override" ? NodeTag::Override : NodeTag::None;
}

class TreeBuilder final : public YAML::EventHandler {
public:
  TreeBuilder(const std::string& text, std::uint16_t file, Report& report)
      : m_text(text), m_file(file), m_report(report) {
    m_lines.push_back(0);
    for (size_t i = 0; i < text.size(); ++i)
      if (text[i] == '\n')
        m_lines.push_back(i + 1);
  }

  std::vector<Node> takeDocuments() { return std::move(m_documents); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    m_stack.clear();
    m_anchors.clear();
    checkDocumentStart(placeOf(mark));
    ++m_documentsSeen;
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node;
    node.place = placeOf(mark);
    add(std::move(node), anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    auto place = placeOf(mark);
    checkTabs(place);
    bool isReset = tagOf(tag) != NodeTag::None;
    auto node = resolveScalar(value, isReset ? "?" : tag, place);
    node.tag = tagOf(tag);
    if (value == mergeKey && (tag == "?" || tag == "tag:yaml.org,2002:merge"))
      m_scalarIsMerge = true;
    add(std::move(node), anchor);
    m_scalarIsMerge = false;
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    auto place = placeOf(mark);
    auto found = m_anchors.find(anchor);
    if (found == m_anchors.end())
      stop(place, "an alias stands inside the value that it names",
           "an anchored value must not contain itself");
    if (!m_report.takeNodes(countNodes(found->second), place))
      throw StopParsing{};
    checkDepth(depthOf(found->second), place);
    placeValue(found->second, place);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    start(Node::ofList(placeOf(mark)), tag, anchor, style);
  }
  void OnSequenceEnd() override { finish(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    start(Node::ofMap(placeOf(mark)), tag, anchor, style);
  }
  void OnMapEnd() override { finish(); }

private:
  Place placeOf(const YAML::Mark& mark) const {
    return {static_cast<std::uint32_t>(mark.line + 1), static_cast<std::uint32_t>(mark.column + 1), m_file};
  }

  [[noreturn]] void stop(Place place, std::string message, std::string next) {
    m_report.fail(place, std::move(message), std::move(next));
    throw StopParsing{};
  }

  std::string_view lineOf(Place place) const {
    if (place.line == 0 || place.line > m_lines.size())
      return {};
    auto begin = m_lines[place.line - 1];
    auto end = place.line < m_lines.size() ? m_lines[place.line] : m_text.size();
    return std::string_view(m_text).substr(begin, end - begin);
  }

  // The library takes what does not fit the indentation for another document: only `---`, or `...` before it,
  // begins one.
  void checkDocumentStart(Place place) {
    if (m_documentsSeen == 0 || lineOf(place).substr(0, 3) == "---")
      return;
    for (auto line = place.line; line-- > 1;) {
      auto text = lineOf({line, 1, m_file});
      auto first = text.find_first_not_of(" \r\n");
      if (first == std::string_view::npos || text[first] == '#')
        continue;
      if (text.substr(0, 3) == "...")
        return;
      break;
    }
    stop(place, "this line does not fit the indentation of the lines before it",
         "indent it like the keys it belongs to");
  }

  // The library takes a line without a colon for a key without a value.
  void checkColon(const Frame& frame) {
    if (frame.isFlow)
      return;
    auto line = lineOf(frame.keyPlace);
    auto before = line.substr(0, std::min<size_t>(frame.keyPlace.column - 1, line.size()));
    auto after = line.substr(before.size());
    if (after.find(':') == std::string_view::npos && before.find('?') == std::string_view::npos)
      stop(frame.keyPlace, "a colon is missing after the key \"" + frame.key.substr(0, 60) + "\"",
           "add the colon");
  }

  // A tab before the first character of a line in block style is what YAML forbids as indentation.
  void checkTabs(Place place) {
    if (place.line == 0 || place.line > m_lines.size() || (!m_stack.empty() && m_stack.back().isFlow))
      return;
    auto begin = m_lines[place.line - 1];
    auto end = std::min(m_text.size(), begin + place.column - 1);
    for (auto i = begin; i < end && (m_text[i] == ' ' || m_text[i] == '\t'); ++i)
      if (m_text[i] == '\t')
        stop({place.line, static_cast<std::uint32_t>(i - begin + 1), m_file},
             "a tab is used for indentation, which YAML does not allow", "indent with spaces");
  }

  static int depthOf(const Node& node) {
    int deepest = 0;
    for (const auto& entry : node.entries)
      deepest = std::max(deepest, depthOf(entry.value));
    for (const auto& item : node.items)
      deepest = std::max(deepest, depthOf(item));
    return deepest + 1;
  }

  void checkDepth(int more, Place place) {
    if (static_cast<int>(m_stack.size()) + more > maxDepth)
      stop(place, "values are nested deeper than " + std::to_string(maxDepth) + " levels", "nest them less");
  }

  void start(Node node, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value style) {
    auto place = node.place;
    bool isFlow = style == YAML::EmitterStyle::Flow || (!m_stack.empty() && m_stack.back().isFlow);
    if (!isFlow)
      checkTabs(place);
    checkDepth(1, place);
    if (!m_stack.empty() && m_stack.back().node.isMap() && !m_stack.back().hasKey)
      stop(place, "a mapping key must be text, not a " + std::string(kindName(node.kind)),
           "write the key as text");
    node.tag = tagOf(tag);
    Frame frame;
    frame.node = std::move(node);
    frame.anchor = anchor;
    frame.isFlow = isFlow;
    m_stack.push_back(std::move(frame));
  }

  void finish() {
    auto frame = std::move(m_stack.back());
    m_stack.pop_back();
    if (frame.node.isMap())
      unfoldMerges(frame);
    add(std::move(frame.node), frame.anchor);
  }

  // Own keys win over merged ones, earlier merges over later ones.
  void unfoldMerges(Frame& frame) {
    auto& entries = frame.node.entries;
    for (auto& merged : frame.merges)
      for (auto& entry : merged.entries)
        if (frame.seen.emplace(entry.key, entry.place).second)
          entries.push_back(std::move(entry));
  }

  void takeMerge(Frame& frame, Node value) {
    auto refuse = [&](Place place) {
      stop(place, "a merge key (<<) needs a mapping or a list of mappings",
           "name an anchored mapping: <<: *name");
    };
    if (value.isMap()) {
      frame.merges.push_back(std::move(value));
      return;
    }
    if (!value.isList())
      refuse(value.place);
    for (auto& item : value.items) {
      if (!item.isMap())
        refuse(item.place);
      frame.merges.push_back(std::move(item));
    }
  }

  void add(Node node, YAML::anchor_t anchor) {
    auto place = node.place;
    if (!m_report.takeNodes(1, place))
      throw StopParsing{};
    if (anchor != 0) {
      if (!m_report.takeNodes(countNodes(node), place))
        throw StopParsing{};
      m_anchors[anchor] = node;
    }
    placeValue(std::move(node), place);
  }

  // Puts a finished value where it belongs: a key, a member, an item or the document itself.
  void placeValue(Node node, Place place) {
    if (m_stack.empty()) {
      if (!node.isNull())
        m_documents.push_back(std::move(node));
      return;
    }
    auto& frame = m_stack.back();
    if (std::max(frame.node.entries.size(), frame.node.items.size()) >= maxEntries)
      stop(place, "a mapping or list has more than " + std::to_string(maxEntries) + " entries", "split it");
    if (frame.node.isList()) {
      frame.node.items.push_back(std::move(node));
      return;
    }
    if (!frame.hasKey) {
      takeKey(frame, node, place);
      return;
    }
    frame.hasKey = false;
    if (frame.keyIsMerge) {
      takeMerge(frame, std::move(node));
      return;
    }
    if (node.isNull() && node.tag == NodeTag::None) {
      checkColon(frame);
      node.place = frame.keyPlace;
    }
    frame.node.entries.push_back(Entry{std::move(frame.key), frame.keyPlace, std::move(node)});
  }

  void takeKey(Frame& frame, const Node& node, Place place) {
    if (!node.isText())
      stop(place,
           "a mapping key must be text, not " +
               (node.isScalar() ? "the " + std::string(kindName(node.kind)) + " " + scalarText(node)
                                : "a " + std::string(kindName(node.kind))),
           "quote the key");
    frame.hasKey = true;
    frame.keyIsMerge = m_scalarIsMerge;
    frame.key = node.text;
    frame.keyPlace = place;
    auto [it, isNew] = frame.seen.emplace(frame.keyIsMerge ? std::string("\n<<") : frame.key, place);
    if (!isNew)
      stop(place,
           "the key \"" + frame.key + "\" is already defined at line " + std::to_string(it->second.line),
           "remove one of the two, or merge them");
  }

  const std::string& m_text;
  std::uint16_t m_file;
  Report& m_report;
  std::vector<size_t> m_lines;
  std::vector<Frame> m_stack;
  std::map<YAML::anchor_t, Node> m_anchors;
  std::vector<Node> m_documents;
  bool m_scalarIsMerge = false;
  int m_documentsSeen = 0;
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
    if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f) {
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
  if (!checkCharacters(text, file, report))
    return {};
  std::istringstream stream(text);
  TreeBuilder builder(text, file, report);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const StopParsing&) {
  } catch (const YAML::Exception& error) {
    Place place{static_cast<std::uint32_t>(std::max(error.mark.line, 0) + 1),
                static_cast<std::uint32_t>(std::max(error.mark.column, 0) + 1), file};
    report.fail(place, "the YAML cannot be read: " + error.msg,
                "check indentation, colons and quotes around here");
  }
  return builder.takeDocuments();
}

} // namespace ratdeck::compose
