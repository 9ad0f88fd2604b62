#include "tests/ui/service_rows.h"
#include "ui/widgets/graph_canvas.h"
#include "ui/widgets/service_graph.h"

#include <QHelpEvent>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QToolTip>
#include <QtTest>
#include <QWheelEvent>

using namespace ratdeck;

// The graph of services under real keys and a real mouse.
class TestServiceGraph : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void anEmptyGraphSaysWhy();
  void aServiceIsChosenByAClick();
  void aDragPansAndChoosesNothing();
  void arrowKeysFollowTheDependencies();
  void tabReachesAServiceThatNeedsEyes();
  void enterChoosesWhatIsSelected();
  void keysAndTheWheelZoom();
  void theWheelScrolls();
  void whatLiesUnderTheMouseStaysThereInAZoom();
  void fitShowsTheWholeGraph();
  void aSelectionSurvivesAnotherLayout();
  void aCountdownRepaintsItsCardAlone();
  void theSameRowsPaintNothing();
  void aStatusMakesNoNewLayout();
  void inARolloutWhatChangesIsShownAndTheRestWhenAskedFor();
  void manyServicesAreCutToTheActiveWave();
  void allOfManyServicesAreShownWhenAskedFor();
  void aServiceThatIsGoneIsNotPainted();
  void aLongNameIsWholeInItsTooltip();
  void hostileTextStaysText();
  void screenReadersHearOfTheSelection();
  void itIsPaintedInBothThemes();

private:
  void init(ServiceGraph& graph, const ServiceRows& rows, QSize size = {1300, 500});
};

namespace {

QAbstractScrollArea* areaOf(const ServiceGraph& graph) {
  return graph.canvas();
}

int lit(const QImage& image, QRgb color) {
  int count = 0;
  for (int y = 0; y < image.height(); ++y)
    for (int x = 0; x < image.width(); ++x)
      count += image.pixel(x, y) == color;
  return count;
}

// A place in the viewport where the card of a service is.
QPoint placeOf(const ServiceGraph& graph, const QString& name) {
  const auto* view = areaOf(graph)->viewport();
  for (int y = 4; y < view->height(); y += 12)
    for (int x = 4; x < view->width(); x += 24)
      if (graph.canvas()->serviceAt({x, y}) == name)
        return {x, y};
  return {-1, -1};
}

QString tipAt(const ServiceGraph& graph, QPoint place) {
  auto* view = areaOf(graph)->viewport();
  QHelpEvent event(QEvent::ToolTip, place, view->mapToGlobal(place));
  QApplication::sendEvent(view, &event);
  return QToolTip::text();
}

// Counts what a widget paints.
struct Paints : QObject {
  explicit Paints(QWidget* widget) { widget->installEventFilter(this); }
  bool eventFilter(QObject*, QEvent* event) override {
    if (event->type() == QEvent::Paint)
      region += static_cast<QPaintEvent*>(event)->region();
    return false;
  }
  QRegion region;
};

void wheel(QWidget* widget, QPoint at, int delta, Qt::KeyboardModifiers modifiers = {}) {
  QWheelEvent event(at, widget->mapToGlobal(at), {}, {0, delta}, Qt::NoButton, modifiers, Qt::NoScrollPhase,
                    false);
  QApplication::sendEvent(widget, &event);
}

} // namespace

// Shown, laid out and painted.
void TestServiceGraph::init(ServiceGraph& graph, const ServiceRows& rows, QSize size) {
  graph.resize(size);
  graph.setRows(rows, aMoment());
  graph.show();
  QVERIFY(QTest::qWaitForWindowActive(&graph));
  QTRY_VERIFY(graph.canvas()->hasGraph());
  QCoreApplication::processEvents();
}

void TestServiceGraph::anEmptyGraphSaysWhy() {
  ServiceGraph graph;
  graph.setEmptyText(QStringLiteral("No engine answers."));
  graph.setRows({}, aMoment());
  graph.resize(400, 300);
  graph.show();
  QCOMPARE(graph.canvas()->accessibleDescription(), QStringLiteral("No engine answers."));
  const auto picture = graph.canvas()->grab().toImage();
  QVERIFY(lit(picture, picture.pixel(0, 0)) < picture.width() * picture.height() - 100);
}

void TestServiceGraph::aServiceIsChosenByAClick() {
  ServiceGraph graph;
  init(graph, ratRows());
  QSignalSpy chosen(&graph, &ServiceGraph::serviceChosen);
  const auto place = placeOf(graph, QStringLiteral("runner"));
  QVERIFY(place.x() > 0);
  QTest::mouseClick(areaOf(graph)->viewport(), Qt::LeftButton, {}, place);
  QCOMPARE(chosen.count(), 1);
  QCOMPARE(chosen[0][0].toString(), QStringLiteral("runner"));
  QCOMPARE(graph.selected(), QStringLiteral("runner"));
  QTest::mouseClick(areaOf(graph)->viewport(), Qt::LeftButton, {}, QPoint(1, 1));
  QCOMPARE(chosen.count(), 1);
}

