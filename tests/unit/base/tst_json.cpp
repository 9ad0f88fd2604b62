#include "core/base/json.h"

#include "tests/support/text.h"

using namespace ratdeck;

namespace {

std::string nested(size_t depth, const std::string& open, const std::string& close) {
  std::string text;
  for (size_t i = 0; i < depth; ++i)
    text += open;
  text += "1";
  for (size_t i = 0; i < depth; ++i)
    text += close;
  return text;
}

} // namespace

class TestJson : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void readsUpToTheDepthCapAndNoDeeper();
  void refusesHundredsOfThousandsOfLevelsWithoutOverflow();
  void refusesWhatIsNotJson_data();
  void refusesWhatIsNotJson();
  void dumpsOneCanonicalLine();
  void replacesInvalidUtf8WhenDumping();
  void accessorsGiveTheFallbackForAnotherType();
};

void TestJson::readsUpToTheDepthCapAndNoDeeper() {
  QVERIFY(parseJson(nested(maxJsonDepth, "[", "]")).has_value());
  QVERIFY(parseJson(nested(maxJsonDepth, "{\"a\":", "}")).has_value());
  for (const auto& text : {nested(maxJsonDepth + 1, "[", "]"), nested(maxJsonDepth + 1, "{\"a\":", "}")}) {
    auto value = parseJson(text);
    QVERIFY(!value.has_value());
    QCOMPARE(value.error().kind, ErrorKind::Input);
    QVERIFY(value.error().message.find("64 levels") != std::string::npos);
  }
}

void TestJson::refusesHundredsOfThousandsOfLevelsWithoutOverflow() {
  QVERIFY(!parseJson(std::string(200'000, '[')).has_value());
  QVERIFY(!parseJson(nested(200'000, "[", "]")).has_value());
  QVERIFY(!parseJson(nested(200'000, "{\"a\":", "}")).has_value());
}

void TestJson::refusesWhatIsNotJson_data() {
  QTest::addColumn<QByteArray>("text");
  for (const char* text : {"", " ", "{", "[1,]", "{\"a\":1,}", "nul", "01", "1 2", "'a'", "\"a", "\"\xff\"",
                           "NaN", "// c\n1", "\"\\ud800\""})
    QTest::newRow(*text ? text : "empty") << QByteArray(text);
}

void TestJson::refusesWhatIsNotJson() {
  QFETCH(QByteArray, text);
  auto value = parseJson(text.toStdString());
  QVERIFY(!value.has_value());
  QCOMPARE(value.error().kind, ErrorKind::Input);
}

void TestJson::dumpsOneCanonicalLine() {
  auto value = parseJson("{ \"b\": [1, 2.5, null],\n \"a\": {\"y\": true, \"x\": \"\\u00e9\\n\"} }");
  QVERIFY(value.has_value());
  QCOMPARE(dumpJson(*value), std::string("{\"a\":{\"x\":\"\xc3\xa9\\n\",\"y\":true},\"b\":[1,2.5,null]}"));
  QCOMPARE(dumpJson(*parseJson(dumpJson(*value))), dumpJson(*value));
}

void TestJson::replacesInvalidUtf8WhenDumping() {
  QCOMPARE(dumpJson(Json("a\xff")), std::string("\"a\xef\xbf\xbd\""));
}

void TestJson::accessorsGiveTheFallbackForAnotherType() {
  auto value = *parseJson(R"({"t":"x","i":3,"n":1.5,"b":true,"z":null,"big":18446744073709551615})");
  QCOMPARE(textAt(value, "t"), std::string("x"));
  QCOMPARE(textAt(value, "i", "f"), std::string("f"));
  QCOMPARE(integerAt(value, "i"), 3LL);
  QCOMPARE(integerAt(value, "n", 7), 7LL);
  QCOMPARE(integerAt(value, "big", 7), 7LL); // does not fit
  QCOMPARE(numberAt(value, "n"), 1.5);
  QCOMPARE(numberAt(value, "i"), 3.0);
  QCOMPARE(numberAt(value, "t", 2.0), 2.0);
  QVERIFY(boolAt(value, "b"));
  QVERIFY(boolAt(value, "z", true));
  QVERIFY(memberAt(value, "none").is_null());
  for (const auto& other : {Json(), Json(1), Json::array({1}), Json("t")}) {
    QCOMPARE(textAt(other, "t", "f"), std::string("f"));
    QVERIFY(memberAt(other, "t").is_null());
  }
}

QTEST_APPLESS_MAIN(TestJson)
#include "tst_json.moc"
