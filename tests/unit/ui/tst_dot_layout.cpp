#include "ui/model/dot_layout.h"
#include "ui/model/dot_text.h"

#include <QStandardPaths>
#include <QtTest>

using namespace ratdeck;

Q_DECLARE_METATYPE(ratdeck::GraphLayout)

namespace {

GraphNodes someNodes() {
  const QSizeF size(176, 104);
  const auto name = [](const char* text) {
    return QString(QLatin1String(text));
  };
  return {{name("ratd"), size, 3, {name("ratq"), name("postgres"), name("nobody")}},
          {name("ratq"), size, 1, {name("postgres")}},
          {name("postgres\"]; x [label=\"<b>"), size, 0, {}},
          {name("postgres"), size, 0, {}}};
}

// What a layouter answers, in the order of the answers.
struct Answers : QObject {
  explicit Answers(DotLayout& layout) {
    connect(&layout, &DotLayout::laidOut, this, [this](const GraphLayout& answer, DotLayout::By by) {
      layouts.push_back(answer);
      makers.push_back(by);
    });
  }
  size_t count() const { return makers.size(); }

  std::vector<GraphLayout> layouts;
  std::vector<DotLayout::By> makers;
};

} // namespace

// Layout by a program that may be missing, fail, hang or talk nonsense.
class TestDotLayout : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void namesDoNotGetIntoTheSource();
  void theAnswerOfDotIsRead();
  void anAnswerThatIsNotToTheseNodesIsRefused_data();
  void anAnswerThatIsNotToTheseNodesIsRefused();
  void dotLaysOutLeftToRight();
  void dotSetsWavesInTheirOrder();
  void dotLaysOutCyclesAndNothing();
  void withoutDotThereAreColumns_data();
  void withoutDotThereAreColumns();
  void aLateDotIsEnded();
  void theAnswerComesAfterTheRequest();
  void aNewRequestCancelsTheOldOne();
  void theSameRequestIsNotAnsweredTwice();
  void destroyingItEndsTheProgram();

private:
  // A program in place of dot.
  QString script(const QByteArray& body) {
    QFile file(m_folder.filePath(QStringLiteral("dot-%1").arg(++m_scripts)));
    if (!file.open(QIODevice::WriteOnly))
      return {};
    file.write("#!/bin/sh\n" + body + "\n");
    file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    return file.fileName();
  }
  QByteArray contentOf(const QString& path) const {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
  }
  // Writes its process id to `path` and hangs.
  QString hanging(const QString& path) {
    return script("echo $$ > " + path.toLocal8Bit() + "; exec sleep 60");
  }
  static bool isAlive(const QByteArray& pid) {
    return QFile::exists(QStringLiteral("/proc/") + QString::fromLatin1(pid.trimmed()));
  }

  QTemporaryDir m_folder;
  int m_scripts = 0;
};

void TestDotLayout::namesDoNotGetIntoTheSource() {
  const auto source = dotSource(someNodes());
  for (const char* word : {"ratd", "postgres", "nobody", "<b>", "ortho"})
    QVERIFY2(!source.contains(word), word);
  QVERIFY(source.contains("rankdir=LR"));
  QVERIFY(source.contains("3 -> 0;"));
}

void TestDotLayout::theAnswerOfDotIsRead() {
  const GraphNodes nodes = {{QStringLiteral("a"), QSizeF(72, 36), 0, {}},
                            {QStringLiteral("b"), QSizeF(144, 36), 0, {QStringLiteral("a")}}};
  const auto layout = layoutFromDot("graph 1 4 1\n"
                                    "node 0 0.5 0.5 1 0.5 \"\" solid box black lightgrey\n"
                                    "node 1 3 0.5 2 0.5 \"\" solid box black lightgrey\n"
                                    "edge 0 1 4 1 0.5 1.2 0.5 1.5 0.5 2 0.5 solid black\n"
                                    "stop\n",
                                    nodes);
  QVERIFY(layout);
  QCOMPARE(layout->size, QSizeF(288, 72));
  QCOMPARE(layout->nodes[0], QRectF(0, 18, 72, 36));
  QCOMPARE(layout->nodes[1], QRectF(144, 18, 144, 36));
  QCOMPARE(layout->edges.size(), size_t(1));
  QCOMPARE(layout->edges[0].curve.front(), QPointF(72, 36));
  QCOMPARE(layout->edges[0].curve.back(), QPointF(144, 36));
}

