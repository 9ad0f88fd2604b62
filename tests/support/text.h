// Lets QCOMPARE show the two texts when they differ.
#pragma once

#include <QTest>

#include <string>

namespace QTest {

template <>
inline char* toString(const std::string& text) {
  return qstrdup(text.c_str());
}

} // namespace QTest
