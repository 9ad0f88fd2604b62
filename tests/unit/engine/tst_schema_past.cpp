// What earlier rollouts did to the schema, read from journals that the test writes: which steps a rollback
// goes past, and which it would miss.
#include <QTemporaryDir>
#include <QtTest>

#include "core/engine/schema_past.h"
#include "core/journal/event_record.h"
#include "core/journal/writer.h"
#include "core/plan/planner.h"
#include "tests/support/manual_clock.h"

#include <filesystem>
#include <fstream>

using namespace ratdeck;

namespace {

// One task of a rollout, and how it ended.
struct Told {
  std::string id;
  EventType end = EventType::TaskPassed;
  int reverses = 0;
};

TaskSpec migration(const std::string& id) {
  TaskSpec task;
  task.id = id;
  task.kind = TaskSpec::Kind::Migration;
  task.service = "web";
  task.up = TaskCommand{TaskCommand::Where::Own, "web", {"/migrate", "up"}};
  task.down = TaskCommand{TaskCommand::Where::Own, "web", {"/migrate", "down"}};
  task.versions = {id + ".sql"};
  return task;
}

class Archive {
public:
  Archive() : m_revisions(path("revisions")), m_store(path("journals"), m_clock) {}

  // The revision that the rollout made.
  int add(const char* result, const std::vector<Told>& tasks) {
    m_clock.advance(1min);
    StackSpec stack;
    stack.project = "shop";
    stack.services["web"].name = "web";
    stack.services["web"].normalised = {{"image", "web"}};
    stack.normalised = {{"name", "shop"}, {"services", {{"web", {{"image", "web"}}}}}};
    auto& migrations = stack.normalised["x-ratdeck"]["migrations"] = Json::array();
    Plan plan;
    plan.project = "shop";
    plan.revision = m_revisions.nextNumber();
    plan.services["web"].service = "web";
    for (const auto& told : tasks) {
      migrations.push_back({{"id", told.id},
                            {"before", "web"},
                            {"up", {{"run", {"/migrate", "up"}}}},
                            {"down", {{"run", {"/migrate", "down"}}}}});
      TaskPlan task;
      task.spec = migration(told.id);
      task.reverses = told.reverses;
      plan.tasks.push_back(task);
    }
    plan.services["web"].wave = 1;
    plan.waves = {{1, "wave 1", {"web"}}};
    plan.hash = planHash(plan);
    if (!m_revisions.save(Revision{plan.revision, {}, {}, stack}))
      qFatal("no revision");
    write(plan, result, tasks);
    return plan.revision;
  }

  // "drop 3, email 2 missing"; the error.
  QString past(int from) const {
    const auto steps = schemaPast(m_store, "teststack", m_revisions, from);
    if (!steps)
      return QString::fromStdString(steps.error().message);
    std::string text;
    for (const auto& step : *steps)
      text += (text.empty() ? "" : ", ") + step.task.id + " " + std::to_string(step.revision) +
              (step.task.down ? "" : " stays") + (step.task.up ? "" : " missing");
    return QString::fromStdString(text);
  }
  void damageLast() {
    std::ofstream file(m_last, std::ios::app);
    file << "what is this\nand this\n";
  }
  std::string folder() const { return path("journals") + "/teststack"; }

private:
  std::string path(const char* name) const { return m_folder.path().toStdString() + "/" + name; }

  void write(const Plan& plan, const char* result, const std::vector<Told>& tasks) {
    const auto rollout = m_store.nextRolloutId();
    m_last = *m_store.pathOf("teststack", rollout);
    std::filesystem::create_directories(folder());
    auto key = SigningKey::openOrMake(path("keys"));
    auto journal =
        JournalWriter::create(m_last, headerOf(plan, rollout, "teststack", "tester", "boot"), *key, m_clock);
    std::vector<Event> events(1);
    events[0].type = EventType::RolloutStarted;
    events[0].detail = {{"plan", toJson(plan)}, {"undoes", ""}};
    for (const auto& told : tasks) {
      const auto tell = [&](EventType type, Json detail) {
        detail["task"] = told.id;
        events.push_back({type, {}, "web", {}, {}, {}, "as it went", detail});
      };
      const bool isUndo = told.end == EventType::TaskUndone || told.end == EventType::TaskUndoFailed;
      tell(EventType::TaskStarted, Json::object());
      tell(EventType::TaskEnded, {{"exit_code", 0}});
      tell(isUndo ? EventType::TaskPassed : told.end, {{"added", {told.id + ".sql"}}});
      if (isUndo) {
        tell(EventType::TaskUndoStarted, Json::object());
        tell(EventType::TaskEnded, {{"exit_code", 0}});
        tell(told.end, Json::object());
      }
    }
    for (auto& event : events)
      event.at = m_clock.now();
    if (!journal || !journal->append(recordsOf(events), Durability::Sync))
      qFatal("no journal");
    if (*result && !journal->close(result))
      qFatal("not closed");
  }