void TestDotLayout::anAnswerThatIsNotToTheseNodesIsRefused_data() {
  QTest::addColumn<QByteArray>("answer");
  const QByteArray graph = "graph 1 4 1\n", a = "node 0 0 0 1 1\n", b = "node 1 3 0 1 1\n",
                   edge = "edge 0 1 4 1 0 2 0 2 0 3 0\n", stop = "stop\n";
  QTest::newRow("empty") << QByteArray();
  QTest::newRow("cut off") << graph + a + b + edge;
  QTest::newRow("a node is missing") << graph + a + edge + stop;
  QTest::newRow("a node too many") << graph + a + b + "node 2 0 0 1 1\n" + edge + stop;
  QTest::newRow("an edge is missing") << graph + a + b + stop;
  QTest::newRow("an edge too many") << graph + a + b + edge + edge + stop;
  QTest::newRow("another edge") << graph + a + b + "edge 1 0 4 1 0 2 0 2 0 3 0\n" + stop;
  QTest::newRow("not a curve") << graph + a + b + "edge 0 1 3 1 0 2 0 2 0\n" + stop;
  QTest::newRow("fewer points than said") << graph + a + b + "edge 0 1 4 1 0 2 0\n" + stop;
  QTest::newRow("points without end") << graph + a + b + "edge 0 1 999999999 1 0 2 0 2 0 3 0\n" + stop;
  QTest::newRow("no number") << graph + a + "node 1 nan 0 1 1\n" + edge + stop;
  QTest::newRow("a word") << graph + a + "node 1 x 0 1 1\n" + edge + stop;
  QTest::newRow("a negative index") << graph + a + "node -1 0 0 1 1\n" + edge + stop;
  QTest::newRow("zeroes") << QByteArray(1000, '\0');
}

void TestDotLayout::anAnswerThatIsNotToTheseNodesIsRefused() {
  QFETCH(QByteArray, answer);
  const QSizeF size(72, 72);
  QVERIFY(!layoutFromDot(
      answer, {{QStringLiteral("a"), size, 0, {}}, {QStringLiteral("b"), size, 0, {QStringLiteral("a")}}}));
}

void TestDotLayout::dotLaysOutLeftToRight() {
  if (QStandardPaths::findExecutable(QStringLiteral("dot")).isEmpty())
    QSKIP("graphviz is not installed");
  DotLayout layout;
  Answers answers(layout);
  layout.request(someNodes());
  QTRY_COMPARE(answers.count(), size_t(1));
  QCOMPARE(answers.makers[0], DotLayout::By::Dot);
  const auto& drawn = answers.layouts[0];
  QCOMPARE(drawn.edges.size(), size_t(3));
  for (const auto& edge : drawn.edges) {
    QVERIFY(drawn.nodes[edge.dependency].right() < drawn.nodes[edge.dependent].left());
    QVERIFY((edge.curve.front() -
             QPointF(drawn.nodes[edge.dependency].right(), drawn.nodes[edge.dependency].center().y()))
                .manhattanLength() < 2);
  }
  for (size_t i = 0; i < drawn.nodes.size(); ++i)
    for (size_t k = 0; k < i; ++k)
      QVERIFY(!drawn.nodes[i].intersects(drawn.nodes[k]));
}

void TestDotLayout::dotSetsWavesInTheirOrder() {
  if (QStandardPaths::findExecutable(QStringLiteral("dot")).isEmpty())
    QSKIP("graphviz is not installed");
  const QSizeF size(176, 72);
  const QString a = QStringLiteral("a"), b = QStringLiteral("b"), c = QStringLiteral("c"),
                d = QStringLiteral("d");
  DotLayout layout;
  Answers answers(layout);
  layout.request({{a, size, 3, {}}, {b, size, 1, {}}, {c, size, 1, {}}, {d, size, 2, {c}}});
  QTRY_COMPARE(answers.count(), size_t(1));
  QCOMPARE(answers.makers[0], DotLayout::By::Dot);
  const auto& drawn = answers.layouts[0];
  QCOMPARE(drawn.edges.size(), size_t(1));
  for (const int first : {1, 2})
    QVERIFY(drawn.nodes[first].right() < drawn.nodes[3].left());
  QVERIFY(drawn.nodes[3].right() < drawn.nodes[0].left());
}

