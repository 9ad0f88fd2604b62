#include "ui/model/graph_columns.h"
#include "ui/model/graph_layout.h"

#include <QtTest>

#include <cmath>
#include <limits>
#include <random>

using namespace ratdeck;

// Columns of a dependency graph, for any input.
class TestGraphLayout : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void nothingTakesNoRoom();
  void dependenciesStandLeftOfWhatDependsOnThem();
  void wavesStandInTheirOrder();
  void namesThatNoNodeHasAreLeftOut();
  void aDependencyCountsOnce();
  void ofTwoNodesOfOneNameTheFirstIsMeant();
  void aCycleIsLaidOutToo();
  void anEdgeRunsFromTheDependencyToTheDependent();
  void anEdgePassesBesideTheNodesBetween();
  void edgesThatNeedNotCrossDoNot();
  void aChainIsStraight();
  void sizesThatAreNoNumbersTakeNoRoom();
  void anyGraphIsLaidOutWithoutOverlaps_data();
  void anyGraphIsLaidOutWithoutOverlaps();
  void theSameGraphIsLaidOutTheSame();
};

namespace {

GraphNode node(const char* name, std::initializer_list<const char*> dependsOn = {}, int wave = 0) {
  GraphNode made{QLatin1String(name), QSizeF(100, 40), wave, {}};
  for (const auto* dependency : dependsOn)
    made.dependsOn += QLatin1String(dependency);
  return made;
}

GraphNodes randomNodes(unsigned seed, int count, bool hasCycles) {
  std::minstd_rand random(seed);
  const auto below = [&random](int end) {
    return static_cast<int>(random() % static_cast<unsigned>(end));
  };
  GraphNodes nodes;
  for (int i = 0; i < count; ++i) {
    GraphNode made{QString::number(i), QSizeF(50 + below(100), 20 + below(50)), below(8), {}};
    for (int k = below(4); k > 0; --k)
      made.dependsOn += QString::number(hasCycles ? below(count + 2) : below(i + 1));
    nodes.push_back(made);
  }
  return nodes;
}

} // namespace

void TestGraphLayout::nothingTakesNoRoom() {
  const auto layout = columnLayout({});
  QVERIFY(layout.nodes.empty());
  QVERIFY(layout.edges.empty());
  QCOMPARE(layout.size, QSizeF(0, 0));
}

void TestGraphLayout::dependenciesStandLeftOfWhatDependsOnThem() {
  const GraphNodes nodes = {node("portal", {"ratd"}), node("ratd", {"ratq", "postgres"}),
                            node("ratq", {"postgres"}), node("postgres")};
  QCOMPARE(graphColumns(nodes, dependencyEdges(nodes)), std::vector<int>({3, 2, 1, 0}));
  const auto layout = columnLayout(nodes);
  for (const auto& edge : layout.edges)
    QVERIFY(layout.nodes[edge.dependency].right() + graphColumnGap <= layout.nodes[edge.dependent].left());
}

void TestGraphLayout::wavesStandInTheirOrder() {
  const GraphNodes nodes = {node("c", {}, 3), node("a", {}, 1), node("b", {"b1"}, 2), node("b1", {}, 2),
                            node("store")};
  QCOMPARE(graphColumns(nodes, dependencyEdges(nodes)), std::vector<int>({3, 0, 2, 1, 0}));
}

void TestGraphLayout::namesThatNoNodeHasAreLeftOut() {
  QVERIFY(columnLayout({node("a", {"nobody", "", "a"})}).edges.empty());
}

void TestGraphLayout::aDependencyCountsOnce() {
  QCOMPARE(columnLayout({node("a"), node("b", {"a", "a"})}).edges.size(), size_t(1));
}

void TestGraphLayout::ofTwoNodesOfOneNameTheFirstIsMeant() {
  const auto edges = dependencyEdges({node("a"), node("a"), node("b", {"a"})});
  QCOMPARE(edges.size(), size_t(1));
  QCOMPARE(edges[0].dependency, 0);
}

void TestGraphLayout::aCycleIsLaidOutToo() {
  const auto layout = columnLayout({node("a", {"c"}), node("b", {"a"}), node("c", {"b"})});
  QCOMPARE(layout.edges.size(), size_t(3));
  QVERIFY(!layout.nodes[0].intersects(layout.nodes[1]));
  QVERIFY(!layout.nodes[1].intersects(layout.nodes[2]));
}

