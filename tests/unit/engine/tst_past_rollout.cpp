// What a rollback without an argument undoes, and which rollouts somebody must still go on with: read from
// journals that the test writes.
#include <QTemporaryDir>
#include <QtTest>

#include "core/engine/past_rollout.h"
#include "core/journal/event_record.h"
#include "core/journal/writer.h"
#include "core/plan/planner.h"
#include "tests/support/manual_clock.h"

#include <filesystem>
#include <fstream>

using namespace ratdeck;

namespace {

struct Told {
  const char* result = "succeeded"; // "": left unfinished
  std::string undoes = {};
  std::vector<std::string> services = {}; // of --service
  PlanAction action = PlanAction::Update;
  std::string stack = "teststack";
  bool isTry = false;
};

class Archive {
public:
  Archive() : m_revisions(path("revisions")), m_store(path("journals"), m_clock) {}

  std::string add(const Told& told) {
    m_clock.advance(1min);
    StackSpec stack;
    stack.project = "shop";
    stack.services["web"].name = "web";
    stack.services["web"].normalised = {{"image", "web"}};
    stack.normalised = {{"name", "shop"}, {"services", {{"web", {{"image", "web"}}}}}};
    auto plan = planOf(m_revisions.nextNumber(), told);
    Revision revision{plan.revision, {}, {}, stack};
    if (!(told.isTry ? m_revisions.saveTried(revision) : m_revisions.save(revision)))
      qFatal("no revision");
    return write(plan, told);
  }
  std::string path(const char* name) const { return m_folder.path().toStdString() + "/" + name; }
  const JournalStore& store() const { return m_store; }
  RevisionStore& revisions() { return m_revisions; }
  std::string toUndo() const {
    auto past = rolloutToUndo(m_store, "teststack");
    return past ? past->id() : past.error().message;
  }
  std::string unfinished() const {
    auto past = unfinishedRollout(m_store, "teststack", m_revisions);
    return !past ? past.error().message : *past ? (*past)->id() : "none";
  }
  std::string pathOf(const std::string& rollout, const std::string& stack = "teststack") const {
    return m_store.pathOf(stack, RolloutId(rollout)).value();
  }

private:
  static Plan planOf(int revision, const Told& told) {
    Plan plan;
    plan.project = "shop";
    plan.revision = revision;
    plan.services["web"].service = "web";
    plan.services["web"].wave = 1;
    plan.services["web"].action = told.action;
    plan.waves = {{1, "wave 1", {"web"}}};
    plan.inputs.services = told.services;
    plan.isTry = told.isTry;
    plan.hash = planHash(plan);
    return plan;
  }
  std::string write(const Plan& plan, const Told& told) {
    auto rollout = m_store.nextRolloutId();
    auto file = pathOf(rollout.value, told.stack);
    std::filesystem::create_directories(std::filesystem::path(file).parent_path());
    auto key = SigningKey::openOrMake(path("keys"));
    auto journal =
        JournalWriter::create(file, headerOf(plan, rollout, told.stack, "tester", "boot"), *key, m_clock);
    Event start;
    start.type = EventType::RolloutStarted;
    start.at = m_clock.now();
    start.detail = {{"plan", toJson(plan)}, {"undoes", told.undoes}};
    if (!journal || !journal->append({recordOf(start)}, Durability::Sync))
      qFatal("no journal");
    if (*told.result && !journal->close(told.result))
      qFatal("not closed");
    return rollout.value;
  }

  QTemporaryDir m_folder;
  ManualClock m_clock;
  RevisionStore m_revisions;
  JournalStore m_store;
};

constexpr const char* nothing = "no rollout of this stack has left anything to roll back";

} // namespace

