#include "core/base/error.h"
#include "core/base/id.h"
#include "core/base/json.h"
#include "core/base/result.h"
#include "core/base/secret.h"

#include "tests/support/text.h"

#include <ostream>
#include <type_traits>

using namespace ratdeck;

namespace {

template <class T>
concept CanBeStreamed = requires(std::ostream& out, const T& value) {
  out << value;
};

// What must not compile: an id passed for another, text taken for an id, a secret shown.
static_assert(!std::is_convertible_v<GateId, InstanceId> && !std::is_constructible_v<InstanceId, GateId>);
static_assert(!std::is_convertible_v<std::string, RolloutId>);
static_assert(!std::is_convertible_v<Secret, std::string> && !std::is_convertible_v<std::string, Secret>);
static_assert(!CanBeStreamed<Secret> && !std::is_convertible_v<Secret, Json>);
static_assert(CanBeStreamed<std::string>); // the control

} // namespace

class TestValues : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void aPlaceIsWrittenAsFileLineColumn();
  void anErrorSaysWhereWhatAndWhatNext();
  void aFailureCarriesItsErrorThroughAResult();
  void idsCompareByValue();
  void aSecretIsComparedAndRevealedOnly();
};

void TestValues::aPlaceIsWrittenAsFileLineColumn() {
  QCOMPARE((SourceLocation{"a.yml", 3, 7}).toString(), std::string("a.yml:3:7"));
  QCOMPARE((SourceLocation{"a.yml", 3, 0}).toString(), std::string("a.yml:3:1"));
  QCOMPARE((SourceLocation{"a.yml"}).toString(), std::string("a.yml"));
  QCOMPARE(SourceLocation{}.toString(), std::string());
  QVERIFY(!SourceLocation{}.isKnown());
}

void TestValues::anErrorSaysWhereWhatAndWhatNext() {
  Error error{ErrorKind::Input, "unknown key \"x\"", "remove it", {"a.yml", 3, 7}};
  QCOMPARE(error.toString(), std::string("a.yml:3:7: unknown key \"x\"; remove it"));
  QCOMPARE((Error{ErrorKind::Usage, "no file", {}, {}}).toString(), std::string("no file"));
}

void TestValues::aFailureCarriesItsErrorThroughAResult() {
  auto call = [](bool works) -> Result<int> {
    if (!works)
      return failure(ErrorKind::Timeout, "no answer", "try again");
    return 5;
  };
  QCOMPARE(*call(true), 5);
  QVERIFY(call(false).error() == (Error{ErrorKind::Timeout, "no answer", "try again", {}}));
}

void TestValues::idsCompareByValue() {
  QVERIFY(RolloutId("a") == RolloutId("a"));
  QVERIFY(RolloutId("a") < RolloutId("b"));
  QVERIFY(RolloutId().isEmpty() && !RolloutId("a").isEmpty());
}

void TestValues::aSecretIsComparedAndRevealedOnly() {
  QVERIFY(Secret("x") == Secret("x"));
  QVERIFY(Secret("x") != Secret("y"));
  QCOMPARE(Secret("x").reveal(), std::string("x"));
  QVERIFY(Secret().isEmpty());
}

QTEST_APPLESS_MAIN(TestValues)
#include "tst_values.moc"