void TestServiceGraph::aDragPansAndChoosesNothing() {
  ServiceGraph graph;
  init(graph, ratRows(), {400, 300});
  graph.canvas()->setZoom(1.5);
  auto* bar = areaOf(graph)->horizontalScrollBar();
  bar->setValue(100);
  QSignalSpy chosen(&graph, &ServiceGraph::serviceChosen);
  auto* view = areaOf(graph)->viewport();
  QTest::mousePress(view, Qt::LeftButton, {}, QPoint(200, 100));
  QTest::mouseMove(view, QPoint(170, 100));
  QTest::mouseMove(view, QPoint(140, 100));
  QTest::mouseRelease(view, Qt::LeftButton, {}, QPoint(140, 100));
  QCOMPARE(bar->value(), 160);
  QCOMPARE(chosen.count(), 0);
}

void TestServiceGraph::arrowKeysFollowTheDependencies() {
  ServiceGraph graph;
  init(graph, ratRows());
  graph.select(QStringLiteral("portal"));
  graph.canvas()->setFocus();
  QTest::keyClick(graph.canvas(), Qt::Key_Left);
  QCOMPARE(graph.selected(), QStringLiteral("ratd"));
  QTest::keyClick(graph.canvas(), Qt::Key_Right);
  QCOMPARE(graph.selected(), QStringLiteral("portal"));
  QTest::keyClick(graph.canvas(), Qt::Key_Right);
  QCOMPARE(graph.selected(), QStringLiteral("portal"));
}

void TestServiceGraph::tabReachesAServiceThatNeedsEyes() {
  QWidget window;
  auto* before = new QPushButton(&window);
  auto* graph = new ServiceGraph(&window);
  graph->resize(800, 400);
  window.show();
  init(*graph, ratRows());
  before->setFocus();
  QTest::keyClick(before, Qt::Key_Tab);
  QVERIFY(graph->canvas()->hasFocus());
  QCOMPARE(graph->selected(), QStringLiteral("plugins")); // it failed
  QTest::keyClick(graph->canvas(), Qt::Key_Tab);
  QVERIFY(!graph->canvas()->hasFocus());
}

void TestServiceGraph::enterChoosesWhatIsSelected() {
  ServiceGraph graph;
  init(graph, ratRows());
  QSignalSpy chosen(&graph, &ServiceGraph::serviceChosen);
  QTest::keyClick(graph.canvas(), Qt::Key_Return);
  QCOMPARE(chosen.count(), 0);
  graph.select(QStringLiteral("ratd"));
  QTest::keyClick(graph.canvas(), Qt::Key_Return);
  QCOMPARE(chosen.count(), 1);
  QCOMPARE(chosen[0][0].toString(), QStringLiteral("ratd"));
}

void TestServiceGraph::keysAndTheWheelZoom() {
  ServiceGraph graph;
  init(graph, ratRows());
  auto* canvas = graph.canvas();
  QTest::keyClick(canvas, Qt::Key_0);
  QCOMPARE(canvas->zoom(), 1.0);
  QTest::keyClick(canvas, Qt::Key_Plus);
  QCOMPARE(canvas->zoom(), 1.2);
  QTest::keyClick(canvas, Qt::Key_Minus);
  QCOMPARE(canvas->zoom(), 1.0);
  wheel(areaOf(graph)->viewport(), {50, 50}, 120, Qt::ControlModifier);
  QCOMPARE(canvas->zoom(), 1.2);
  for (int i = 0; i < 50; ++i)
    QTest::keyClick(canvas, Qt::Key_Minus);
  QCOMPARE(canvas->zoom(), 0.05);
  for (int i = 0; i < 50; ++i)
    QTest::keyClick(canvas, Qt::Key_Plus);
  QCOMPARE(canvas->zoom(), 2.0);
}

void TestServiceGraph::theWheelScrolls() {
  ServiceGraph graph;
  init(graph, ratRows(), {400, 200});
  graph.canvas()->setZoom(1);
  auto* bar = areaOf(graph)->verticalScrollBar();
  bar->setValue(0);
  wheel(areaOf(graph)->viewport(), {50, 50}, -120);
  QVERIFY(bar->value() > 0);
}