  QTemporaryDir m_folder;
  ManualClock m_clock;
  RevisionStore m_revisions;
  JournalStore m_store;
  std::string m_last; // journal
};

const QString unknown = QStringLiteral("what an earlier rollout did to the schema is not known");

} // namespace

class TestSchemaPast : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void everyRolloutCountsWhateverBecameOfIt_data() {
    QTest::addColumn<QString>("result");
    for (const char* result :
         {"succeeded", "paused_mixed", "rollback_failed", "failed", "rolled_back", "aborted", "rejected", ""})
      QTest::addRow("%s", *result ? result : "unfinished") << QString::fromLatin1(result);
  }
  // Its migration stayed when its code went back: it is there for whoever goes further back.
  void everyRolloutCountsWhateverBecameOfIt() {
    QFETCH(QString, result);
    Archive archive;
    archive.add("succeeded", {{"email"}});
    archive.add(result.toLatin1().constData(), {{"drop"}});
    QCOMPARE(archive.past(2), QStringLiteral("drop 2"));
    QCOMPARE(archive.past(1), QStringLiteral("drop 2, email 1"));
  }

  void whatItsOwnRolloutTookBackIsNotThere() {
    Archive archive;
    archive.add("aborted", {{"email", EventType::TaskUndone}});
    QCOMPARE(archive.past(1), QString());
  }

  // Nobody knows how much of it is there: no `down` was declared to be safe then.
  void whatDidNotEndWellIsNotTakenBackByItself() {
    Archive archive;
    archive.add("rollback_failed", {{"fax", EventType::TaskFailed}, {"email", EventType::TaskUndoFailed}});
    QCOMPARE(archive.past(1), QStringLiteral("email 1 stays, fax 1 stays"));
  }

  // The rollback took it back, and then its own code failed: the step is gone all the same.
  void whatAFailedRollbackTookBackIsNotTakenBackAgain_data() {
    QTest::addColumn<QString>("result");
    QTest::addColumn<int>("end");
    QTest::addColumn<QString>("past");
    const int done = static_cast<int>(EventType::TaskPassed),
              failed = static_cast<int>(EventType::TaskFailed);
    QTest::newRow("its code failed afterwards") << QStringLiteral("rolled_back") << done << QString();
    QTest::newRow("it succeeded") << QStringLiteral("succeeded") << done << QString();
    QTest::newRow("the control") << QStringLiteral("rolled_back") << failed << QStringLiteral("email 1");
  }
  void whatAFailedRollbackTookBackIsNotTakenBackAgain() {
    QFETCH(QString, result);
    QFETCH(int, end);
    QFETCH(QString, past);
    Archive archive;
    archive.add("succeeded", {{"email"}});
    archive.add(result.toLatin1().constData(), {{"email", static_cast<EventType>(end), 1}});
    QCOMPARE(archive.past(1), past);
  }

  void whatWasTakenBackIsMissingWhereItsCodeComesBack() {
    Archive archive;
    archive.add("succeeded", {{"email"}});
    archive.add("succeeded", {{"fax"}});
    archive.add("succeeded", {{"fax", EventType::TaskPassed, 2}}); // a rollback
    QCOMPARE(archive.past(3), QStringLiteral("fax 2 missing")); // to revision 2, which was rolled out with it
    QCOMPARE(archive.past(2), QString());                       // to revision 1, which knew nothing of it
    QCOMPARE(archive.past(4), QString());                       // to what the rollback left
    archive.add("succeeded", {{"fax"}});
    QCOMPARE(archive.past(3), QStringLiteral("fax 4")); // it was brought anew
  }

  void aJournalThatCannotBeReadIsNotPassedOver() {
    Archive archive;
    archive.add("succeeded", {});
    archive.damageLast(); // its rollout had no tasks, and its start can be read
    archive.add("succeeded", {{"email"}});
    QCOMPARE(archive.past(1), QStringLiteral("email 2"));
    archive.damageLast();
    const auto said = archive.past(1);
    QVERIFY2(said.startsWith(unknown), qPrintable(said));
  }

  void aJournalThatWasNeverBegunSaysNothing() {
    Archive archive;
    archive.add("succeeded", {{"email"}});
    std::ofstream(archive.folder() + "/20260101-000000-abcd.ratlog") << "{\"seq\":1,\"type\":\"Jour";
    QCOMPARE(archive.past(1), QStringLiteral("email 1"));
    std::ofstream(archive.folder() + "/20260101-000000-abcd.ratlog") << "what is this\n"; // the control
    QVERIFY(archive.past(1).startsWith(unknown));
  }
};

QTEST_GUILESS_MAIN(TestSchemaPast)
#include "tst_schema_past.moc"
