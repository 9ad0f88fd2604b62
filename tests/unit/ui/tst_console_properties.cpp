// The window's model over random rollouts, with faults, commands and engines that die: whatever happens, it
// folds as the engine does, claims nothing that was not seen, and shows plain text.
#include "core/base/plain_text.h"
#include "core/rollout/refusal.h"
#include "tests/support/manual_clock.h"
#include "tests/support/random_rollout.h"
#include "tests/support/rollout_simulator.h"
#include "tests/support/seed.h"
#include "tests/support/size.h"
#include "ui/model/console_model.h"

#include <QTest>

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

bool isPlain(const QString& text) {
  const auto bytes = text.toStdString();
  return plainText(bytes) == bytes;
}

// What decide() would refuse the command with, with all that follows from it.
std::string refusalInFull(const RolloutState& state, const Command& command, Instant now) {
  for (const auto& event : decide(state, command, now).events)
    if (event.type == EventType::CommandRefused)
      return event.reason;
  return {};
}

// A window that watches a simulated rollout; "" where all it shows is true.
class Watcher {
public:
  Watcher() : m_model(m_clock) {}

  void see(const RolloutState& after, const Event& event) {
    m_clock.advance(event.at.boot - m_clock.now().boot);
    if (event.type == EventType::RolloutStarted) {
      TargetFacts target;
      target.stack.project = after.plan.project;
      m_model.showTarget(target);
      m_model.beginRollout("r-1");
    }
    m_model.addEvents({event});
    if (after.phase == RolloutPhase::Ended)
      m_model.endRollout();
    if (after.phase == RolloutPhase::Ended || ++m_events % 8 == 0)
      check(after);
  }
  const std::string& broken() const { return m_broken; }

private:
  void expect(bool isTrue, const char* what) {
    if (!isTrue && m_broken.empty())
      m_broken = what;
  }

  void check(const RolloutState& state) {
    m_model.refresh();
    const auto& view = m_model.view();
    expect(m_model.state() == state, "the window's state is another one than the engine's");
    expect(view.users.state == UsersState::NotMeasured || view.users.state == UsersState::NoData,
           "users are judged without a sample");
    expect(view.rows.size() == state.plan.services.size() + state.plan.unchanged.size(),
           "a service is missing");
    expect((view.mode == ConsoleMode::Ended) == (state.phase == RolloutPhase::Ended),
           "the end is not seen, or too early");
    for (const auto& row : view.rows)
      expect(isPlain(row.name + row.copies + row.health + row.status + row.waitingFor) &&
                 !row.status.isEmpty(),
             "a row is not told plainly");
    for (const auto& wait : view.waits)
      expect(!wait.text.isEmpty() && !wait.countdown.isEmpty(), "a wait says not why or until when");
    checkDecisions(view, state);
    checkVerbs(view, state);
    if (state.phase == RolloutPhase::Ended)
      checkEnd(state);
  }

  void checkDecisions(const ConsoleView& view, const RolloutState& state) {
    size_t asked = 0;
    for (const auto& request : view.decisions) {
      if (request.kind != DecisionRequest::Kind::Approval)
        continue;
      ++asked;
      const auto approval = state.approvals.find(request.gate);
      expect(approval != state.approvals.end() && approval->second.state == GateState::Waiting &&
                 request.planHash == state.plan.hash,
             "an approval is asked for that nobody waits for");
      expect(
          refusalOf(state, approving(request, true, "ann", request.needsReason ? "seen" : ""), m_clock.now())
              .empty(),
          "an approval that is asked for would be refused");
    }
    size_t waiting = 0;
    for (const auto& [gate, approval] : state.approvals)
      waiting += approval.state == GateState::Waiting && state.phase == RolloutPhase::Rolling ? 1 : 0;
    expect(asked == waiting, "an approval that is waited for is not asked for");
  }

  void checkVerbs(const ConsoleView& view, const RolloutState& state) {
    if (view.mode != ConsoleMode::Live)
      return;
    expect(view.undo.isPossible == (state.phase == RolloutPhase::Rolling), "undo is offered wrongly");
    for (const auto* verb : {&view.hold, &view.undo, &view.stopHere})
      expect(verb->isPossible == verb->refusal.isEmpty() && !verb->label.isEmpty(),
             "a verb is refused without a reason");
    const auto command = randomCommand(m_dice, state);
    expect(refusalOf(state, command, m_clock.now()) == refusalInFull(state, command, m_clock.now()),
           "a refusal is foretold that is not the rollout's");
  }

  void checkEnd(const RolloutState& state) {
    for (const auto& [name, service] : state.services)
      for (const auto& span : m_model.timeline().spansOf(name))
        expect(span.to.has_value() && span.to->boot >= span.from.boot, "a bar goes on after the end");
    expect(m_model.view().waits.empty() && m_model.view().decisions.empty(),
           "something is awaited at the end");
  }

  ManualClock m_clock;
  ConsoleModel m_model;
  Dice m_dice{1};
  int m_events = 0;
  std::string m_broken;
};

} // namespace

class ConsolePropertiesTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void holdOverRandomRollouts() {
    const auto first = testSeed();
    const std::uint64_t runs = isFullSize() ? 2000 : 60;
    for (auto seed = first; seed < first + runs; ++seed) {
      Watcher watcher;
      Law law;
      law.apply = [&](RolloutState& state, const Event& event) {
        apply(state, event);
        watcher.see(state, event);
      };
      const auto report = simulate(seed, law);
      QVERIFY2(report.broken.empty(), report.broken.c_str());
      QVERIFY2(watcher.broken().empty(), ("seed " + std::to_string(seed) + ": " + watcher.broken()).c_str());
    }
  }
};

QTEST_GUILESS_MAIN(ConsolePropertiesTest)
#include "tst_console_properties.moc"
