#include "tests/ui/service_rows.h"
#include "ui/widgets/service_table.h"
#include "ui/widgets/theme.h"

#include <QHeaderView>
#include <QPushButton>
#include <QSignalSpy>
#include <QtTest>

using namespace ratdeck;

// The table of services under real keys and a real mouse.
class TestServiceTable : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void anEmptyTableSaysWhy();
  void aServiceIsChosenByAClick();
  void enterChoosesTheCurrentService();
  void theSelectionStaysWithItsService();
  void rowsAreOfOneHeight();
  void tabLeavesTheTable();
  void theMoodIsPaintedBeforeTheName();
  void theSameEmptyTextPaintsNothing();
  void hostileTextStaysText();

private:
  static void show(ServiceTable& table, const ServiceRows& rows);
};

void TestServiceTable::show(ServiceTable& table, const ServiceRows& rows) {
  table.resize(1000, 300);
  table.setRows(rows, aMoment());
  table.show();
  QVERIFY(QTest::qWaitForWindowActive(&table));
}

void TestServiceTable::anEmptyTableSaysWhy() {
  ServiceTable table;
  table.setEmptyText(QStringLiteral("No engine answers."));
  show(table, {});
  QCOMPARE(table.accessibleDescription(), QStringLiteral("No engine answers."));
  const auto picture = table.viewport()->grab().toImage();
  int lit = 0;
  for (int x = 0; x < picture.width(); ++x)
    for (int y = 0; y < picture.height(); ++y)
      lit += picture.pixel(x, y) != picture.pixel(0, 0);
  QVERIFY(lit > 100);
}

void TestServiceTable::aServiceIsChosenByAClick() {
  ServiceTable table;
  show(table, ratRows());
  QSignalSpy chosen(&table, &ServiceTable::serviceChosen);
  QTest::mouseClick(table.viewport(), Qt::LeftButton, {},
                    table.visualRect(table.model()->index(4, ServiceTableModel::Copies)).center());
  QCOMPARE(chosen.count(), 1);
  QCOMPARE(chosen[0][0].toString(), QStringLiteral("runner"));
  QCOMPARE(table.selected(), QStringLiteral("runner"));
}

void TestServiceTable::enterChoosesTheCurrentService() {
  ServiceTable table;
  show(table, ratRows());
  QSignalSpy chosen(&table, &ServiceTable::serviceChosen);
  table.select(QStringLiteral("ratd"));
  QCOMPARE(chosen.count(), 0);
  QTest::keyClick(&table, Qt::Key_Down);
  QTest::keyClick(&table, Qt::Key_Return);
  QCOMPARE(chosen.count(), 1);
  QCOMPARE(chosen[0][0].toString(), QStringLiteral("portal"));
}

void TestServiceTable::theSelectionStaysWithItsService() {
  ServiceTable table;
  auto rows = ratRows();
  show(table, rows);
  table.select(QStringLiteral("ratd"));
  std::rotate(rows.begin(), rows.begin() + 3, rows.end());
  table.setRows(rows, aMoment());
  QCOMPARE(table.selected(), QStringLiteral("ratd"));
  QCOMPARE(table.selectionModel()->selectedRows().value(0).row(), 3);
  table.select(QStringLiteral("nobody"));
  QVERIFY(table.selectionModel()->selectedRows().isEmpty());
}

void TestServiceTable::rowsAreOfOneHeight() {
  ServiceTable table;
  auto rows = ratRows();
  rows[2].health = QStringLiteral("one\ntwo\nthree");
  show(table, rows);
  for (int row = 0; row < 8; ++row)
    QCOMPARE(table.rowHeight(row), table.rowHeight(0));
}

void TestServiceTable::tabLeavesTheTable() {
  QWidget window;
  auto* table = new ServiceTable(&window);
  auto* after = new QPushButton(&window);
  table->setRows(ratRows(), aMoment());
  window.show();
  QVERIFY(QTest::qWaitForWindowActive(&window));
  table->setFocus();
  QTest::keyClick(table, Qt::Key_Tab);
  QVERIFY(after->hasFocus());
}

void TestServiceTable::theMoodIsPaintedBeforeTheName() {
  ServiceTable table;
  show(table, ratRows());
  const auto cell = table.visualRect(table.model()->index(5, ServiceTableModel::Service));
  const auto picture = table.viewport()->grab(cell).toImage();
  const auto failed = moodColor(themeOf(table.palette()), Mood::Failed).rgb();
  int lit = 0;
  for (int x = 0; x < 24; ++x)
    for (int y = 0; y < picture.height(); ++y)
      lit += picture.pixel(x, y) == failed;
  QVERIFY(lit > 20);
}

void TestServiceTable::theSameEmptyTextPaintsNothing() {
  ServiceTable table;
  table.setEmptyText(QStringLiteral("Nothing."));
  show(table, ratRows());
  QCoreApplication::processEvents();
  struct Paints : QObject {
    bool eventFilter(QObject*, QEvent* event) override {
      count += event->type() == QEvent::Paint;
      return false;
    }
    int count = 0;
  } paints;
  table.viewport()->installEventFilter(&paints);
  table.setEmptyText(QStringLiteral("Nothing."));
  table.setRows(ratRows(), aMoment());
  QCoreApplication::processEvents();
  QCOMPARE(paints.count, 0);
}

void TestServiceTable::hostileTextStaysText() {
  const auto hostile = QStringLiteral("<table><table>\u202E\n\x1B[31m") + QString(1 << 20, QLatin1Char('x'));
  ServiceRow row;
  row.name = row.oldVersion = row.newVersion = row.copies = row.health = row.status = row.waitingFor =
      row.then = hostile;
  ServiceTable table;
  show(table, {row});
  table.grab();
  QVERIFY(table.columnWidth(ServiceTableModel::Service) < 400);
}

QTEST_MAIN(TestServiceTable)
#include "tst_service_table.moc"