void TestDotLayout::dotLaysOutCyclesAndNothing() {
  if (QStandardPaths::findExecutable(QStringLiteral("dot")).isEmpty())
    QSKIP("graphviz is not installed");
  const QString a = QStringLiteral("a"), b = QStringLiteral("b");
  DotLayout layout;
  Answers answers(layout);
  layout.request({{a, QSizeF(10, 10), 0, {b}}, {b, QSizeF(10, 10), 0, {a}}});
  QTRY_COMPARE(answers.count(), size_t(1));
  layout.request({});
  QTRY_COMPARE(answers.count(), size_t(2));
  QCOMPARE(answers.makers, std::vector(2, DotLayout::By::Dot));
  QVERIFY(answers.layouts[1].nodes.empty());
}

void TestDotLayout::withoutDotThereAreColumns_data() {
  QTest::addColumn<QString>("program");
  QTest::newRow("missing") << QStringLiteral("/nowhere/dot");
  QTest::newRow("fails") << script("exit 1");
  QTest::newRow("fails after a good answer") << script("dot \"$@\"; exit 1");
  QTest::newRow("dies") << script("kill -9 $$");
  QTest::newRow("reads nothing") << script("exec <&-; exit 0");
  QTest::newRow("talks nonsense") << script("cat > /dev/null; echo nonsense");
}

void TestDotLayout::withoutDotThereAreColumns() {
  QFETCH(QString, program);
  DotLayout layout({program});
  Answers answers(layout);
  layout.request(someNodes());
  QTRY_COMPARE(answers.count(), size_t(1));
  QCOMPARE(answers.makers[0], DotLayout::By::Columns);
  QCOMPARE(answers.layouts[0].nodes, columnLayout(someNodes()).nodes);
  QVERIFY(!layout.isBusy());
}

void TestDotLayout::aLateDotIsEnded() {
  const auto path = m_folder.filePath(QStringLiteral("late"));
  DotLayout layout({hanging(path), std::chrono::milliseconds(300)});
  Answers answers(layout);
  layout.request(someNodes());
  QTRY_COMPARE(answers.count(), size_t(1));
  QCOMPARE(answers.makers[0], DotLayout::By::Columns);
  QTRY_VERIFY(!isAlive(contentOf(path)));
}

void TestDotLayout::theAnswerComesAfterTheRequest() {
  DotLayout layout({QStringLiteral("/nowhere/dot")});
  Answers answers(layout);
  layout.request(someNodes());
  QCOMPARE(answers.count(), size_t(0));
  QVERIFY(layout.isBusy());
}

void TestDotLayout::aNewRequestCancelsTheOldOne() {
  const auto path = m_folder.filePath(QStringLiteral("cancelled"));
  DotLayout layout({hanging(path), std::chrono::milliseconds(1000)});
  Answers answers(layout);
  layout.request(someNodes());
  QTRY_VERIFY(contentOf(path).endsWith('\n'));
  const auto first = contentOf(path);
  auto nodes = someNodes();
  nodes.pop_back();
  layout.request(nodes);
  QTRY_VERIFY(!isAlive(first));
  QTRY_COMPARE(answers.count(), size_t(1));
  QCOMPARE(answers.layouts[0].nodes.size(), nodes.size());
}

void TestDotLayout::theSameRequestIsNotAnsweredTwice() {
  DotLayout layout({script("exit 1")});
  Answers answers(layout);
  layout.request(someNodes());
  layout.request(someNodes());
  QTRY_COMPARE(answers.count(), size_t(1));
  layout.request(someNodes());
  QVERIFY(!layout.isBusy());
}

void TestDotLayout::destroyingItEndsTheProgram() {
  const auto path = m_folder.filePath(QStringLiteral("destroyed"));
  {
    DotLayout layout({hanging(path)});
    layout.request(someNodes());
    QTRY_VERIFY(contentOf(path).endsWith('\n'));
  }
  QTRY_VERIFY(!isAlive(contentOf(path)));
}

QTEST_GUILESS_MAIN(TestDotLayout)
#include "tst_dot_layout.moc"
