#include "app/ratdeckctl/rollout_session.h"

#include "app/ratdeckctl/output.h"
#include "app/ratdeckctl/prompt.h"
#include "app/ratdeckctl/signals.h"

#include <QCoreApplication>
#include <QEventLoop>
#include <QTimer>

#include <fcntl.h>
#include <optional>
#include <unistd.h>

namespace ratdeck {

namespace {

// Nothing in hand that a hold lets finish: only watching and waiting is left.
bool isAtRest(const RolloutState& state) {
  if (!effectsOf(state).empty())
    return false;
  for (const auto& watch : watchesOf(state))
    if (watch.kind == WatchKind::Gate || watch.kind == WatchKind::InFlight)
      return false;
  return true;
}

void leaveTerminal() {
  int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    ::dup2(null, fd);
  ::close(null);
}

// What the report needs of the events and the state does not keep.
void note(const Event& event, SessionResult& result) {
  if (event.type == EventType::TrafficSwitched)
    result.switches.push_back(event.at);
  if (event.type == EventType::Sampled)
    for (const auto& service : memberAt(event.detail, "services"))
      result.routerRetries += integerAt(service, "retries");
}

Command commandOf(CommandKind kind, const std::string& actor, const std::string& reason) {
  Command command;
  command.kind = kind;
  command.actor = actor;
  command.reason = reason;
  return command;
}

} // namespace

RolloutSession::RolloutSession(const Environment& environment, const Options& options, EngineConfig config)
    : m_environment(environment), m_options(options), m_config(std::move(config)) {}

Result<SessionResult> RolloutSession::start(const StartRollout& request, const Revision& revision) {
  return run([request, revision](EngineHandle& engine) { engine.startRollout(request, revision); });
}

Result<SessionResult> RolloutSession::resume(const std::string& journalPath, const ResumeRollout& request) {
  return run([journalPath, request](EngineHandle& engine) { engine.resumeRollout(journalPath, request); });
}

Result<SessionResult> RolloutSession::run(const std::function<void(EngineHandle&)>& begin) {
  bool isJson = m_options.output == OutputFormat::Json;
  Progress progress(
      {m_environment.isStdoutTerminal, m_environment.isStdoutTerminal && !m_options.noColor, isJson});
  SessionResult result;
  std::optional<Error> error;
  bool isInterrupted = false;
  QEventLoop loop;
  auto engine = std::make_unique<EngineHandle>(m_config);
  QObject::connect(engine.get(), &EngineHandle::opened, &loop,
                   [&](const QString& rollout, const QString& path) {
                     result.rollout = RolloutId(rollout.toStdString());
                     result.journal = path.toStdString();
                   });
  QObject::connect(engine.get(), &EngineHandle::rejected, &loop, [&](const Error& why) {
    error = why;
    loop.quit();
  });
  QObject::connect(engine.get(), &EngineHandle::faulted, &loop, [&](const QString& what) {
    error = Error{ErrorKind::Internal,
                  "the engine stopped: " + what.toStdString(),
                  "nothing more is changed; go on with `ratdeckctl resume-unfinished`",
                  {}};
    loop.quit();
  });
  QObject::connect(engine.get(), &EngineHandle::ended, &loop, [&] { loop.quit(); });

  Prompt prompt(m_environment.hasTerminal && !isJson, progress, m_environment.actor,
                [&](const Command& command) { engine->submit(command); });
  QObject::connect(engine.get(), &EngineHandle::published, &loop, [&](const EventBatch& batch) {
    for (const auto& event : *batch) {
      apply(result.state, event);
      note(event, result);
      progress.show(event, result.state);
      prompt.show(event, result.state, m_options.approve == "ask");
    }
    if (isInterrupted && result.state.isHeld && isAtRest(result.state))
      loop.quit();
  });

  Signals signals;
  QObject::connect(&signals, &Signals::interrupted, &loop, [&] {
    if (isInterrupted)
      return loop.quit();
    isInterrupted = true;
    progress.line("interrupted: finishing the swap in hand, then holding; Ctrl-C again stops at once");
    engine->submit(commandOf(CommandKind::Hold, m_environment.actor, "interrupted"));
  });
  QObject::connect(&signals, &Signals::hungUp, &loop, [] { leaveTerminal(); });
  QTimer waiting, timeout;
  QObject::connect(&waiting, &QTimer::timeout, &loop,
                   [&] { progress.showWaiting(result.state, m_config.clock->now()); });
  waiting.start(250);
  if (m_options.timeout) {
    timeout.setSingleShot(true);
    QObject::connect(&timeout, &QTimer::timeout, &loop, [&] {
      engine->submit(commandOf(CommandKind::Abort, m_environment.actor,
                               "--timeout " + toGoString(*m_options.timeout) + " has passed"));
    });
    timeout.start(std::chrono::duration_cast<std::chrono::milliseconds>(*m_options.timeout));
  }

  begin(*engine);
  loop.exec();
  engine.reset();                    // joins the thread; the journal is synced
  QCoreApplication::processEvents(); // what it still published
  if (error)
    return failure(*error);
  bool hasEnded = result.state.phase == RolloutPhase::Ended;
  result.exitCode = hasEnded ? exitCodeOf(result.state) : exitInterrupted;
  return result;
}

} // namespace ratdeck
