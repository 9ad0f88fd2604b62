#include "tests/ui/service_rows.h"
#include "ui/model/service_table_model.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QtTest>

using namespace ratdeck;
using Model = ServiceTableModel;

// The services as a table that changes no more than it must.
class TestServiceTableModel : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void showsWhatTheRowsSay();
  void whatIsNotKnownIsAWord();
  void numbersStandOnTheRight();
  void everyCellCanBeReadAloud();
  void handsOnTheNameAsItIs();
  void textFromOutsideIsPlain();
  void theSameRowsChangeNothing();
  void aCountdownChangesItsCellAlone();
  void aMoodChangesItsCellAlone();
  void cellsSideBySideAreAnnouncedTogether();
  void aServiceThatComesIsInserted();
  void aServiceThatGoesIsRemoved();
  void aServiceThatStandsElsewhereIsMoved();
  void anyChangeEndsInTheNewRows();

private:
  static QString text(const Model& model, int row, int column) {
    return model.index(row, column).data().toString();
  }
};

namespace {

// What a model announced.
struct Watch {
  explicit Watch(Model& model)
      : changes(&model, &Model::dataChanged), inserts(&model, &Model::rowsInserted),
        removals(&model, &Model::rowsRemoved), moves(&model, &Model::rowsMoved),
        resets(&model, &Model::modelReset),
        tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest) {}
  std::vector<int> counts() const {
    return {static_cast<int>(changes.count()), static_cast<int>(inserts.count()),
            static_cast<int>(removals.count()), static_cast<int>(moves.count()),
            static_cast<int>(resets.count())};
  }
  QSignalSpy changes, inserts, removals, moves, resets;
  QAbstractItemModelTester tester;
};

QModelIndex indexAt(const QSignalSpy& spy, int argument) {
  return spy.at(0).at(argument).toModelIndex();
}

} // namespace

void TestServiceTableModel::showsWhatTheRowsSay() {
  Model model;
  model.setRows(ratRows(), aMoment());
  QCOMPARE(model.rowCount(), 8);
  const char* ratd[] = {"ratd", "2.3.0 → 2.4.0",          "1 of 1 new · 1 old", "draining · healthy",
                        "3",    "3 runs of the old copy", "14 s → end 3 runs"};
  for (int column = 0; column < Model::ColumnCount; ++column)
    QCOMPARE(text(model, 6, column), QString::fromUtf8(ratd[column]));
  QCOMPARE(model.headerData(Model::Versions, Qt::Horizontal).toString(), QStringLiteral("Old → new"));
  QCOMPARE(static_cast<Mood>(model.index(6, 0).data(Model::MoodRole).toInt()), Mood::Running);
}

void TestServiceTableModel::whatIsNotKnownIsAWord() {
  Model model;
  model.setRows({ServiceRow()}, aMoment());
  for (int column : {Model::Copies, Model::Health, Model::InFlight}) {
    QCOMPARE(text(model, 0, column), QStringLiteral("not known"));
    QCOMPARE(model.index(0, column).data(Model::IsKnownRole), QVariant(false));
  }
  QCOMPARE(text(model, 0, Model::WaitingFor), QString());
  QCOMPARE(text(model, 0, Model::Until), QString());
}

void TestServiceTableModel::numbersStandOnTheRight() {
  Model model;
  model.setRows(ratRows(), aMoment());
  const auto isRight = [](const QVariant& alignment) {
    return alignment.value<Qt::Alignment>().testFlag(Qt::AlignRight);
  };
  for (int column = 0; column < Model::ColumnCount; ++column) {
    QCOMPARE(isRight(model.index(0, column).data(Qt::TextAlignmentRole)), column == Model::InFlight);
    QCOMPARE(isRight(model.headerData(column, Qt::Horizontal, Qt::TextAlignmentRole)),
             column == Model::InFlight);
  }
}

void TestServiceTableModel::everyCellCanBeReadAloud() {
  Model model;
  model.setRows(ratRows(), aMoment());
  const auto read = [&](int row, int column) {
    return model.index(row, column).data(Qt::AccessibleTextRole).toString();
  };
  QVERIFY(read(6, Model::Service).startsWith(QStringLiteral("ratd, wave 3, 2.3.0 → 2.4.0, draining")));
  QCOMPARE(read(6, Model::InFlight), QStringLiteral("In flight: 3"));
  QCOMPARE(read(0, Model::InFlight), QStringLiteral("In flight: not known"));
  QCOMPARE(read(0, Model::Until), QStringLiteral("Until: nothing"));
}

void TestServiceTableModel::handsOnTheNameAsItIs() {
  ServiceRow row;
  row.name = QStringLiteral("a\u202Eb");
  Model model;
  model.setRows({row}, aMoment());
  QCOMPARE(text(model, 0, Model::Service), QStringLiteral("a?b"));
  QCOMPARE(model.index(0, Model::Until).data(Model::NameRole).toString(), row.name);
}

