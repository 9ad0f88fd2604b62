#include "core/spec/compose/schema.h"

#include "core/base/wording.h"
#include "core/spec/compose/nearest.h"
#include "core/spec/compose/schema_table.h"
#include "core/spec/compose/tree_path.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <sstream>

namespace ratdeck::compose {

namespace {

struct Type;

// One alternative of a type.
struct Form {
  enum class Kind { String, Number, Integer, Boolean, Null, Any, List, Shape } kind = Kind::Any;
  bool isUnique = false;                                         // List
  std::int64_t least = std::numeric_limits<std::int64_t>::min(); // Integer
  std::int64_t most = std::numeric_limits<std::int64_t>::max();  // Integer
  std::vector<Form> items;                                       // List: the alternatives of an item
  std::string shape;                                             // Shape
};

struct Type {
  std::vector<Form> forms;
};

// A string of a form that no list of words can say.
struct TextForm {
  const char* shape;
  bool (*matches)(const std::string& text);
  const char* advice;
};

bool isNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
         c == '-';
}

// As in the reference, two characters of a name anywhere in the text suffice.
bool isContainerName(const std::string& text) {
  for (size_t i = 0; i + 1 < text.size(); ++i)
    if (std::isalnum(static_cast<unsigned char>(text[i])) && isNameCharacter(text[i + 1]))
      return true;
  return false;
}

// The reference looks for one of these words anywhere in the text; after every_ stand a number and a unit.
bool isPullPolicy(const std::string& text) {
  constexpr std::array<const char*, 8> words{"always",  "never",   "build", "if_not_present",
                                             "missing", "refresh", "daily", "weekly"};
  for (const auto* word : words)
    if (text.find(word) != std::string::npos)
      return true;
  constexpr std::string_view every = "every_";
  for (auto at = text.find(every); at != std::string::npos; at = text.find(every, at + 1)) {
    auto number = at + every.size();
    auto unit = text.find_first_not_of("0123456789", number);
    if (unit != std::string::npos && unit > number &&
        std::string_view("wdhms").find(text[unit]) != std::string::npos)
      return true;
  }
  return false;
}

constexpr std::array<TextForm, 2> textForms{
    {{"container_name", isContainerName, "use two letters, digits, dots, dashes or underscores at least"},
     {"pull_policy", isPullPolicy,
      "write always, never, missing, build, refresh, daily, weekly or every_ and a time such as every_12h"}}};

const TextForm* textFormOf(const std::string& shape) {
  for (const auto& form : textForms)
    if (shape == form.shape)
      return &form;
  return nullptr;
}

struct Shape {
  std::map<std::string, Type> fields;
  std::vector<std::string> required;
  std::vector<std::string> words; // not empty: a string that is one of these
  const TextForm* text = nullptr; // a string of this form
  bool allowsExtensions = false;
  bool needsName = false;
  std::vector<Form> others; // of keys that are no field; empty: none allowed

  bool isText() const { return text || !words.empty(); }
};

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);)
    if (!part.empty())
      parts.push_back(part);
  return parts;
}

std::vector<Form> parseForms(const std::string& text, char separator);

void addForm(const std::string& word, std::vector<Form>& forms) {
  for (const auto& alias : schemaAliases)
    if (word == alias[0]) {
      for (auto& form : parseForms(alias[1], '|'))
        forms.push_back(std::move(form));
      return;
    }
  static const std::map<std::string, Form::Kind> kinds{{"s", Form::Kind::String},  {"n", Form::Kind::Number},
                                                       {"i", Form::Kind::Integer}, {"b", Form::Kind::Boolean},
                                                       {"0", Form::Kind::Null},    {"any", Form::Kind::Any}};
  Form form;
  if (auto it = kinds.find(word); it != kinds.end()) {
    form.kind = it->second;
  } else if (word.rfind("i(", 0) == 0) {
    form.kind = Form::Kind::Integer;
    auto comma = word.find(',');
    form.least = std::stoll(word.substr(2));
    if (word[comma + 1] != ')')
      form.most = std::stoll(word.substr(comma + 1));
  } else if (word.front() == '[' || word.front() == '{') {
    form.kind = Form::Kind::List;
    form.isUnique = word.front() == '{';
    form.items = parseForms(word.substr(1, word.size() - 2), '/');
  } else {
    form.kind = Form::Kind::Shape;
    form.shape = word;
  }
  forms.push_back(std::move(form));
}

