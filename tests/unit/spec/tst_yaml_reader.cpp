#include "core/spec/compose/model_json.h"
#include "core/spec/compose/yaml_reader.h"

#include "tests/support/text.h"

using namespace ratdeck;
using namespace ratdeck::compose;

// YAML as the reference's parser reads it: text in, the JSON of the documents out.
class TestYamlReader : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void reads_data();
  void reads();
  void placesEveryNode();
};

namespace {

std::string jsonOf(const std::string& text) {
  Report report;
  auto file = report.addFile("f", text.size());
  auto documents = readYaml(text, file, report);
  if (report.hasFailed())
    return "ERROR " + report.error().where.toString() + " " + report.error().message;
  std::string all;
  for (const auto& document : documents)
    all += dumpJson(toJson(document)) + "\n";
  return all.substr(0, all.empty() ? 0 : all.size() - 1);
}

} // namespace

void TestYamlReader::reads_data() {
  QTest::addColumn<std::string>("text");
  QTest::addColumn<std::string>("json");
  auto row = [](const char* name, const char* text, const char* json) {
    QTest::newRow(name) << std::string(text) << std::string(json);
  };
  row("mapping", "a: 1\nb: x\n", R"({"a":1,"b":"x"})");
  row("nested", "a:\n  b:\n    c: d\ne: f\n", R"({"a":{"b":{"c":"d"}},"e":"f"})");
  row("list", "- a\n- b: c\n  d: e\n- - f\n  - g\n", R"(["a",{"b":"c","d":"e"},["f","g"]])");
  row("list no deeper than its key", "a:\n- b\n- c\nd: e\n", R"({"a":["b","c"],"d":"e"})");
  row("empty values", "a:\nb:\n  -\n  - x\n", R"({"a":null,"b":[null,"x"]})");
  row("flow", "a: [b, 'c', \"d\", {e: f}, g: h,]\n", R"({"a":["b","c","d",{"e":"f"},{"g":"h"}]})");
  row("flow over lines", "a: {\n  b: c,\n  d: [e,\n f]\n}\n", R"({"a":{"b":"c","d":["e","f"]}})");
  row("JSON", R"({"a": {"b": [1, true, null, "x"]}, "c":"d"})", R"({"a":{"b":[1,true,null,"x"]},"c":"d"})");
  row("question mark in flow", "a: [http://h/?q=1, b?c]\n", R"({"a":["http://h/?q=1","b?c"]})");
  row("colons in text", "a: http://x:1\nb: c:d\ne: [f:g]\n", R"({"a":"http://x:1","b":"c:d","e":["f:g"]})");
  row("hash in text", "a: b#c # d\n#e\nf: g\n", R"({"a":"b#c","f":"g"})");
  row("plain over lines", "a: b\n  c\n\n  d\ne: f\n", R"({"a":"b c\nd","e":"f"})");
  row("quoted over lines", "a: \"b\n  c\\\n  d\n\n  e\"\n", R"({"a":"b cd\ne"})");
  row("single quotes", "a: 'it''s'\n", R"({"a":"it's"})");
  row("escapes", R"(a: "\t\x41\u00e9\U0001F600\"\\\/")", "{\"a\":\"\\tA\xc3\xa9\xf0\x9f\x98\x80\\\"\\\\/\"}");
  row("literal", "a: |\n  b\n    c\n\n  d\n\ne: f\n", R"({"a":"b\n  c\n\nd\n","e":"f"})");
  row("literal, stripped and kept", "a: |-\n  b\n\nc: |+\n  d\n\n", R"({"a":"b","c":"d\n\n"})");
  row("literal with its indentation", "a: |2\n   b\n  c\n", R"({"a":" b\nc\n"})");
  row("folded", "a: >\n  b\n  c\n\n  d\n    e\n  f\n", R"({"a":"b c\nd\n  e\nf\n"})");
  row("folded, stripped", "a: >-\n  b\n  c\n", R"({"a":"b c"})");
  row("explicit key", "? a\n: b\n? c\n", R"({"a":"b","c":null})");
  row("anchors", "a: &x [1]\nb: *x\nc: &y z\nd: *y\n", R"({"a":[1],"b":[1],"c":"z","d":"z"})");
  row("an anchor that is given again", "a: &x 1\nb: *x\nc: &x 2\nd: *x\n", R"({"a":1,"b":1,"c":2,"d":2})");
  row("merge", "a: &x {b: 1, c: 2}\nd:\n  c: 3\n  <<: *x\n", R"({"a":{"b":1,"c":2},"d":{"b":1,"c":3}})");
  row("merge of a list", "a: &x {b: 1}\nc: &y {b: 2, d: 3}\ne: {<<: [*x, *y]}\n",
      R"({"a":{"b":1},"c":{"b":2,"d":3},"e":{"b":1,"d":3}})");
  row("quoted merge key is a key", "a: {'<<': 1}\n", R"({"a":{"<<":1}})");
  row("booleans", "[true, True, FALSE, yes, on, y, ~, null, Null]",
      R"([true,true,false,"yes","on","y",null,null,null])");
  row("integers", "[1, -1, +1, 0x1F, 0o17, 017, 0b11, 1_000, 08]", "[1,-1,1,31,15,15,3,1000,8]");
  row("floats", "[1.5, .5, 1e3, -2.5e-1, 1.]", "[1.5,0.5,1000,-0.25,1]");
  row("texts that look like numbers", "[1.2.3, 12:30, 0x, 1e, -, 2024-01-01, '1']",
      R"(["1.2.3","12:30","0x","1e","-","2024-01-01","1"])");
  row("tags", "[!!str 1, !!int '2', !!float 3, !x y, ! 4, !!bool yes]", R"(["1",2,3,"y","4","yes"])");
  row("documents", "a: 1\n---\nb: 2\n...\n---\n# nothing\n---\nc: 3\n",
      "{\"a\":1}\n{\"b\":2}\nnull\n{\"c\":3}");
  row("directives", "%YAML 1.2\n%TAG !e! tag:e,2000:\n---\na: !e!x b\n", R"({"a":"b"})");
  row("carriage returns", "a: b\r\nc:\r\n  - d\r\n", R"({"a":"b","c":["d"]})");
  row("byte order mark",
      "\xef\xbb\xbf"
      "a: b\n",
      R"({"a":"b"})");
  row("tabs between words", "a:\tb\t# c\nd: [e,\tf]\n", R"({"a":"b","d":["e","f"]})");
  row("no last break", "a: b", R"({"a":"b"})");
  row("dashes", "a: -b\nc: --d\ne: - f\n", "ERROR f:3:4 a list entry (-) cannot stand here");
  row("dedent", "a:\n    b: 1\n  c: 2\n",
      "ERROR f:3:3 this line does not fit the indentation of the lines before it");
  row("a tag that runs into its value", "a: !x\"b\"\n", "ERROR f:1:4 a tag (!) must be followed by a blank");
  row("an open verbatim tag", "a: !<x b\n", "ERROR f:1:4 a tag that begins with !< must end with >");
  row("tags in brackets", "a: [!x b, !!str 1, ! c, !<tag:y> d]\n", R"({"a":["b","1","c","d"]})");
  row("two on a line", "a: b c: d\n", "ERROR f:1:7 a second value (:) stands on one line");
  row("open bracket", "a: [b\nc: d\n", "ERROR f:2:2 a comma or ] is expected here");
  row("stray bracket", "a: b]\nc: ]\n", "ERROR f:2:4 a value is expected here");
  row("tab before a key", "a:\n\tb: 1\n",
      "ERROR f:2:1 a tab is used for indentation, which YAML does not allow");
  row("tab in a line of its own", "a: |\n \t\n\tb\n",
      "ERROR f:2:2 a tab is used for indentation, which YAML does not allow");
}

void TestYamlReader::reads() {
  QFETCH(std::string, text);
  QFETCH(std::string, json);
  QCOMPARE(jsonOf(text), json);
}

void TestYamlReader::placesEveryNode() {
  Report report;
  const std::string text = "a: b\nsé: {é: x, y: z}\nl:\n  - m\n  -   n: o\n";
  auto documents = readYaml(text, report.addFile("f", text.size()), report);
  QCOMPARE(documents.size(), 1u);
  auto place = [&](const Node* node) {
    return report.locate(node->place).toString();
  };
  const auto& root = documents[0];
  QCOMPARE(place(root.find("a")), std::string("f:1:4"));
  QCOMPARE(report.locate(root.entry("a")->place).toString(), std::string("f:1:1"));
  QCOMPARE(place(root.find("s\xc3\xa9")->find("y")), std::string("f:2:15"));
  QCOMPARE(place(&root.find("l")->items[0]), std::string("f:4:5"));
  QCOMPARE(place(&root.find("l")->items[1]), std::string("f:5:7"));
}

QTEST_APPLESS_MAIN(TestYamlReader)
#include "tst_yaml_reader.moc"
