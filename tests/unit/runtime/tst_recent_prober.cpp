// A look that follows another at once asks nobody twice; a later one does.
#include "answers.h"
#include "scripted_runtime.h"

#include "core/runtime/probe/recent_prober.h"
#include "core/runtime/probe/target_prober.h"
#include "tests/support/manual_clock.h"

using namespace ratdeck;
using namespace ratdeck::test;

class RecentProberTest : public QObject {
  Q_OBJECT

  // A runtime, what asks it, and the log of what was asked.
  struct Bench {
    ScriptedRuntime runtime;
    ManualClock clock;
    TargetProber target{runtime};
    RecentProber prober{target, clock};

    std::string ask(const std::string& id, const char* command = "check", const std::string& address = "a") {
      ProbeSpec spec;
      spec.kind = ProbeKind::Exec;
      spec.command = {command};
      const auto result = answerOf<ProbeResult>(
          [&](auto done) { prober.probe(spec, InstanceId(id), address, std::move(done)); });
      return !result ? "error" : result->passed ? "passed" : "failed";
    }
    std::string story() {
      std::string text;
      for (const std::string& line : runtime.log)
        text += line + '\n';
      runtime.log.clear();
      return text;
    }
  };

private Q_SLOTS:
  void theSameIsAskedAgainOnlyAfterASecond() {
    Bench bench;
    QCOMPARE(bench.ask("one"), std::string("passed"));
    bench.clock.advance(999ms);
    bench.runtime.execs.insert_or_assign("one", ExecReport{1, {}});
    QCOMPARE(bench.ask("one"), std::string("passed"));
    QCOMPARE(bench.story(), std::string("exec one check\n"));
    bench.clock.advance(1ms);
    QCOMPARE(bench.ask("one"), std::string("failed"));
    QCOMPARE(bench.ask("one"), std::string("failed"));
    QCOMPARE(bench.story(), std::string("exec one check\n"));
  }

  void anotherCopyAnotherAddressAndAnotherCheckAreAsked() {
    Bench bench;
    bench.ask("one");
    bench.ask("two");
    bench.ask("one", "check", "b");
    bench.ask("one", "look");
    QCOMPARE(bench.story(), std::string("exec one check\nexec two check\nexec one check\nexec one look\n"));
  }

  void anErrorIsNoAnswer() {
    Bench bench;
    bench.runtime.execs.insert_or_assign("one", failure(ErrorKind::Unreachable, "gone"));
    QCOMPARE(bench.ask("one"), std::string("error"));
    bench.runtime.execs.clear();
    QCOMPARE(bench.ask("one"), std::string("passed"));
  }
};

QTEST_GUILESS_MAIN(RecentProberTest)
#include "tst_recent_prober.moc"