std::vector<Form> parseForms(const std::string& text, char separator) {
  std::vector<Form> forms;
  for (const auto& word : split(text, separator))
    addForm(word, forms);
  return forms;
}

std::map<std::string, Shape> parseTable() {
  std::map<std::string, Shape> shapes;
  for (const std::string line : schemaTable) {
    auto colon = line.find(':');
    auto& shape = shapes[line.substr(0, colon)];
    for (const auto& word : split(line.substr(colon + 1), ' ')) {
      auto equals = word.find('=');
      if (word == "x")
        shape.allowsExtensions = true;
      else if (word.front() == '!')
        shape.required = split(word.substr(1), ',');
      else if (word == "~")
        shape.text = textFormOf(line.substr(0, colon));
      else if (word.front() == '<')
        shape.words = split(word.substr(1), ',');
      else if (word.front() == '*' || word.front() == '@') {
        shape.needsName = word.front() == '@';
        shape.others = parseForms(word.substr(equals + 1), '|');
      } else
        shape.fields[word.substr(0, equals)].forms = parseForms(word.substr(equals + 1), '|');
    }
  }
  return shapes;
}

const std::map<std::string, Shape>& shapes() {
  static const auto table = parseTable();
  return table;
}

bool isName(const std::string& key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), isNameCharacter);
}

// Equal for values that are equal: what lists without repeated items are checked with.
std::string fingerprint(const Node& node) {
  std::string text(1, static_cast<char>('0' + static_cast<int>(node.kind)));
  if (node.isScalar())
    return text + scalarText(node);
  std::map<std::string, std::string> members;
  for (const auto& entry : node.entries)
    members[entry.key] = fingerprint(entry.value);
  for (const auto& [key, value] : members)
    text += "\1" + key + "\2" + value;
  for (const auto& item : node.items)
    text += "\3" + fingerprint(item);
  return text + "\4";
}

class Check {
public:
  explicit Check(Report& report) : m_report(report) {}

  void run(const Node& root) { checkShape(root, shapes().at("model")); }

private:
  bool takes(const Form& form, const Node& node) const {
    switch (form.kind) {
    case Form::Kind::String:
      return node.isText();
    case Form::Kind::Number:
      return node.kind == NodeKind::Integer || node.kind == NodeKind::Float;
    case Form::Kind::Integer:
      return node.kind == NodeKind::Integer || (node.kind == NodeKind::Float && isWhole(node.number));
    case Form::Kind::Boolean:
      return node.kind == NodeKind::Boolean;
    case Form::Kind::Null:
      return node.isNull();
    case Form::Kind::Any:
      return true;
    case Form::Kind::List:
      return node.isList();
    case Form::Kind::Shape:
      return shapes().at(form.shape).isText() ? node.isText() : node.isMap();
    }
    return false;
  }

  static std::string nameOf(const Form& form) {
    switch (form.kind) {
    case Form::Kind::String:
      return "a string";
    case Form::Kind::Number:
      return "a number";
    case Form::Kind::Integer:
      return "an integer";
    case Form::Kind::Boolean:
      return "a boolean";
    case Form::Kind::Null:
      return "null";
    case Form::Kind::Any:
      return "anything";
    case Form::Kind::List:
      return "a list";
    case Form::Kind::Shape:
      break;
    }
    const auto& shape = shapes().at(form.shape);
    const auto& words = shape.words;
    if (words.empty())
      return shape.isText() ? "a string" : "a mapping";
    std::string text = "one of";
    for (const auto& word : words)
      text += (&word == &words.front() ? " " : ", ") + word;
    return text;
  }

