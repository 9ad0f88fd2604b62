// Waiting for an answer, until it comes or somebody says that it was enough.
#include "app/stack/await.h"

#include <QTest>

using namespace ratdeck;

namespace {

// One that is never answered.
Result<int> waitForNobody(Patience* patience) {
  return await<int>([](const Callback<int>&) {}, patience);
}

} // namespace

class AwaitTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void anAnswerEndsTheWait() {
    Patience patience;
    const auto answer = await<int>(
        [](Callback<int> done) { QTimer::singleShot(0, [done = std::move(done)] { done(7); }); }, &patience);
    QCOMPARE(answer.value(), 7);
  }

  void whoIsOutOfPatienceWaitsNoLongerAndNeverAgain() {
    Patience patience;
    QTimer::singleShot(0, [&patience] { patience.end(); });
    QCOMPARE(waitForNobody(&patience).error().kind, ErrorKind::Cancelled);
    bool isAsked = false;
    const auto again = await<int>([&isAsked](const Callback<int>&) { isAsked = true; }, &patience);
    QCOMPARE(again.error().kind, ErrorKind::Cancelled);
    QVERIFY(!isAsked);
  }

  void oneWaitWithinAnotherEndsBoth() {
    Patience patience;
    QTimer::singleShot(0, [&patience] {
      QTimer::singleShot(0, [&patience] { patience.end(); });
      QCOMPARE(waitForNobody(&patience).error().kind, ErrorKind::Cancelled);
    });
    QCOMPARE(waitForNobody(&patience).error().kind, ErrorKind::Cancelled);
  }
};

QTEST_GUILESS_MAIN(AwaitTest)
#include "tst_await.moc"