void TestServiceGraph::whatLiesUnderTheMouseStaysThereInAZoom() {
  ServiceGraph graph;
  graph.setShowingAll(true);
  init(graph, ratRows(), {500, 300});
  graph.canvas()->setZoom(1);
  const auto place = placeOf(graph, QStringLiteral("nessie"));
  QVERIFY(place.x() > 0);
  wheel(areaOf(graph)->viewport(), place, 360, Qt::ControlModifier);
  QSignalSpy chosen(&graph, &ServiceGraph::serviceChosen);
  QTest::mouseClick(areaOf(graph)->viewport(), Qt::LeftButton, {}, place);
  QCOMPARE(chosen.value(0).value(0).toString(), QStringLiteral("nessie"));
}

void TestServiceGraph::fitShowsTheWholeGraph() {
  ServiceGraph graph;
  init(graph, manyRows(500), {700, 500});
  graph.setShowingAll(true);
  QTRY_COMPARE(graph.canvas()->serviceCount(), 500);
  QVERIFY(areaOf(graph)->verticalScrollBar()->maximum() > 0);
  QTest::keyClick(graph.canvas(), Qt::Key_F);
  QCOMPARE(areaOf(graph)->verticalScrollBar()->maximum(), 0);
  QCOMPARE(areaOf(graph)->horizontalScrollBar()->maximum(), 0);
  QVERIFY(graph.canvas()->zoom() < 0.5);
}

void TestServiceGraph::aSelectionSurvivesAnotherLayout() {
  ServiceGraph graph;
  graph.setShowingAll(true);
  auto rows = ratRows();
  init(graph, rows);
  graph.select(QStringLiteral("ratd"));
  rows.erase(rows.begin());
  graph.setRows(rows, aMoment());
  QTRY_COMPARE(graph.canvas()->serviceCount(), 7);
  QCOMPARE(graph.selected(), QStringLiteral("ratd"));
}

void TestServiceGraph::aCountdownRepaintsItsCardAlone() {
  ServiceGraph graph;
  init(graph, ratRows());
  graph.canvas()->setZoom(1);
  QCoreApplication::processEvents();
  Paints paints(areaOf(graph)->viewport());
  graph.setRows(ratRows(), {aMoment().boot + 1s, aMoment().wall + 1s});
  QTRY_VERIFY(!paints.region.isEmpty());
  const QSize painted = paints.region.boundingRect().size();
  QVERIFY2(painted.width() < 220 && painted.height() < 140,
           qPrintable(QStringLiteral("%1 x %2").arg(painted.width()).arg(painted.height())));
}

void TestServiceGraph::theSameRowsPaintNothing() {
  ServiceGraph graph;
  init(graph, ratRows());
  Paints paints(areaOf(graph)->viewport());
  graph.setRows(ratRows(), aMoment());
  QCoreApplication::processEvents();
  QVERIFY(paints.region.isEmpty());
}

void TestServiceGraph::aStatusMakesNoNewLayout() {
  QTemporaryDir folder;
  QFile script(folder.filePath(QStringLiteral("dot")));
  QVERIFY(script.open(QIODevice::WriteOnly));
  const auto runs = folder.filePath(QStringLiteral("runs"));
  script.write("#!/bin/sh\necho run >> " + runs.toLocal8Bit() + "\nexit 1\n");
  script.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
  script.close();
  ServiceGraph graph(nullptr, {script.fileName()});
  graph.setShowingAll(true);
  auto rows = ratRows();
  init(graph, rows);
  for (int i = 0; i < 20; ++i) {
    rows[i % 8].mood = static_cast<Mood>(i % 6);
    rows[i % 8].status = QString::number(i);
    rows[i % 8].inFlight = i;
    graph.setRows(rows, aMoment());
    QCoreApplication::processEvents();
  }
  const auto count = [&] {
    QFile file(runs);
    return file.open(QIODevice::ReadOnly) ? file.readAll().count('\n') : 0;
  };
  QCOMPARE(count(), 1);
  rows[7].dependsOn.clear();
  graph.setRows(rows, aMoment());
  QTRY_COMPARE(count(), 2);
}

void TestServiceGraph::inARolloutWhatChangesIsShownAndTheRestWhenAskedFor() {
  ServiceGraph graph;
  auto rows = ratRows();
  init(graph, rows);
  QCOMPARE(graph.canvas()->serviceCount(), 5); // of 8
  auto* all = graph.findChild<QPushButton*>();
  QCOMPARE(all->text(), QStringLiteral("Show all 8"));
  QTest::mouseClick(all, Qt::LeftButton);
  QTRY_COMPARE(graph.canvas()->serviceCount(), 8);
  QCOMPARE(all->text(), QStringLiteral("Show what changes"));
  QTest::mouseClick(all, Qt::LeftButton);
  QTRY_COMPARE(graph.canvas()->serviceCount(), 5);
  rows[0].mood = Mood::Failed; // what takes no part, and is in trouble
  graph.setRows(rows, aMoment());
  QTRY_COMPARE(graph.canvas()->serviceCount(), 6);
  for (auto& row : rows)
    row.wave = 0;
  graph.setRows(rows, aMoment());
  QTRY_COMPARE(graph.canvas()->serviceCount(), 8);
  QVERIFY(!all->isVisible());
}