  void checkForms(const Node& node, const std::vector<Form>& forms, Place place) {
    if (m_report.hasFailed())
      return;
    for (const auto& form : forms)
      if (takes(form, node)) {
        checkForm(node, form);
        return;
      }
    std::string expected;
    for (size_t i = 0; i < forms.size(); ++i)
      expected += (i == 0 ? "" : i + 1 == forms.size() ? " or " : ", ") + nameOf(forms[i]);
    bool isEmpty = node.isNull();
    m_report.fail(node.place.line ? node.place : place,
                  m_path.toString() + " must be " + expected + (isEmpty ? ", it is empty" : ""),
                  isEmpty ? "remove the key or give it a value"
                          : "write " + expected + " instead of a " + kindName(node.kind));
  }

  void checkForm(const Node& node, const Form& form) {
    if (form.kind == Form::Kind::Shape)
      checkShape(node, shapes().at(form.shape));
    if (form.kind == Form::Kind::Integer)
      checkBounds(node, form);
    if (form.kind != Form::Kind::List)
      return;
    std::set<std::string> seen;
    for (const auto& item : node.items) {
      Step step(m_path, "[" + std::to_string(&item - node.items.data()) + "]");
      checkForms(item, form.items, node.place);
      if (form.isUnique && !seen.insert(fingerprint(item)).second)
        m_report.fail(item.place, m_path.toString() + " repeats an earlier item", "remove one of the two");
      if (m_report.hasFailed())
        return;
    }
  }

  void checkBounds(const Node& node, const Form& form) {
    auto value = node.kind == NodeKind::Integer ? node.integer : static_cast<std::int64_t>(node.number);
    if (value < form.least)
      m_report.fail(node.place, m_path.toString() + " must be at least " + std::to_string(form.least),
                    "write a larger number");
    if (value > form.most)
      m_report.fail(node.place, m_path.toString() + " must be at most " + std::to_string(form.most),
                    "write a smaller number");
  }

  void checkShape(const Node& node, const Shape& shape) {
    if (shape.text && !shape.text->matches(node.text))
      m_report.fail(node.place, m_path.toString() + ": \"" + node.text.substr(0, 60) + "\" is not valid",
                    shape.text->advice);
    if (!shape.words.empty()) {
      if (std::find(shape.words.begin(), shape.words.end(), node.text) == shape.words.end())
        failWord(node, shape);
      return;
    }
    for (const auto& entry : node.entries) {
      auto field = shape.fields.find(entry.key);
      if (field != shape.fields.end()) {
        Step step(m_path, entry.key);
        checkForms(entry.value, field->second.forms, entry.place);
      } else if (!shape.allowsExtensions || entry.key.rfind("x-", 0) != 0) {
        checkOther(entry, shape);
      }
      if (m_report.hasFailed())
        return;
    }
    for (const auto& choice : shape.required) {
      auto keys = split(choice, '|');
      if (std::none_of(keys.begin(), keys.end(), [&](const std::string& key) { return node.find(key); }))
        m_report.fail(node.place, m_path.toString() + " is missing \"" + keys.front() + "\"",
                      "add " + keys.front() + ":");
    }
  }

  void failWord(const Node& node, const Shape& shape) {
    m_report.fail(node.place,
                  m_path.toString() + ": \"" + node.text.substr(0, 60) +
                      "\" is not known, it must be one of " + listed(shape.words),
                  didYouMean(node.text, shape.words, "write one of these"));
  }

  void checkOther(const Entry& entry, const Shape& shape) {
    if (!shape.others.empty() && (!shape.needsName || isName(entry.key))) {
      Step step(m_path, entry.key);
      checkForms(entry.value, shape.others, entry.place);
      return;
    }
    if (shape.needsName) {
      m_report.fail(entry.place,
                    m_path.toString() + ": the name \"" + entry.key.substr(0, 60) + "\" is not valid",
                    "use letters, digits, dots, dashes and underscores");
      return;
    }
    std::vector<std::string> known;
    for (const auto& [key, type] : shape.fields)
      known.push_back(key);
    m_report.fail(entry.place,
                  (m_path.size() == 0 ? "" : m_path.toString() + " ") + "additional properties '" +
                      entry.key.substr(0, 60) + "' not allowed",
                  didYouMean(entry.key, known, "remove it, or begin the key with x-"));
  }

  Report& m_report;
  TreePath m_path;
};

} // namespace

void checkSchema(const Node& root, Report& report) {
  Check(report).run(root);
}

} // namespace ratdeck::compose