void TestGraphLayout::anEdgeRunsFromTheDependencyToTheDependent() {
  const auto layout = columnLayout({node("ratd", {"ratq"}), node("ratq")});
  const auto& edge = layout.edges[0];
  QCOMPARE(edge.dependency, 1);
  QCOMPARE(edge.dependent, 0);
  QCOMPARE(edge.curve.size() % 3, size_t(1));
  QCOMPARE(edge.curve.front(), QPointF(layout.nodes[1].right(), layout.nodes[1].center().y()));
  QCOMPARE(edge.curve.back(), QPointF(layout.nodes[0].left(), layout.nodes[0].center().y()));
}

void TestGraphLayout::anEdgePassesBesideTheNodesBetween() {
  const auto layout = columnLayout({node("a"), node("b", {"a"}), node("c", {"a", "b"})});
  for (const auto& edge : layout.edges)
    if (edge.dependency == 0 && edge.dependent == 2)
      for (const auto& point : edge.curve)
        QVERIFY(!layout.nodes[1].contains(point));
}

void TestGraphLayout::edgesThatNeedNotCrossDoNot() {
  const auto layout =
      columnLayout({node("a"), node("b"), node("c"), node("x", {"c"}), node("y", {"b"}), node("z", {"a"})});
  for (const auto& one : layout.edges)
    for (const auto& other : layout.edges) {
      const bool isAbove = one.curve.front().y() < other.curve.front().y();
      QVERIFY(&one == &other || isAbove == (one.curve.back().y() < other.curve.back().y()));
    }
}

void TestGraphLayout::aChainIsStraight() {
  const auto layout = columnLayout({node("a"), node("b", {"a"}), node("c", {"b"}), node("d", {"c"})});
  for (const auto& box : layout.nodes)
    QCOMPARE(box.center().y(), layout.nodes[0].center().y());
}

void TestGraphLayout::sizesThatAreNoNumbersTakeNoRoom() {
  auto nodes = GraphNodes{node("a"), node("b", {"a"}), node("c", {"b"})};
  nodes[0].size = QSizeF(std::numeric_limits<qreal>::quiet_NaN(), -3);
  nodes[1].size = QSizeF(std::numeric_limits<qreal>::infinity(), 1e300);
  const auto layout = columnLayout(nodes);
  QVERIFY(std::isfinite(layout.size.width()) && std::isfinite(layout.size.height()));
  QCOMPARE(layout.nodes[0].size(), QSizeF(0, 0));
  QCOMPARE(layout.nodes[2].size(), QSizeF(100, 40));
}

void TestGraphLayout::anyGraphIsLaidOutWithoutOverlaps_data() {
  QTest::addColumn<int>("count");
  QTest::addColumn<bool>("hasCycles");
  for (int count : {1, 2, 7, 40, 300}) {
    QTest::addRow("%d in order", count) << count << false;
    QTest::addRow("%d with cycles", count) << count << true;
  }
}

void TestGraphLayout::anyGraphIsLaidOutWithoutOverlaps() {
  QFETCH(int, count);
  QFETCH(bool, hasCycles);
  for (unsigned seed = 1; seed <= 10; ++seed) {
    const auto nodes = randomNodes(seed, count, hasCycles);
    const auto layout = columnLayout(nodes);
    QCOMPARE(layout.nodes.size(), nodes.size());
    const QRectF whole = QRectF(QPointF(0, 0), layout.size).adjusted(-0.01, -0.01, 0.01, 0.01);
    for (size_t i = 0; i < nodes.size(); ++i) {
      QCOMPARE(layout.nodes[i].size(), nodes[i].size);
      QVERIFY(whole.contains(layout.nodes[i]));
      for (size_t k = 0; k < i; ++k)
        QVERIFY(!layout.nodes[i].intersects(layout.nodes[k]));
    }
    for (const auto& edge : layout.edges)
      QVERIFY(edge.curve.size() >= 4 && edge.curve.size() % 3 == 1);
  }
}

void TestGraphLayout::theSameGraphIsLaidOutTheSame() {
  const auto nodes = randomNodes(3, 50, true);
  QCOMPARE(columnLayout(nodes).nodes, columnLayout(nodes).nodes);
}

QTEST_GUILESS_MAIN(TestGraphLayout)
#include "tst_graph_layout.moc"