class TestPastRollout : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void undoesTheNewestThatLeftSomethingChanged_data() {
    QTest::addColumn<QString>("result");
    QTest::addColumn<bool>("counts");
    for (auto [result, counts] : {std::pair("succeeded", true),
                                  {"paused_mixed", true},
                                  {"rollback_failed", true},
                                  {"failed", false},
                                  {"rolled_back", false},
                                  {"aborted", false},
                                  {"rejected", false},
                                  {"", false}})
      QTest::addRow("%s", *result ? result : "unfinished") << QString::fromLatin1(result) << counts;
  }
  void undoesTheNewestThatLeftSomethingChanged() {
    QFETCH(QString, result);
    QFETCH(bool, counts);
    Archive archive;
    auto first = archive.add({});
    auto second = archive.add({.result = result.toLatin1().constData()});
    QCOMPARE(archive.toUndo(), counts ? second : first);
  }

  void aSecondRollbackGoesFurtherBackAndNeverForward() {
    Archive archive;
    auto first = archive.add({});
    auto bad = archive.add({});
    archive.add({.undoes = bad});
    QCOMPARE(archive.toUndo(), first);
    archive.add({.undoes = first});
    QCOMPARE(archive.toUndo(), nothing);
  }

  void whatARollbackDidNotBringBackAsAWholeIsUndoneAgain_data() {
    QTest::addColumn<QString>("result");
    QTest::addColumn<bool>("isPart");
    QTest::newRow("it stopped half way") << "paused_mixed" << false;
    QTest::newRow("it was undone itself") << "rolled_back" << false;
    QTest::newRow("it was for one service") << "succeeded" << true;
  }
  void whatARollbackDidNotBringBackAsAWholeIsUndoneAgain() {
    QFETCH(QString, result);
    QFETCH(bool, isPart);
    Archive archive;
    archive.add({});
    auto bad = archive.add({});
    archive.add({.result = result.toLatin1().constData(),
                 .undoes = bad,
                 .services = isPart ? std::vector<std::string>{"web"} : std::vector<std::string>()});
    QCOMPARE(archive.toUndo(), bad);
  }

  void whatMadeOnlyNewServicesLeavesNothingToBringBack() {
    Archive archive;
    archive.add({.action = PlanAction::Create});
    QCOMPARE(archive.toUndo(), nothing);
  }

  void aTryLeavesNothingToBringBack() {
    Archive archive;
    auto first = archive.add({});
    auto tried = archive.add({.isTry = true});
    QCOMPARE(archive.toUndo(), first);
    QVERIFY(summaryOf(archive.pathOf(tried)).header.isTry);
    QVERIFY(!summaryOf(archive.pathOf(first)).header.isTry);
  }

  void anUnfinishedTryIsNamedUntilADeployHasOvertakenIt() {
    Archive archive;
    archive.add({});
    auto left = archive.add({.result = "", .isTry = true});
    QCOMPARE(archive.unfinished(), left);
    archive.add({});
    QCOMPARE(archive.unfinished(), "none");
  }

  void aRolloutOfAnotherStackIsRefused() {
    Archive archive;
    auto foreign = archive.add({.stack = "otherstack"});
    auto past = readPastRollout(archive.pathOf(foreign, "otherstack"), "teststack");
    QVERIFY(!past && past.error().kind == ErrorKind::Refused);
    QVERIFY(readPastRollout(archive.pathOf(foreign, "otherstack"), "otherstack"));
    QCOMPARE(archive.toUndo(), nothing);
  }

  void theUnfinishedOneIsNamedUntilALaterOneHasOvertakenIt() {
    Archive archive;
    QCOMPARE(archive.unfinished(), "none");
    auto left = archive.add({.result = ""});
    QCOMPARE(archive.unfinished(), left);
    archive.add({});
    QCOMPARE(archive.unfinished(), "none");
  }

  // Nobody could go on with it: it must not stand in the way for ever.
  void aDamagedOneDoesNotStandInTheWay() {
    Archive archive;
    auto left = archive.add({.result = ""});
    std::ofstream(archive.pathOf(left), std::ios::app) << "what is this\n";
    QCOMPARE(archive.unfinished(), "none");
  }
};

QTEST_GUILESS_MAIN(TestPastRollout)
#include "tst_past_rollout.moc"
