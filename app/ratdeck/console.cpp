#include "app/ratdeck/console.h"

#include "core/rollout/rollout.h"
#include "ui/model/plain.h"

#include <QApplication>

#include <filesystem>

namespace ratdeck {

namespace {

constexpr double sandboxLoad = 300; // requests a second

QStringList listOf(const std::vector<std::string>& texts) {
  QStringList list;
  for (const auto& text : texts)
    list << QString::fromStdString(text);
  return list;
}

std::vector<std::string> textsOf(const QStringList& list) {
  std::vector<std::string> texts;
  for (const auto& text : list)
    texts.push_back(text.toStdString());
  return texts;
}

} // namespace

Console::Console(const Environment& environment, const WindowOptions& options)
    : m_environment(environment), m_options(options), m_model(m_clock), m_window(m_model, environment.actor),
      m_desk(environment),
      m_settings(QString::fromStdString(environment.configFolder + "/window.ini"), QSettings::IniFormat) {
  const auto theme = m_settings.value(QStringLiteral("theme"), 0).toInt();
  if (options.theme == ThemeChoice::System && theme > 0 && theme <= static_cast<int>(ThemeChoice::Dark))
    applyTheme(*qApp, static_cast<ThemeChoice>(theme));
  m_window.setReadOnly(options.isReadOnly);
  m_window.restoreLayout(m_settings);
  listenToDesk();
  listenToWindow();
}

Console::~Console() = default;

void Console::open() {
  m_window.show();
  openTarget();
}

void Console::openTarget() {
  if (m_options.isSandboxNamed && !m_options.isReadOnly)
    return m_desk.bringSandboxUp(m_options.choice);
  const bool hasLast = m_settings.contains(QStringLiteral("target/runtime"));
  if (m_options.isTargetNamed || hasLast)
    m_desk.open(m_options.isTargetNamed ? m_options.choice : lastChoice());
}

void Console::listenToDesk() {
  connect(&m_desk, &DeskHandle::opened, this, [this](const TargetFacts& target) { showOpened(target); });
  connect(&m_desk, &DeskHandle::tested, &m_window, &MainWindow::showTest);
  connect(&m_desk, &DeskHandle::seen, this, [this](const StackFacts& stack) {
    m_window.showStack(stack);
    m_model.showStack(stack);
  });
  connect(&m_desk, &DeskHandle::lost, this, [this](const Error& error) {
    m_model.loseTarget();
    m_window.notice(Mood::Unknown, plain(error.toString()));
  });
  connect(&m_desk, &DeskHandle::sampled, this, [this](const EventBatch& batch) {
    if (!m_model.hasRollout())
      m_model.addEvents(batch);
  });
  connect(&m_desk, &DeskHandle::planned, this, [this](const PlanFacts& plan) { showPlan(plan); });
  connect(&m_desk, &DeskHandle::preparing, &m_window, &MainWindow::showPreparing);
  connect(&m_desk, &DeskHandle::ready, this, [this](const RolloutStart& start) {
    std::exchange(m_isCancelling, false) ? dropStart() : begin(start);
  });
  connect(&m_desk, &DeskHandle::inspected, this, [this](const QString& rollout, const EventBatch& events) {
    m_model.inspectRollout(rollout.toStdString(), *events);
    m_window.showRollout();
  });
  connect(&m_desk, &DeskHandle::handedOver, this, [this] { close(); });
  connect(&m_desk, &DeskHandle::sandboxUp, this, [this](bool runsStack) { showSandbox(runsStack); });
  connect(&m_desk, &DeskHandle::loadSeen, &m_window,
          [this](const LoadFacts& load) { m_window.showLoad(load); });
  connect(&m_desk, &DeskHandle::loadStopped, &m_window, [this] { m_window.showLoad(std::nullopt); });
  connect(&m_desk, &DeskHandle::failed, this,
          [this](ConsoleAction action, const Error& error) { fail(action, error); });
}

void Console::listenToWindow() {
  connect(&m_window, &MainWindow::openWanted, this,
          [this](const StackChoice& choice) { m_desk.open(choice); });
  connect(&m_window, &MainWindow::testWanted, this,
          [this](const StackChoice& choice) { m_desk.testTarget(choice); });
  connect(&m_window, &MainWindow::planWanted, this, [this](const PlanWish& wish) { plan(wish); });
  connect(&m_window, &MainWindow::carryOutWanted, this, [this](const StartWish& wish) {
    m_model.prepareRollout();
    m_desk.carryOut(wish);
  });
  connect(&m_window, &MainWindow::cancelWanted, this, [this] {
    m_isCancelling = true;
    m_desk.cancel();
  });
  connect(&m_window, &MainWindow::commandMeant, this, [this](const Command& command) { submit(command); });
  connect(&m_window, &MainWindow::resumeWanted, this, [this](const ResumeWish& wish) {
    m_model.prepareRollout();
    const auto& stack = m_model.stack();
    const bool isElsewhere = stack && stack->running && stack->running->rollout == wish.rollout;
    isElsewhere ? m_desk.takeBack(wish) : m_desk.resume(wish);
  });
  connect(&m_window, &MainWindow::inspectWanted, this,
          [this](const QString& rollout) { m_desk.inspect(rollout.toStdString()); });
  connect(&m_window, &MainWindow::lookWanted, &m_desk, &DeskHandle::look);
  connect(&m_window, &MainWindow::startLoadWanted, this,
          [this] { m_desk.startLoad(m_options.load.value_or(sandboxLoad)); });
  connect(&m_window, &MainWindow::stopLoadWanted, &m_desk, &DeskHandle::stopLoad);
  connect(&m_window, &MainWindow::themeWanted, this, [this](ThemeChoice choice) {
    applyTheme(*qApp, choice);
    m_settings.setValue(QStringLiteral("theme"), static_cast<int>(choice));
  });
  connect(&m_window, &MainWindow::closingChosen, this, [this](MainWindow::ClosingWay way) {
    way == MainWindow::ClosingWay::Background ? goOnInBackground() : holdAndClose();
  });
  connect(&m_window, &MainWindow::closing, this, [this] { m_window.saveLayout(m_settings); });
}

void Console::showOpened(const TargetFacts& target) {
  m_model.showTarget(target);
  m_window.showTarget(target);
  m_window.showLoad(std::nullopt);
  rememberChoice(target);
}

// A new sandbox gets its stack at once: there is nobody whom that could hurt, and an empty window helps
// nobody.
void Console::showSandbox(bool runsStack) {
  if (runsStack) {
    if (m_options.load)
      m_desk.startLoad(*m_options.load);
    return;
  }
  const bool isSeenEmpty = m_model.stack() && m_model.stack()->world.isReachable;
  if (m_options.isReadOnly || !isSeenEmpty || !m_model.target())
    return;
  m_firstWish = PlanWish{m_model.target()->choice, PlanKind::Deploy, {}, {}};
  m_desk.plan(*m_firstWish);
}

// An engine that has ended is about to be let go: that is waited for.
void Console::plan(const PlanWish& wish) {
  if (m_engine && m_rollout.empty())
    m_nextWish = wish;
  else
    m_desk.plan(wish);
}

void Console::showPlan(const PlanFacts& plan) {
  m_isCancelling = false;
  m_window.showPlan(plan);
  const auto first =
      std::exchange(m_firstWish, std::nullopt); // whatever comes of it, nothing else starts by itself
  if (!first || !(plan.wish == *first) || plan.plan.isEmpty() || plan.plan.hasErrors())
    return;
  m_startsLoad = true;
  m_model.prepareRollout();
  StartWish wish;
  wish.planHash = plan.plan.hash;
  wish.approve = "auto";
  m_desk.carryOut(wish);
}

// It was ready before it heard that it was cancelled.
void Console::dropStart() {
  m_desk.release();
  fail(ConsoleAction::CarryOut, {ErrorKind::Cancelled, "cancelled; no service was changed", {}, {}});
}

void Console::begin(const RolloutStart& start) {
  m_rollout = start.rollout;
  m_model.beginRollout(start.rollout, start.target);
  m_window.showRollout();
  m_window.notice(Mood::Idle, tr("rollout %1").arg(plain(start.rollout)));
  m_engine = beginRollout(start);
  listenToEngine();
}

void Console::listenToEngine() {
  connect(m_engine.get(), &EngineHandle::published, this,
          [this](const EventBatch& batch) { showEvents(batch); });
  connect(m_engine.get(), &EngineHandle::rejected, this,
          [this](const Error& error) { refuseRollout(error); });
  connect(m_engine.get(), &EngineHandle::warned, this,
          [this](const QString& what) { m_window.notice(Mood::Caution, plain(what.toStdString())); });
  connect(m_engine.get(), &EngineHandle::faulted, this, [this](const QString& what) {
    m_model.whenFolded([this, what] {
      m_startsLoad = false;
      m_model.markFault(plain(what.toStdString()));
      endEngine();
    });
  });
  connect(m_engine.get(), &EngineHandle::ended, this, [this] {
    m_model.whenFolded([this] {
      endEngine();
      if (std::exchange(m_startsLoad, false) && m_model.state().result == RolloutResult::Succeeded)
        m_desk.startLoad(m_options.load.value_or(sandboxLoad));
    });
  });
}

void Console::showEvents(const EventBatch& batch) {
  m_model.addEvents(batch);
  m_model.whenFolded([this] {
    const auto& state = m_model.state();
    if (m_closesWhenHeld && state.isHeld && isAtRest(state))
      close();
  });
}

// Later, since it is the engine's own signal that brings us here.
void Console::endEngine() {
  m_rollout.clear();
  m_model.endRollout();
  QMetaObject::invokeMethod(
      this,
      [this] {
        m_engine.reset();
        m_desk.rolloutEnded();
        m_closesWhenHeld = false; // its end is to be read first
        if (const auto wish = std::exchange(m_nextWish, std::nullopt))
          m_desk.plan(*wish);
      },
      Qt::QueuedConnection);
}

void Console::refuseRollout(const Error& error) {
  m_startsLoad = false;
  m_rollout.clear();
  m_model.endRollout();
  m_model.leaveRollout();
  m_window.showFailure(ConsoleAction::CarryOut, error);
  QMetaObject::invokeMethod(
      this,
      [this] {
        m_engine.reset();
        m_desk.release();
      },
      Qt::QueuedConnection);
}

void Console::submit(const Command& command) {
  if (!m_engine)
    return m_window.notice(Mood::Failed, tr("the rollout is over: nothing was asked of it"));
  m_closesWhenHeld = m_closesWhenHeld && command.kind == CommandKind::Hold;
  m_engine->submit(command);
}

void Console::fail(ConsoleAction action, const Error& error) {
  m_firstWish.reset();
  m_startsLoad = false;
  if (action == ConsoleAction::Plan || action == ConsoleAction::CarryOut)
    m_isCancelling = false;
  if (action == ConsoleAction::CarryOut || action == ConsoleAction::Resume)
    m_model.cancelPreparing();
  if (action == ConsoleAction::HandOver) {
    m_window.setHandingOver(false);
    m_desk.rolloutEnded();
  }
  if (action == ConsoleAction::HandOver)
    m_model.markFault(tr("it could not go on in the background: %1").arg(plain(error.toString())));
  m_window.showFailure(action, error);
}

// The engine here is shut down first: nobody else may carry the rollout out while it does.
void Console::goOnInBackground() {
  const auto rollout = std::exchange(m_rollout, {});
  if (!m_engine || rollout.empty())
    return m_window.closeNow();
  m_window.notice(Mood::Running, tr("handing the rollout over"));
  m_engine->shutDown();
  m_engine.reset();
  m_window.setHandingOver(true);
  m_model.whenFolded([this, rollout] {
    m_model.endRollout();
    if (m_model.state().phase == RolloutPhase::Ended) // it ended on its own while we asked
      return m_window.closeNow();
    m_desk.handOver(rollout);
  });
}

void Console::holdAndClose() {
  if (!m_engine)
    return m_window.closeNow();
  m_model.whenFolded([this] {
    if (!m_engine || (m_model.state().isHeld && isAtRest(m_model.state())))
      return close();
    m_closesWhenHeld = true;
    Command command;
    command.kind = CommandKind::Hold;
    command.actor = m_environment.actor;
    command.reason = "the window was closed";
    m_window.notice(Mood::Waiting, tr("finishing the swaps in hand, then closing"));
    submit(command);
  });
}

void Console::close() {
  QMetaObject::invokeMethod(
      this,
      [this] {
        if (m_engine)
          m_engine->shutDown();
        m_window.closeNow();
      },
      Qt::QueuedConnection);
}

StackChoice Console::lastChoice() const {
  const auto text = [this](const char* key) {
    return m_settings.value(QStringLiteral("target/") + QLatin1String(key)).toString().toStdString();
  };
  const auto list = [this](const char* key) {
    return textsOf(m_settings.value(QStringLiteral("target/") + QLatin1String(key)).toStringList());
  };
  StackChoice choice;
  choice.runtime = text("runtime");
  choice.isRuntimeNamed = true;
  choice.sandbox = text("sandbox");
  choice.context = text("context");
  choice.files = list("files");
  choice.envFiles = list("env_files");
  choice.profiles = list("profiles");
  if (const auto project = text("project"); !project.empty())
    choice.projectName = project;
  choice.journalFolder = m_options.choice.journalFolder;
  return choice;
}

// With whole paths, since the next window may be started from another folder.
void Console::rememberChoice(const TargetFacts& target) {
  const auto& choice = target.choice;
  const std::filesystem::path here(m_environment.workingFolder);
  const auto whole = [&](const std::vector<std::string>& paths) {
    QStringList list;
    for (const auto& path : paths)
      list << QString::fromStdString((here / path).lexically_normal().string());
    return list;
  };
  // A sandbox knows its own files; elsewhere those that were found are meant.
  const bool isFound = choice.files.empty() && choice.runtime != "sandbox";
  const auto set = [this](const char* key, const QVariant& value) {
    m_settings.setValue(QStringLiteral("target/") + QLatin1String(key), value);
  };
  set("runtime", QString::fromStdString(choice.runtime));
  set("sandbox", QString::fromStdString(choice.sandbox));
  set("context", QString::fromStdString(choice.context));
  set("files", whole(isFound ? target.stack.files : choice.files));
  set("env_files", whole(choice.envFiles));
  set("profiles", listOf(choice.profiles));
  set("project", QString::fromStdString(choice.projectName.value_or(std::string())));
}

} // namespace ratdeck