void TestServiceGraph::manyServicesAreCutToTheActiveWave() {
  ServiceGraph graph;
  init(graph, manyRows(500));
  QVERIFY(graph.canvas()->serviceCount() < 100);
  auto* all = graph.findChild<QPushButton*>();
  QVERIFY(all->isVisible());
  QCOMPARE(all->text(), QStringLiteral("Show all 500"));
  init(graph, manyRows(30));
  QTRY_COMPARE(graph.canvas()->serviceCount(), 30);
  QVERIFY(!all->isVisible());
}

void TestServiceGraph::allOfManyServicesAreShownWhenAskedFor() {
  ServiceGraph graph;
  init(graph, manyRows(60));
  auto* all = graph.findChild<QPushButton*>();
  QTest::mouseClick(all, Qt::LeftButton);
  QTRY_COMPARE(graph.canvas()->serviceCount(), 60);
  QCOMPARE(all->text(), QStringLiteral("Show the active wave"));
  QTest::mouseClick(all, Qt::LeftButton);
  QTRY_VERIFY(graph.canvas()->serviceCount() < 60);
}

void TestServiceGraph::aServiceThatIsGoneIsNotPainted() {
  ServiceGraph graph(nullptr, {QStringLiteral("/nowhere/dot")});
  auto rows = ratRows();
  init(graph, rows);
  QVERIFY(placeOf(graph, QStringLiteral("portal")).x() > 0);
  rows.pop_back();
  graph.setRows(rows, aMoment());
  QCOMPARE(placeOf(graph, QStringLiteral("portal")), QPoint(-1, -1));
}

void TestServiceGraph::aLongNameIsWholeInItsTooltip() {
  ServiceGraph graph;
  auto rows = ratRows();
  const auto name = QStringLiteral("executor-container-with-a-name-that-no-card-has-room-for");
  rows[5].name = name;
  init(graph, rows);
  const auto tip = tipAt(graph, placeOf(graph, name));
  QVERIFY2(tip.startsWith(QStringLiteral("<qt>") + name + QStringLiteral("<br>")), qPrintable(tip));
}

void TestServiceGraph::hostileTextStaysText() {
  const auto hostile = QStringLiteral("<table><table>\u202E\n\x1B[31m") + QString(1 << 20, QLatin1Char('x'));
  ServiceRow row;
  row.name = row.oldVersion = row.newVersion = row.copies = row.health = row.status = row.waitingFor =
      row.then = hostile;
  row.dependsOn = {hostile, QString()};
  row.until = aMoment().boot + 3s;
  row.since = aMoment().boot;
  ServiceGraph graph;
  graph.setEmptyText(hostile);
  init(graph, {row, ServiceRow()});
  graph.select(hostile);
  graph.grab();
  QVERIFY(graph.canvas()->accessibleDescription().size() < 2000);
  QVERIFY(!graph.canvas()->accessibleDescription().contains(QChar(0x202E)));
  const auto tip = tipAt(graph, placeOf(graph, hostile));
  QVERIFY(tip.startsWith(QStringLiteral("<qt>&lt;table&gt;&lt;table&gt;")));
  QVERIFY(tip.size() < 5000);
  QToolTip::hideText();
}

void TestServiceGraph::screenReadersHearOfTheSelection() {
  ServiceGraph graph;
  init(graph, ratRows());
  QCOMPARE(graph.canvas()->accessibleName(), QStringLiteral("Service graph"));
  QVERIFY(graph.canvas()->accessibleDescription().contains(QStringLiteral("table")));
  graph.select(QStringLiteral("ratd"));
  QVERIFY(graph.canvas()->accessibleDescription().startsWith(QStringLiteral("ratd, draining · healthy")));
}

void TestServiceGraph::itIsPaintedInBothThemes() {
  ServiceGraph graph;
  init(graph, ratRows());
  const auto light = graph.grab().toImage();
  auto palette = graph.palette();
  palette.setColor(QPalette::Window, QColor(0x15181D));
  graph.setPalette(palette);
  const auto dark = graph.grab().toImage();
  QVERIFY(light.pixelColor(5, 5).lightness() > 200);
  QVERIFY(dark.pixelColor(5, 5).lightness() < 60);
  const auto failed = moodColor(themeOf(palette), Mood::Failed).rgb();
  QVERIFY(lit(dark, failed) > 50);
}

QTEST_MAIN(TestServiceGraph)
#include "tst_service_graph.moc"
