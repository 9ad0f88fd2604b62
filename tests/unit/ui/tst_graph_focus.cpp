#include "tests/ui/service_rows.h"
#include "ui/model/graph_focus.h"

#include <QtTest>

using namespace ratdeck;

// Which services a large graph shows, and where arrow keys lead.
class TestGraphFocus : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void theActiveWaveIsTheFirstWithSomethingUnderWay();
  void whatFailedEarlierDoesNotHoldTheActiveWaveBack();
  void betweenTwoWavesTheNextOneIsActive();
  void nothingIsActiveWhereNothingRolls();
  void theActiveWaveItsNeighboursAndWhatFailedAreShown();
  void allAreShownWhereNothingIsActive();
  void arrowsFollowTheEdgesFirst();
  void arrowsStayInTheColumn();
  void arrowsEndAtTheBorder();
  void arrowsReachEveryNode();
};

namespace {

ServiceRow row(const char* name, int wave, Mood mood, std::initializer_list<const char*> dependsOn = {}) {
  ServiceRow made;
  made.name = QLatin1String(name);
  made.wave = wave;
  made.mood = mood;
  for (const auto* dependency : dependsOn)
    made.dependsOn += QLatin1String(dependency);
  return made;
}

GraphLayout layoutOf(const ServiceRows& rows) {
  GraphNodes nodes;
  for (const auto& service : rows)
    nodes.push_back({service.name, QSizeF(100, 40), service.wave, service.dependsOn});
  return columnLayout(nodes);
}

} // namespace

void TestGraphFocus::theActiveWaveIsTheFirstWithSomethingUnderWay() {
  QCOMPARE(activeWave({row("a", 3, Mood::Running), row("b", 2, Mood::Waiting), row("c", 1, Mood::Ok)}), 2);
}

void TestGraphFocus::whatFailedEarlierDoesNotHoldTheActiveWaveBack() {
  QCOMPARE(activeWave({row("a", 1, Mood::Failed), row("b", 2, Mood::Running)}), 2);
  QCOMPARE(activeWave({row("a", 1, Mood::Failed), row("b", 2, Mood::Idle)}), 1);
}

void TestGraphFocus::betweenTwoWavesTheNextOneIsActive() {
  QCOMPARE(activeWave({row("a", 1, Mood::Ok), row("b", 2, Mood::Idle), row("c", 3, Mood::Idle)}), 2);
}

void TestGraphFocus::nothingIsActiveWhereNothingRolls() {
  QVERIFY(!activeWave({}));
  QVERIFY(!activeWave({row("a", 0, Mood::Running), row("b", 0, Mood::Failed)}));
  QVERIFY(!activeWave({row("a", 1, Mood::Ok)}));
}

void TestGraphFocus::theActiveWaveItsNeighboursAndWhatFailedAreShown() {
  const ServiceRows rows = {row("far", 0, Mood::Ok),
                            row("left", 1, Mood::Ok, {"far"}),
                            row("now", 2, Mood::Running, {"left"}),
                            row("right", 3, Mood::Idle, {"now"}),
                            row("beyond", 4, Mood::Idle, {"right"}),
                            row("broken", 1, Mood::Failed)};
  QCOMPARE(focusOf(rows), std::vector<int>({1, 2, 3, 5}));
}

void TestGraphFocus::allAreShownWhereNothingIsActive() {
  QCOMPARE(focusOf({row("a", 0, Mood::Ok), row("b", 0, Mood::Ok)}), std::vector<int>({0, 1}));
}

void TestGraphFocus::arrowsFollowTheEdgesFirst() {
  const auto rows = ratRows();
  const auto layout = layoutOf(rows);
  QCOMPARE(nodeBeside(layout, 7, Toward::Left), 6); // portal → ratd
  QCOMPARE(nodeBeside(layout, 6, Toward::Right), 7);
  QCOMPARE(nodeBeside(layout, 2, Toward::Left), 0); // nessie → postgres
}

void TestGraphFocus::arrowsStayInTheColumn() {
  const auto layout = layoutOf({row("a", 1, Mood::Ok), row("b", 1, Mood::Ok), row("c", 1, Mood::Ok)});
  QCOMPARE(nodeBeside(layout, 0, Toward::Down), 1);
  QCOMPARE(nodeBeside(layout, 1, Toward::Down), 2);
  QCOMPARE(nodeBeside(layout, 2, Toward::Up), 1);
}

void TestGraphFocus::arrowsEndAtTheBorder() {
  const auto layout = layoutOf({row("a", 1, Mood::Ok)});
  for (auto direction : {Toward::Left, Toward::Right, Toward::Up, Toward::Down})
    QVERIFY(!nodeBeside(layout, 0, direction));
}

void TestGraphFocus::arrowsReachEveryNode() {
  for (const auto& rows : {ratRows(), manyRows(60)}) {
    const auto layout = layoutOf(rows);
    std::vector<int> reached = {0};
    for (size_t i = 0; i < reached.size(); ++i)
      for (auto direction : {Toward::Left, Toward::Right, Toward::Up, Toward::Down})
        if (const auto next = nodeBeside(layout, reached[i], direction))
          if (std::find(reached.begin(), reached.end(), *next) == reached.end())
            reached.push_back(*next);
    QCOMPARE(reached.size(), rows.size());
  }
}

QTEST_GUILESS_MAIN(TestGraphFocus)
#include "tst_graph_focus.moc"
