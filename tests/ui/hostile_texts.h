// Text that is to be shown as it is wherever it comes from, as rows of a data-driven test: column "bytes".
#pragma once

#include <QtTest>

#include <string>

namespace ratdeck::test {

// `text` again and again, at least `bytes` of it.
inline std::string repeated(const std::string& text, size_t bytes) {
  std::string all;
  while (all.size() < bytes)
    all += text;
  return all;
}

// Tables in tables, which froze a label for seconds.
inline std::string nestedTables(int depth) {
  std::string text;
  for (int i = 0; i < depth; ++i)
    text += "<table><tr><td>";
  return text + "deep";
}

inline void addHostileTexts() {
  QTest::addColumn<QByteArray>("bytes");
  const auto row = [](const char* name, const std::string& text) {
    QTest::newRow(name) << QByteArray::fromStdString(text);
  };
  row("markup", "<b>bold</b><img src='http://example.invalid/x.png'>&amp;&lt;");
  row("nested tables", nestedTables(17));
  row("many nested tables", nestedTables(2000));
  row("bidi", "rat\u202Eldtar\u2066\u2069\u200F");
  row("terminal", "\033[2J\033]0;owned\007\u009b31m");
  row("NUL", std::string("a\0b", 3));
  row("broken UTF-8", "\xC3(\xA0\xA1\xF0\x28\x8C\x28");
  row("lines", "a\nb\r\n\tc\u2028d");
  row("placeholders", "%1 %2 %3 %n %L1");
  row("mnemonics", "&a &&b &");
  row("a megabyte", std::string(1u << 20, 'x'));
  row("a megabyte of words", repeated("word ", 1u << 20));
  row("a megabyte of markup", repeated("<table><tr><td>", 1u << 20));
}

} // namespace ratdeck::test
