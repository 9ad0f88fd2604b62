// What people read at the end: the verdict on users, and every service by name.
#include <QtTest>

#include "app/ratdeckctl/outcome_text.h"
#include "core/rollout/outcome.h"
#include "core/rollout/rollout.h"

using namespace ratdeck;

class TestOutcomeText : public QObject {
  Q_OBJECT

  static RolloutState ended() {
    RolloutState state;
    state.phase = RolloutPhase::Ended;
    state.result = RolloutResult::Succeeded;
    return state;
  }
  static RolloutState tried(bool passed) {
    auto state = ended();
    state.plan.isTry = true;
    state.plan.services["web"].service = "web";
    state.plan.excluded = {{"db", "not tried: it keeps data"}};
    auto& web = state.services["web"];
    web.phase = ServicePhase::Undone;
    web.isTried = passed;
    if (passed)
      return state;
    state.result = RolloutResult::Failed;
    state.endReason = "web did not";
    web.failures = 1;
    auto& copy = state.instances[InstanceId("web-2")];
    copy.service = "web";
    copy.hasFailed = true;
    Json lines = Json::array();
    for (int i = 1; i <= 10; ++i)
      lines.push_back("line " + std::to_string(i));
    lines.push_back("no variable DB \x1b");
    copy.evidence = {{"output", lines}, {"probes", {{"GET /health", "503"}}}};
    return state;
  }
  static std::string textOf(const Traffic& traffic) { return summaryOf(outcomeOf(ended(), {}, {}, traffic)); }
  static Traffic traffic(long long failed, const std::string& noData) {
    Traffic traffic;
    traffic.isMeasured = true;
    traffic.requests = 10674;
    traffic.failed = failed;
    traffic.nearSwitch = 3220;
    traffic.noData = noData;
    return traffic;
  }

private Q_SLOTS:
  void theVerdictOnUsers_data() {
    QTest::addColumn<int>("failed");
    QTest::addColumn<QString>("noData");
    QTest::addColumn<QString>("verdict");
    QTest::newRow("nobody") << 0 << QString() << QStringLiteral("USERS OK: 0 of 10674");
    QTest::newRow("somebody") << 2 << QString() << QStringLiteral("USERS HURT: 2 of 10674");
    QTest::newRow("not known") << 0 << QStringLiteral("the ledger")
                               << QStringLiteral("USERS: NO DATA, 0 of 10674");
    QTest::newRow("somebody at least")
        << 2 << QStringLiteral("the ledger") << QStringLiteral("USERS HURT: 2 of 10674");
  }
  void theVerdictOnUsers() {
    QFETCH(int, failed);
    QFETCH(QString, noData);
    QFETCH(QString, verdict);
    auto text = textOf(traffic(failed, noData.toStdString()));
    QVERIFY2(text.find(verdict.toStdString()) != std::string::npos, text.c_str());
    QCOMPARE(text.find("not known: the ledger") != std::string::npos, !noData.isEmpty());
    QCOMPARE(text.find("95 % confidence") != std::string::npos, failed == 0 && noData.isEmpty());
  }

  void requestsNearASwitchDoNotReadAsFailures() {
    auto text = textOf(traffic(0, {}));
    QVERIFY2(text.find("0 of 10674 requests failed; 3220 requests began within 1 s of a switch;") !=
                 std::string::npos,
             text.c_str());
  }

  void aLoadThatGaveNoReportLeavesTheOutcome() {
    auto outcome = outcomeOf(ended(), {}, {});
    outcome["traffic"] = {{"no_data", "the load is gone"}};
    auto text = summaryOf(outcome);
    QVERIFY2(text.find("succeeded in") != std::string::npos, text.c_str());
    QVERIFY2(text.find("USERS: NO DATA, the load is gone\n") != std::string::npos, text.c_str());
    QVERIFY2(text.find("requests failed") == std::string::npos, text.c_str());
  }

  void runsThatWereEndedAreNamedWithTheTimeOfTheReaper() {
    auto outcome = outcomeOf(ended(), {}, {});
    QVERIFY(summaryOf(outcome).find("runs ") == std::string::npos);
    outcome["runs_lost"] = {"run-1", "run-2"};
    outcome["runs_reaped_within_s"] = 10800;
    outcome["runs_reaped_by"] = "2026-07-01T14:32:07.000000000Z";
    const auto text = summaryOf(outcome);
    QVERIFY2(text.find("runs      2 ended before their time: run-1 run-2\n"
                       "          ratd marks them failed within 180 min, by about 14:32 UTC\n") !=
                 std::string::npos,
             text.c_str());
  }

