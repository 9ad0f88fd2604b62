// What stands behind the window, on a real sandbox: the desk plans and makes ready, an engine of the window's
// carries out, and one that the window leaves behind goes on without it.
#include <QtTest>

#include "core/engine/stack_lock.h"
#include "core/journal/store.h"
#include "tests/e2e/desk_window.h"
#include "tests/e2e/sandbox/sandbox_rig.h"

#include <curl/curl.h>

#include <QDir>
#include <QElapsedTimer>

#include <algorithm>
#include <csignal>

using namespace ratdeck;

namespace {

// A sandbox that nobody has brought up, in folders of its own.
class DeskRig : public SandboxRig {
public:
  Environment window() const { return environmentOfWindow(environment(QStringLiteral("1.0.0")), program()); }
  StackChoice choice() const {
    StackChoice choice;
    for (const auto& file : files())
      choice.files.push_back(file.toStdString());
    return choice;
  }
  // The same stack, where somebody must approve of another portal.
  StackChoice choiceWithApproval() const {
    auto choice = this->choice();
    choice.files.push_back(
        writeFile(QStringLiteral("approval.yml"),
                  "x-ratdeck: { approvals: [ { id: go-live, before: portal, expires: 10m } ] }\n"));
    return choice;
  }
  std::string lockPath() const {
    const QDir locks(folder() + QStringLiteral("/run/ratdeck"));
    return locks.filePath(locks.entryList({QStringLiteral("*.lock")}).value(0)).toStdString();
  }
};

} // namespace

class TestDesk : public QObject {
  Q_OBJECT

  std::unique_ptr<DeskRig> m_rig;
  std::unique_ptr<DeskWindow> m_window;

  PlanWish wish(PlanKind kind, const std::string& service, const std::string& version = {}) const {
    PlanWish wish{m_rig->choice(), kind, {}, {}};
    if (!service.empty())
      wish.choice.services = {service};
    if (!version.empty())
      wish.choice.setImages[service] = ":" + version;
    return wish;
  }
  std::string refusal() const { return m_window->refusalText(); }

private Q_SLOTS:
  void initTestCase() {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    m_rig = std::make_unique<DeskRig>();
    m_window = std::make_unique<DeskWindow>(m_rig->window());
  }
  void cleanupTestCase() {
    m_window.reset();
    m_rig.reset();
  }

  void aTargetThatIsNotThereIsRefusedInItsWords() {
    m_window->desk.testTarget(m_rig->choice());
    QTRY_VERIFY(m_window->tested);
    QVERIFY(!m_window->tested->first);
    QVERIFY2(m_window->tested->second.contains(QStringLiteral("is not up")),
             qPrintable(m_window->tested->second));
    m_window->desk.open(m_rig->choice());
    QTRY_VERIFY(m_window->refusal);
    QCOMPARE(m_window->refusal->first, ConsoleAction::Open);
    QCOMPARE(m_window->refusal->second.kind, ErrorKind::Unreachable);
    QVERIFY(!m_window->target);
  }

  void theSandboxIsBroughtUpAndOpened() {
    m_window->desk.bringSandboxUp(m_rig->choice());
    QTRY_VERIFY_WITH_TIMEOUT(m_window->runsStack || m_window->refusal->first == ConsoleAction::Sandbox,
                             20000);
    QVERIFY2(m_window->runsStack, refusal().c_str());
    QVERIFY(!*m_window->runsStack);
    QCOMPARE(m_window->target->title, std::string("the sandbox default"));
    QVERIFY(m_window->stack);
    QVERIFY(m_window->stack->world.isReachable);
    QVERIFY(m_window->samples.empty());
  }

  void theFirstDeployIsSeenAsTheLastChange() {
    QVERIFY2(m_window->makePlan(wish(PlanKind::Deploy, {})), refusal().c_str());
    QVERIFY2(m_window->start(), refusal().c_str());
    QVERIFY(m_window->waitForEnd());
    QCOMPARE(m_window->result(), std::string("succeeded"));
    QVERIFY(m_window->stack->lastChange);
    QCOMPARE(m_window->stack->lastChange->rollout, m_window->rollout);
    QVERIFY(!m_window->stack->lastChange->actor.empty());
    QCOMPARE(m_window->stack->revisions, std::vector<int>{1});
  }

