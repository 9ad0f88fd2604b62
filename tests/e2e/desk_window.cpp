#include "tests/e2e/desk_window.h"

#include <QFileInfo>
#include <QtTest>

#include <algorithm>

namespace ratdeck {

namespace {

constexpr int answerMs = 60000;
constexpr int rolloutMs = 120000;

} // namespace

Environment environmentOfWindow(const QProcessEnvironment& variables, const QString& program) {
  for (const auto& name : variables.keys())
    qputenv(name.toLatin1().constData(), variables.value(name).toLocal8Bit());
  auto environment = Environment::read();
  environment.programFolder = QFileInfo(program).absolutePath().toStdString();
  return environment;
}

DeskWindow::DeskWindow(const Environment& environment) : desk(environment) {
  connect(&desk, &DeskHandle::opened, this, [this](const auto& facts) { target = facts; });
  connect(&desk, &DeskHandle::tested, this, [this](const auto&, bool isReached, const QString& text) {
    tested = {isReached, text};
  });
  connect(&desk, &DeskHandle::seen, this, [this](const auto& facts) { stack = facts; });
  connect(&desk, &DeskHandle::lost, this, [this](const auto& why) { loss = why; });
  connect(&desk, &DeskHandle::sampled, this, [this](const auto& batch) { samples.push_back(batch); });
  connect(&desk, &DeskHandle::planned, this, [this](const auto& facts) { plan = facts; });
  connect(&desk, &DeskHandle::ready, this, [this](const auto& start) { take(start); });
  connect(&desk, &DeskHandle::handedOver, this, [this](const auto& name) { handedOver = name; });
  connect(&desk, &DeskHandle::sandboxUp, this, [this](bool runs) { runsStack = runs; });
  connect(&desk, &DeskHandle::loadSeen, this, [this](const auto& facts) { load = facts; });
  connect(&desk, &DeskHandle::loadStopped, this, [this](const auto& facts) { finalLoad = facts; });
  connect(&desk, &DeskHandle::failed, this, [this](ConsoleAction action, const Error& why) {
    refusal = {action, why};
  });
}

bool DeskWindow::makePlan(const PlanWish& wish) {
  plan.reset();
  refusal.reset();
  desk.plan(wish);
  return QTest::qWaitFor([&] { return plan || refusal; }, answerMs) && plan.has_value();
}

bool DeskWindow::start(const std::string& approve) {
  refusal.reset();
  desk.carryOut({plan->plan.hash, approve, "CHG-7", {}, false});
  return QTest::qWaitFor([&] { return engine || refusal; }, answerMs) && engine != nullptr;
}

bool DeskWindow::handOver() {
  handedOver.reset();
  refusal.reset();
  desk.handOver(rollout);
  return QTest::qWaitFor([&] { return handedOver || refusal; }, answerMs) && handedOver.has_value();
}

bool DeskWindow::takeBack() {
  refusal.reset();
  desk.takeBack({rollout, false, false});
  return QTest::qWaitFor([&] { return engine || refusal; }, answerMs) && engine != nullptr;
}

bool DeskWindow::lookAgain() {
  stack.reset();
  desk.look();
  return QTest::qWaitFor([&] { return stack.has_value(); }, answerMs);
}

bool DeskWindow::waitForEvent(EventType type) {
  return QTest::qWaitFor([&] { return has(type); }, rolloutMs);
}

bool DeskWindow::waitForEnd() {
  return QTest::qWaitFor([&] { return !engine; }, rolloutMs) && lookAgain();
}

bool DeskWindow::has(EventType type) const {
  return std::any_of(events.begin(), events.end(), [&](const Event& event) { return event.type == type; });
}

std::string DeskWindow::result() const {
  const auto end = std::find_if(events.begin(), events.end(),
                                [](const Event& event) { return event.type == EventType::RolloutEnded; });
  return end == events.end() ? std::string() : textAt(end->detail, "result");
}

void DeskWindow::leave() {
  engine->shutDown();
  engine.reset();
}

void DeskWindow::take(const RolloutStart& start) {
  if (!isWilling) {
    ++declined;
    return;
  }
  events.clear();
  rollout = start.rollout;
  engine = beginRollout(start);
  connect(engine.get(), &EngineHandle::opened, this,
          [this](const QString&, const QString& path) { journal = path.toStdString(); });
  connect(engine.get(), &EngineHandle::published, this,
          [this](const EventBatch& batch) { events.insert(events.end(), batch->begin(), batch->end()); });
  connect(engine.get(), &EngineHandle::rejected, this,
          [](const Error& why) { qWarning("the engine refused: %s", why.toString().c_str()); });
  connect(
      engine.get(), &EngineHandle::ended, this,
      [this] {
        leave();
        desk.rolloutEnded();
      },
      Qt::QueuedConnection);
}

} // namespace ratdeck