  void writesAreSaidToBeStoredOnceOnlyWhereTheyWereCounted() {
    auto textWith = [](const Json& lost) {
      auto outcome = outcomeOf(ended(), {}, {});
      outcome["traffic"] = {{"requests", 9},
                            {"posts", {{"acknowledged", 4}, {"lost", lost}, {"doubled", 0}}}};
      return summaryOf(outcome);
    };
    auto good = textWith(0), bad = textWith(1), unknown = textWith(Json());
    QVERIFY2(good.find("4 acknowledged, each stored exactly once\n") != std::string::npos, good.c_str());
    QVERIFY2(bad.find("4 acknowledged; 1 lost, 0 stored twice\n") != std::string::npos, bad.c_str());
    QVERIFY2(unknown.find("4 acknowledged; NO DATA") != std::string::npos, unknown.c_str());
  }

  void everyServiceIsListedThoseLeftOutTooAsTheyRun() {
    auto state = ended();
    state.plan.services["web"].service = "web";
    state.plan.unchanged = {"api"};
    state.plan.excluded = {{"db", "running infrastructure is kept"},
                           {"old", "it runs but is not in the files"}};
    state.plan.unchangedVersions = {{"api", "1.0.0"}, {"db", "16"}};
    auto outcome = outcomeOf(state, {}, {});
    std::map<std::string, std::string> versions;
    for (const auto& service : memberAt(outcome, "services"))
      if (textAt(service, "result") == "unchanged")
        versions[textAt(service, "name")] = textAt(service, "from") + "=" + textAt(service, "to");
    QVERIFY(versions == (std::map<std::string, std::string>{
                            {"api", "1.0.0=1.0.0"}, {"db", "16=16"}, {"old", "="}, {"web", "="}}));
  }

  void aTrySaysThatNothingWasRoutedAndNothingIsLeft() {
    auto text = summaryOf(outcomeOf(tried(true), {}, {}));
    for (const char* said : {"try succeeded in 0.0 s: tried 1 service: all gates passed; nothing was routed, "
                             "nothing is left\n",
                             "left out  db: not tried: it keeps data\n"})
      QVERIFY2(text.find(said) != std::string::npos, text.c_str());
  }

  void aTryThatFailedShowsTheEvidenceOfTheBadCopy() {
    auto text = summaryOf(outcomeOf(tried(false), {}, {}));
    for (const char* said :
         {"try failed in 0.0 s: 0 of 1 service passed their gates; nothing was routed, "
          "nothing is left\nweb did not\n",
          "evidence  web-2\n", "          GET /health: 503\n", "          | no variable DB ?\n"})
      QVERIFY2(text.find(said) != std::string::npos, text.c_str());
    QVERIFY2(text.find("| line 1\n") == std::string::npos, text.c_str()); // the last ten are enough
  }

  void aCopyThatATryLeftIsNotDenied() {
    auto state = tried(false);
    state.instances.begin()->second.isLeftover = true;
    auto text = summaryOf(outcomeOf(state, {}, {}));
    QVERIFY2(text.find("nothing is left") == std::string::npos, text.c_str());
    QVERIFY2(text.find("something is left") != std::string::npos, text.c_str());
  }

  void aTryOfNothingSaysSo() {
    auto state = ended();
    state.plan.isTry = true;
    auto text = summaryOf(outcomeOf(state, {}, {}));
    QVERIFY2(text.find("nothing was tried") != std::string::npos, text.c_str());
    QVERIFY2(text.find("passed") == std::string::npos, text.c_str());
  }

  void aRolloutThatWasNeverBegunTookNoTime() {
    RolloutState state;
    Event end;
    end.type = EventType::RolloutEnded;
    end.at = {BootTime(1h), WallTime(1h)};
    end.detail = {{"result", "failed"}, {"reason", "nothing was begun"}};
    apply(state, end);
    auto text = summaryOf(outcomeOf(state, {}, {}));
    QVERIFY2(text.find("failed in 0.0 s: 0 of 0 services updated; nothing was begun") != std::string::npos,
             text.c_str());
  }
};

QTEST_GUILESS_MAIN(TestOutcomeText)
#include "tst_outcome_text.moc"