  void aStackThatStandsStillIsSampled() {
    m_window->desk.startLoad(100);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->load && m_window->load->requests > 100, 10000);
    m_window->samples.clear();
    QTRY_VERIFY_WITH_TIMEOUT(m_window->samples.size() >= 2, 10000);
    const auto& event = m_window->samples.back()->front();
    QCOMPARE(event.type, EventType::Sampled);
    QVERIFY(integerAt(memberAt(memberAt(event.detail, "services"), "portal"), "requests") > 0);
  }

  void aPlanIsCarriedOut() {
    QVERIFY2(m_window->makePlan(wish(PlanKind::Deploy, "ratq", "2.0.0")), refusal().c_str());
    QCOMPARE(m_window->plan->plan.services.size(), size_t(1));
    QVERIFY2(m_window->start(), refusal().c_str());
    const auto before = m_window->samples.size();
    QVERIFY(m_window->waitForEnd());
    QVERIFY2(m_window->samples.size() <= before + 2, "the desk sampled beside the engine");
    QCOMPARE(m_window->result(), std::string("succeeded"));
    QCOMPARE(m_window->events.front().reason, std::string("CHG-7"));
    QVERIFY(m_rig->versionsOf("ratq") == std::vector<std::string>{"2.0.0"});
  }

  void whatIsReadyAndNotWantedIsLetGo() {
    QVERIFY2(m_window->makePlan(wish(PlanKind::Deploy, "ratq", "2.1.0")), refusal().c_str());
    m_window->isWilling = false;
    m_window->desk.carryOut({m_window->plan->plan.hash, "auto", {}, {}, false});
    QTRY_COMPARE_WITH_TIMEOUT(m_window->declined, 1, 20000);
    m_window->desk.release();
    QVERIFY(m_window->lookAgain());
    m_window->isWilling = true;
    QVERIFY(StackLock::acquire(m_rig->lockPath(), "the test"));
    QVERIFY(m_rig->versionsOf("ratq") == std::vector<std::string>{"2.0.0"});
  }

  void itIsRolledBack() {
    const auto deployed = m_window->rollout;
    QVERIFY2(m_window->makePlan(wish(PlanKind::Rollback, {})), refusal().c_str());
    QCOMPARE(m_window->plan->undoes, deployed);
    QVERIFY2(m_window->start(), refusal().c_str());
    QVERIFY(m_window->waitForEnd());
    QCOMPARE(m_window->result(), std::string("succeeded"));
    QVERIFY(m_rig->versionsOf("ratq") == std::vector<std::string>{"1.0.0"});
  }

  void aPlanThatTheWorldHasLeftBehindIsRefused() {
    QVERIFY2(m_window->makePlan(wish(PlanKind::Deploy, "ratq", "3.0.0")), refusal().c_str());
    auto other =
        m_rig->run({QStringLiteral("deploy"), QStringLiteral("--service"), QStringLiteral("ratq"),
                    QStringLiteral("--set"), QStringLiteral("ratq=:4.0.0"), QStringLiteral("--yes")});
    QVERIFY2(other.exitCode == 0, other.toString().c_str());
    QVERIFY(!m_window->start());
    QVERIFY2(refusal().find("stale") != std::string::npos, refusal().c_str());
    QVERIFY2(m_window->makePlan(wish(PlanKind::Deploy, "ratq", "3.0.0")), refusal().c_str());
    QVERIFY2(m_window->start(), refusal().c_str()); // what was refused holds nothing
    QVERIFY(m_window->waitForEnd());
    QCOMPARE(m_window->result(), std::string("succeeded"));
  }

  void whatIsCancelledChangesNothingAndHoldsNothing() {
    const auto wanted = wish(PlanKind::Deploy, "ratq", "4.5.0");
    m_window->refusal.reset();
    m_window->plan.reset();
    m_window->desk.plan(wanted);
    m_window->desk.cancel();
    QTRY_VERIFY(m_window->refusal || m_window->plan); // it may have been too late
    if (m_window->refusal)
      QCOMPARE(m_window->refusal->second.kind, ErrorKind::Cancelled);
    QVERIFY2(m_window->makePlan(wanted), refusal().c_str());
    m_window->refusal.reset();
    m_window->desk.carryOut({m_window->plan->plan.hash, "auto", {}, {}, false});
    m_window->desk.cancel();
    QTRY_VERIFY(m_window->refusal);
    QCOMPARE(m_window->refusal->first, ConsoleAction::CarryOut);
    QCOMPARE(m_window->refusal->second.kind, ErrorKind::Cancelled);
    QVERIFY(!m_window->engine);
    QVERIFY2(m_window->start(), refusal().c_str()); // the plan is still there
    QVERIFY(m_window->waitForEnd());
    QCOMPARE(m_window->result(), std::string("succeeded"));
  }

  // Whatever it waits for: the one that would have to answer stands still.
  void aPlanWhoseTargetDoesNotAnswerIsCancelledAtOnce() {
    const auto status = m_rig->run({QStringLiteral("sandbox"), QStringLiteral("status"),
                                    QStringLiteral("--output"), QStringLiteral("json")});
    const auto supervisor = static_cast<pid_t>(integerAt(status.json, "pid"));
    QVERIFY(supervisor > 1);
    m_window->refusal.reset();
    m_window->plan.reset();
    const auto isAnswered = [&] {
      return m_window->plan || m_window->refusal;
    };
    QCOMPARE(::kill(supervisor, SIGSTOP), 0);
    m_window->desk.plan(wish(PlanKind::Deploy, "ratq", "4.6.0"));
    const bool waits = !QTest::qWaitFor(isAnswered, 500);
    m_window->desk.cancel();
    const bool isCancelled = QTest::qWaitFor(isAnswered, 1000);
    ::kill(supervisor, SIGCONT);
    QVERIFY(waits);
    QVERIFY(isCancelled && m_window->refusal);
    QCOMPARE(m_window->refusal->second.kind, ErrorKind::Cancelled);
    QVERIFY2(m_window->makePlan(wish(PlanKind::Deploy, "ratq", "4.6.0")), refusal().c_str());
  }

  void anUnfinishedRolloutComesBeforeAnyPlanAndIsResumed() {
    QVERIFY2(m_window->makePlan(wish(PlanKind::Deploy, "ratq", "5.0.0")), refusal().c_str());
    QVERIFY2(m_window->start(), refusal().c_str());
    QVERIFY(m_window->waitForEvent(EventType::StartRequested));
    const auto rollout = m_window->rollout;
    m_window->leave();
    m_window->desk.rolloutEnded();
    QVERIFY(!m_window->makePlan(wish(PlanKind::Deploy, "ratq", "6.0.0")));
    QVERIFY2(refusal().find(rollout + " of this stack is unfinished") != std::string::npos,
             refusal().c_str());
    QVERIFY(m_window->lookAgain());
    QCOMPARE(m_window->stack->unfinished.size(), size_t(1));
    QVERIFY(!m_window->stack->unfinished.front().refusal);
    QSignalSpy inspected(&m_window->desk, &DeskHandle::inspected);
    m_window->desk.inspect(rollout);
    QTRY_COMPARE(inspected.size(), 1);
    QCOMPARE(inspected[0][0].toString().toStdString(), rollout);
    const auto events = inspected[0][1].value<EventBatch>();
    QVERIFY(events && events->front().type == EventType::RolloutStarted);
    m_window->desk.resume({rollout, false, false});
    QVERIFY(m_window->waitForEvent(EventType::RolloutResumed));
    QVERIFY(m_window->waitForEnd());
    QCOMPARE(m_window->result(), std::string("succeeded"));
    QVERIFY(m_window->stack->unfinished.empty());
    QVERIFY(m_rig->versionsOf("ratq") == std::vector<std::string>{"5.0.0"});
  }

  void aRolloutGoesOnWithoutTheWindow() {
    QVERIFY2(m_window->makePlan(wish(PlanKind::Deploy, "ratd", "2.0.0")), refusal().c_str());
    QVERIFY2(m_window->start(), refusal().c_str());
    QVERIFY(m_window->waitForEvent(EventType::InstanceStarted));
    m_window->leave();
    QVERIFY(!m_window->has(EventType::TrafficSwitched));
    QVERIFY2(m_window->handOver(), refusal().c_str());
    QVERIFY(QTest::qWaitFor([&] { return summaryOf(m_window->journal).isClosed; }, 90000));
    QCOMPARE(summaryOf(m_window->journal).result, std::string("succeeded"));
    const auto lines = m_rig->journal(m_window->journal);
    const auto resumed = std::find_if(lines.begin(), lines.end(),
                                      [](const JournalLine& line) { return line.type == "RolloutResumed"; });
    QVERIFY(resumed != lines.end());
    QVERIFY(!boolAt(memberAt(resumed->data, "detail"), "has_person", true));
    QVERIFY(m_rig->versionsOf("ratd") == std::vector<std::string>{"2.0.0"});
    QVERIFY(m_window->lookAgain());
    QCOMPARE(m_window->stack->lastChange->rollout, m_window->rollout);
  }

  void anApprovalWaitsInTheBackgroundUntilItIsTakenBack() {
    auto wanted = wish(PlanKind::Deploy, "portal", "2.0.0");
    wanted.choice.files = m_rig->choiceWithApproval().files;
    QVERIFY2(m_window->makePlan(wanted), refusal().c_str());
    QVERIFY2(m_window->start("ask"), refusal().c_str());
    QVERIFY(m_window->waitForEvent(EventType::ApprovalRequested));
    m_window->leave();
    {
      auto other = StackLock::acquire(m_rig->lockPath(), "process 1, rollout other");
      QVERIFY(other);
      QVERIFY(!m_window->handOver()); // what keeps it from going on is said
      QVERIFY2(refusal().find("is being changed by process 1") != std::string::npos, refusal().c_str());
    }
    QVERIFY2(m_window->handOver(), refusal().c_str());
    QVERIFY(m_window->lookAgain());
    QVERIFY(m_window->stack->running);
    QCOMPARE(m_window->stack->running->rollout, m_window->rollout);
    QVERIFY(!m_window->handOver());
    QVERIFY2(refusal().find("in hand") != std::string::npos, refusal().c_str());

    QVERIFY2(m_window->takeBack(), refusal().c_str());
    QVERIFY(m_window->waitForEvent(EventType::RolloutResumed));
    Command approve;
    approve.kind = CommandKind::Approve;
    approve.actor = "the test";
    approve.gate = GateId("go-live");
    approve.planHash = m_window->plan->plan.hash;
    m_window->engine->submit(approve);
    QVERIFY(m_window->waitForEnd());
    QCOMPARE(m_window->result(), std::string("succeeded"));
    QVERIFY(m_rig->versionsOf("portal") == std::vector<std::string>{"2.0.0"});
  }

  void nobodyWasHurtMeanwhile() {
    m_window->refusal.reset();
    m_window->desk.stopLoad();
    QTRY_VERIFY_WITH_TIMEOUT(m_window->finalLoad || m_window->refusal, 20000);
    QVERIFY2(m_window->finalLoad, refusal().c_str());
    QVERIFY(m_window->finalLoad->requests > 1000);
    QCOMPARE(m_window->finalLoad->failed, 0);
  }

  void aSandboxWithoutNamedFilesHasTheShippedStackAndKeepsItsOwn() {
    StackChoice bare;
    bare.sandbox = "bare";
    m_window->runsStack.reset();
    m_window->desk.bringSandboxUp(bare);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->runsStack, 20000);
    QCOMPARE(m_window->target->stack.project, std::string("rat"));
    QVERIFY(m_window->target->stack.find("portal"));
    m_window->runsStack.reset();
    auto kept = m_rig->choice();
    kept.files.clear();
    m_window->desk.bringSandboxUp(kept);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->runsStack, 20000);
    QVERIFY(*m_window->runsStack);
    QCOMPARE(m_window->target->stack.files.size(), size_t(3)); // the test's overlay among them
    const auto down = m_rig->run({QStringLiteral("sandbox"), QStringLiteral("down"),
                                  QStringLiteral("--sandbox"), QStringLiteral("bare")});
    QVERIFY2(down.exitCode == 0, down.toString().c_str());
  }

  void theDeskIsLeftInTheMidstOfWork() {
    m_window->desk.plan(wish(PlanKind::Deploy, {}));
    m_window->desk.testTarget(m_rig->choice());
    m_window->desk.look();
    m_window->plan.reset();
    QElapsedTimer passed;
    passed.start();
    m_window->desk.shutDown();
    QVERIFY2(passed.elapsed() < 3000, "it took longer than it may");
    QCoreApplication::processEvents();
    QVERIFY2(!m_window->plan, "a signal came after the end");
    m_window->desk.look(); // asked too late: nothing
  }
};

QTEST_GUILESS_MAIN(TestDesk)
#include "tst_desk.moc"
