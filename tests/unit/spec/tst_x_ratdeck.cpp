// The x-ratdeck keys, told three times: the reader takes them, the schema describes them to editors, the page
// tells people. The three must know the same keys, with the same defaults.
//
// Nothing here names a key: the schema is walked, so that a key that is added is looked at by itself. A key
// that is required needs "examples" in the schema, or a sample below.
#include "tests/unit/spec/compose_fixture.h"

#include "core/base/file.h"

#include <algorithm>
#include <functional>
#include <regex>
#include <set>

using namespace ratdeck;
using namespace ratdeck::compose;

namespace {

const std::string folder = RATDECK_SOURCE_FOLDER "/resources/";
const std::string unknownKey = "qqqqqqqqqqqqqq: 1";

std::string textOf(const std::string& path) {
  return readFile(path, 1 << 20).value_or("");
}

const Json& schema() {
  static const Json value = parseJson(textOf(folder + "x-ratdeck.schema.json")).value_or(Json());
  return value;
}

const std::string& page() {
  static const std::string text = textOf(folder + "x-ratdeck.md");
  return text;
}

const Json& resolved(const Json& node) {
  const auto reference = textAt(node, "$ref"); // "#/$defs/NAME"
  return reference.empty() ? node
                           : resolved(schema().at("$defs").at(reference.substr(reference.rfind('/') + 1)));
}

// A mapping of x-ratdeck: its keys, and a file in which it says `inner` and nothing else.
struct Spot {
  std::string path;
  Json keys;
  std::function<std::string(const std::string& inner)> document;
};

std::string sampleOf(const std::string& key, const Json& property) {
  for (const auto* said : {&property, &resolved(property)})
    if (const auto& examples = memberAt(*said, "examples"); examples.is_array() && !examples.empty())
      return dumpJson(examples.front());
  static const std::map<std::string, std::string> samples = {
      {"port", "80"},         {"service", "web"},     {"id", "a"},         {"before", "web"}, {"wave", "1"},
      {"http", "{port: 80}"}, {"from", "2026-12-20"}, {"to", "2027-01-03"}};
  const auto sample = samples.find(key);
  return sample == samples.end() ? "" : sample->second;
}

bool names(const Json& required, const std::string& key) {
  return required.is_array() && std::find(required.begin(), required.end(), key) != required.end();
}

// "id: a, before: web": what the mapping cannot be without beside this key; of alternatives the first.
std::string requiredIn(const Json& keys, const std::string& beside) {
  std::vector<std::string> needed;
  const auto add = [&](const Json& required) {
    if (required.is_array())
      for (const auto& name : required)
        if (name != beside)
          needed.push_back(name.get<std::string>());
  };
  add(memberAt(keys, "required"));
  for (const char* choice : {"oneOf", "anyOf"}) {
    const auto& choices = memberAt(keys, choice);
    if (!choices.is_array() || choices.empty())
      continue;
    const bool isChosen = std::any_of(choices.begin(), choices.end(), [&](const Json& one) {
      return names(memberAt(one, "required"), beside);
    });
    if (!isChosen)
      add(memberAt(choices.front(), "required"));
  }
  std::string text;
  for (const auto& name : needed)
    text += (text.empty() ? "" : ", ") + name + ": " + sampleOf(name, keys["properties"][name]);
  return text;
}

void walk(const Spot& spot, std::vector<Spot>& found);

// The mappings that a key's value may be: itself, an item of a list, one of several forms.
void walkValue(const Spot& parent, const std::string& key, const Json& node, const std::string& open,
               const std::string& close, std::vector<Spot>& found) {
  const auto& value = resolved(node);
  for (const char* choice : {"anyOf", "oneOf"})
    if (memberAt(value, choice).is_array() && !value.contains("properties"))
      for (const auto& form : value[choice])
        walkValue(parent, key, form, open, close, found);
  if (value.contains("items"))
    walkValue(parent, key, value["items"], open + "[", "]" + close, found);
  if (!value.contains("properties"))
    return;
  walk({parent.path + "." + key, value,
        [document = parent.document, rest = requiredIn(parent.keys, key), key, open,
         close](const std::string& inner) {
          return document(key + ": " + open + "{" + inner + "}" + close + (rest.empty() ? "" : ", " + rest));
        }},
       found);
}

void walk(const Spot& spot, std::vector<Spot>& found) {
  found.push_back(spot);
  for (const auto& [key, value] : spot.keys["properties"].items())
    walkValue(spot, key, value, "", "", found);
}

std::vector<Spot> spots() {
  std::vector<Spot> found;
  walk({"x-ratdeck", schema()["$defs"]["stack"],
        [](const std::string& inner) {
          return "x-ratdeck: {" + inner + "}\nservices: {web: {image: i}}\n";
        }},
       found);
  walk({"services.web.x-ratdeck", schema()["$defs"]["service"],
        [](const std::string& inner) {
          return "services: {web: {image: i, x-ratdeck: {" + inner + "}}}\n";
        }},
       found);
  return found;
}

Result<Loaded> loadText(const std::string& text) {
  ComposeFolder folder;
  return folder.write("compose.yaml", text).load();
}

// The keys that the reader knows there, from what it says of one that it does not.
std::set<std::string> keysOfReader(const Spot& spot) {
  const auto loaded = loadText(spot.document(unknownKey));
  const auto next = loaded ? std::string() : loaded.error().next;
  const std::string prefix = "known keys: ";
  std::set<std::string> keys;
  if (next.starts_with(prefix))
    for (std::size_t begin = prefix.size(); begin < next.size();) {
      const auto end = std::min(next.find(", ", begin), next.size());
      keys.insert(next.substr(begin, end - begin));
      begin = end + 2;
    }
  return keys;
}

std::set<std::string> keysOf(const Json& object) {
  std::set<std::string> keys;
  for (const auto& [key, value] : object.items())
    keys.insert(key);
  return keys;
}

std::string without(const std::set<std::string>& keys, const std::set<std::string>& others) {
  std::string text;
  for (const auto& key : keys)
    if (!others.contains(key))
      text += (text.empty() ? "" : ", ") + key;
  return text;
}

// A row of one of the page's tables of keys.
struct Row {
  std::set<std::string> keys;
  std::string standard; // what stands in the column of defaults
};

std::set<std::string> quotedIn(const std::string& cell) {
  static const std::regex quoted("`([a-z_]+)`");
  std::set<std::string> words;
  for (std::sregex_iterator it(cell.begin(), cell.end(), quoted), end; it != end; ++it)
    words.insert((*it)[1]);
  return words;
}

std::vector<Row> rows() {
  std::vector<Row> found;
  std::istringstream lines(page());
  for (std::string line; std::getline(lines, line);) {
    std::vector<std::string> cells;
    std::istringstream row(line);
    for (std::string cell; std::getline(row, cell, '|');)
      cells.push_back(cell);
    if (line.starts_with("| `") && cells.size() >= 4)
      found.push_back(
          {quotedIn(cells[1]), cells[3].substr(1, cells[3].size() > 2 ? cells[3].size() - 2 : 0)});
  }
  return found;
}

// The YAML blocks of the page.
std::vector<std::string> examples() {
  std::vector<std::string> blocks;
  const std::string open = "```yaml\n", close = "```";
  for (auto at = page().find(open); at != std::string::npos; at = page().find(open, at + 1)) {
    const auto begin = at + open.size();
    blocks.push_back(page().substr(begin, page().find(close, begin) - begin));
  }
  return blocks;
}

bool hasWord(const std::string& text, const std::string& word) {
  return std::regex_search(text, std::regex("\\b" + word + "\\b"));
}

// As the page writes it: 10m, false, 0.01, [mon-sun].
std::string shown(const Json& value) {
  if (value.is_string())
    return value.get<std::string>();
  if (!value.is_array())
    return dumpJson(value);
  std::string text;
  for (const auto& item : value)
    text += (text.empty() ? "" : ", ") + shown(item);
  return "[" + text + "]";
}

} // namespace

class XRatdeckTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void initTestCase() { QVERIFY(schema().is_object() && !page().empty() && spots().size() > 10); }

  void readerAndSchemaKnowTheSameKeys() {
    for (const auto& spot : spots()) {
      const auto reader = keysOfReader(spot), described = keysOf(spot.keys["properties"]);
      QVERIFY2(!reader.empty(), (spot.path + " is a mapping in x-ratdeck.schema.json, and the reader "
                                             "(policy_reader.cpp) takes none there")
                                    .c_str());
      const auto onlyReader = without(reader, described), onlySchema = without(described, reader);
      QVERIFY2(onlyReader.empty(),
               ("add to " + spot.path + " in x-ratdeck.schema.json: " + onlyReader).c_str());
      QVERIFY2(onlySchema.empty(), ("the reader does not know at " + spot.path + ": " + onlySchema).c_str());
    }
  }

  void thePageTellsOfEveryKeyAndOfNoOther() {
    std::set<std::string> known, top, told;
    for (const auto& spot : spots()) {
      known.merge(keysOf(spot.keys["properties"]));
      if (spot.path.ends_with("x-ratdeck"))
        top.merge(keysOf(spot.keys["properties"]));
    }
    for (const auto& row : rows()) {
      told.insert(row.keys.begin(), row.keys.end());
      QVERIFY2(without(row.keys, known).empty(),
               ("x-ratdeck.md has a row for a key that is none: " + without(row.keys, known)).c_str());
      QVERIFY2(!row.standard.empty(),
               ("x-ratdeck.md has no default in the row of " + without(row.keys, {})).c_str());
    }
    QVERIFY2(without(top, told).empty(), ("add a row to x-ratdeck.md for: " + without(top, told)).c_str());
    for (const auto& spot : spots())
      for (const auto& key : keysOf(spot.keys["properties"]))
        QVERIFY2(hasWord(page(), key), ("x-ratdeck.md does not tell of " + spot.path + "." + key).c_str());
  }

  void theDefaultsOfTheSchemaAreThoseOfTheReader() {
    int compared = 0;
    for (const auto& spot : spots())
      for (const auto& [key, property] : spot.keys["properties"].items()) {
        const auto& standard =
            property.contains("default") ? property["default"] : memberAt(resolved(property), "default");
        if (standard.is_null())
          continue;
        const auto rest = requiredIn(spot.keys, key);
        const auto plain = loadText(spot.document(rest));
        const auto said =
            loadText(spot.document(rest + (rest.empty() ? "" : ", ") + key + ": " + dumpJson(standard)));
        const auto where = spot.path + "." + key;
        for (const auto* loaded : {&plain, &said})
          QVERIFY2(loaded->has_value(), *loaded ? "" : (where + ": " + loaded->error().toString()).c_str());
        QVERIFY2(plain->stack.policy == said->stack.policy &&
                     plain->stack.services.at("web").policy == said->stack.services.at("web").policy,
                 ("x-ratdeck.schema.json says that " + where + " is " + shown(standard) +
                  " where it is left out, and for the reader it is something else")
                     .c_str());
        QVERIFY2(page().find(shown(standard)) != std::string::npos,
                 ("x-ratdeck.md does not tell the default of " + where + ": " + shown(standard)).c_str());
        ++compared;
      }
    QVERIFY(compared > 15);
  }

  // A literal in the page's column of defaults, such as `10m`.
  void theDefaultsOfThePageAreThoseOfTheSchema() {
    static const std::regex literal("`([^`]+)`");
    int compared = 0;
    for (const auto& row : rows()) {
      std::smatch match;
      if (!std::regex_match(row.standard, match, literal))
        continue;
      for (const auto& spot : spots())
        for (const auto& key : row.keys) {
          const auto& property = memberAt(spot.keys["properties"], key.c_str());
          if (property.is_null())
            continue;
          QVERIFY2(property.contains("default") && shown(property["default"]) == match[1],
                   ("x-ratdeck.md says that " + spot.path + "." + key + " is " + match[1].str() +
                    " where it is left out; x-ratdeck.schema.json must say \"default\" for it, and the same")
                       .c_str());
          ++compared;
        }
    }
    QVERIFY(compared > 3);
  }

  void everyExampleOfThePageLoadsAndEveryKeyIsInOne() {
    std::string all;
    for (const auto& example : examples()) {
      ComposeFolder folder;
      folder.write("base.yaml", "services: {ratd: {image: i}, portal: {image: i}, router: {image: i}, "
                                "runner: {image: i}, postgres: {image: i}}\n");
      const auto loaded = folder.write("example.yaml", example).load({"base.yaml", "example.yaml"});
      QVERIFY2(loaded.has_value(), loaded ? "" : loaded.error().toString().c_str());
      all += example;
    }
    for (const char* place : {"stack", "service"})
      for (const auto& key : keysOf(schema()["$defs"][place]["properties"]))
        QVERIFY2(all.find(key + ":") != std::string::npos,
                 ("no example of x-ratdeck.md has the key " + key).c_str());
  }

  // The schema's verdict on the same files: tests/lint/check_schema.py.
  void theReaderTakesAndRefusesWhatTheSchemaDoes() {
    const auto cases = parseJson(textOf(RATDECK_SOURCE_FOLDER "/tests/unit/spec/x_ratdeck_cases.json"));
    QVERIFY(cases.has_value());
    for (const auto& [name, file] : memberAt(*cases, "accepted").items()) {
      const auto loaded = loadText(dumpJson(file));
      QVERIFY2(loaded.has_value(), loaded ? "" : (name + ": " + loaded.error().toString()).c_str());
    }
    for (const auto& [name, file] : memberAt(*cases, "refused").items())
      QVERIFY2(!loadText(dumpJson(file)).has_value(), name.c_str());
    QVERIFY(memberAt(*cases, "accepted").size() > 5 && memberAt(*cases, "refused").size() > 10);
  }
};

QTEST_APPLESS_MAIN(XRatdeckTest)
#include "tst_x_ratdeck.moc"