void TestServiceTableModel::textFromOutsideIsPlain() {
  const auto hostile = QStringLiteral("<table><table>\u202E\n\x1B[31m") + QString(1 << 20, QLatin1Char('x'));
  ServiceRow row;
  row.name = row.oldVersion = row.newVersion = row.copies = row.health = row.status = row.waitingFor =
      row.then = hostile;
  row.dependsOn = {hostile};
  row.until = aMoment().boot;
  Model model;
  model.setRows({row}, aMoment());
  for (int column = 0; column < Model::ColumnCount; ++column) {
    const auto shown = text(model, 0, column);
    QVERIFY(shown.size() < 1000);
    QVERIFY(!shown.contains(QChar(0x202E)) && !shown.contains(QChar(0x1B)) &&
            !shown.contains(QLatin1Char('\n')));
    QVERIFY(!model.index(0, column).data(Qt::ToolTipRole).toString().contains(QStringLiteral("<table>")));
  }
}

void TestServiceTableModel::theSameRowsChangeNothing() {
  Model model;
  model.setRows(ratRows(), aMoment());
  Watch watch(model);
  model.setRows(ratRows(), aMoment());
  QCOMPARE(watch.counts(), std::vector({0, 0, 0, 0, 0}));
}

void TestServiceTableModel::aCountdownChangesItsCellAlone() {
  Model model;
  model.setRows(ratRows(), aMoment());
  Watch watch(model);
  model.setRows(ratRows(), {aMoment().boot + 1s, aMoment().wall + 1s});
  QCOMPARE(watch.counts(), std::vector({1, 0, 0, 0, 0}));
  QCOMPARE(indexAt(watch.changes, 0), model.index(6, Model::Until));
  QCOMPARE(indexAt(watch.changes, 1), model.index(6, Model::Until));
  QCOMPARE(text(model, 6, Model::Until), QStringLiteral("13 s → end 3 runs"));
}

void TestServiceTableModel::aMoodChangesItsCellAlone() {
  Model model;
  auto rows = ratRows();
  model.setRows(rows, aMoment());
  Watch watch(model);
  rows[0].mood = Mood::Unknown;
  model.setRows(rows, aMoment());
  QCOMPARE(watch.counts(), std::vector({1, 0, 0, 0, 0}));
  QCOMPARE(indexAt(watch.changes, 0), model.index(0, Model::Service));
  QCOMPARE(indexAt(watch.changes, 1), model.index(0, Model::Service));
}

void TestServiceTableModel::cellsSideBySideAreAnnouncedTogether() {
  Model model;
  auto rows = ratRows();
  model.setRows(rows, aMoment());
  Watch watch(model);
  rows[3].copies = QStringLiteral("2 of 2 new");
  rows[3].health = QStringLiteral("starting");
  rows[3].inFlight.reset();
  rows[3].waitingFor.clear();
  model.setRows(rows, aMoment());
  QCOMPARE(watch.counts(), std::vector({1, 0, 0, 0, 0}));
  QCOMPARE(indexAt(watch.changes, 0), model.index(3, Model::Copies));
  QCOMPARE(indexAt(watch.changes, 1), model.index(3, Model::InFlight));
}

void TestServiceTableModel::aServiceThatComesIsInserted() {
  Model model;
  auto rows = ratRows();
  const auto runner = rows[4];
  rows.erase(rows.begin() + 4);
  model.setRows(rows, aMoment());
  Watch watch(model);
  rows.insert(rows.begin() + 4, runner);
  model.setRows(rows, aMoment());
  QCOMPARE(watch.counts(), std::vector({0, 1, 0, 0, 0}));
  QCOMPARE(text(model, 4, Model::Service), QStringLiteral("runner"));
}

void TestServiceTableModel::aServiceThatGoesIsRemoved() {
  Model model;
  auto rows = ratRows();
  model.setRows(rows, aMoment());
  const QPersistentModelIndex portal = model.index(7, 0);
  Watch watch(model);
  rows.erase(rows.begin() + 2, rows.begin() + 5);
  model.setRows(rows, aMoment());
  QCOMPARE(watch.counts(), std::vector({0, 0, 1, 0, 0}));
  QCOMPARE(portal.row(), 4);
  model.setRows({}, aMoment());
  QCOMPARE(model.rowCount(), 0);
  QCOMPARE(watch.counts(), std::vector({0, 0, 2, 0, 0}));
}

void TestServiceTableModel::aServiceThatStandsElsewhereIsMoved() {
  Model model;
  auto rows = ratRows();
  model.setRows(rows, aMoment());
  const QPersistentModelIndex ratd = model.index(6, 0);
  Watch watch(model);
  std::rotate(rows.begin() + 1, rows.begin() + 6, rows.begin() + 7);
  model.setRows(rows, aMoment());
  QCOMPARE(watch.counts(), std::vector({0, 0, 0, 1, 0}));
  QCOMPARE(ratd.row(), 1);
  QCOMPARE(ratd.data().toString(), QStringLiteral("ratd"));
}

void TestServiceTableModel::anyChangeEndsInTheNewRows() {
  std::minstd_rand random(11);
  Model model;
  Watch watch(model);
  for (int round = 0; round < 200; ++round) {
    ServiceRows rows;
    for (unsigned count = random() % 12; count > 0; --count) {
      ServiceRow row;
      row.name = QString::number(random() % 8); // names that stand there twice too
      row.inFlight = static_cast<long long>(random() % 3);
      row.mood = static_cast<Mood>(random() % 6);
      rows.push_back(row);
    }
    model.setRows(rows, aMoment());
    QCOMPARE(model.rows(), rows);
  }
  QCOMPARE(watch.resets.count(), 0);
}

QTEST_GUILESS_MAIN(TestServiceTableModel)
#include "tst_service_table_model.moc"
