#include "app/ratdeckctl/rollout_session.h"

#include "app/ratdeckctl/deploy.h"
#include "app/ratdeckctl/output.h"

#include <fcntl.h>
#include <unistd.h>

namespace ratdeck {

namespace {

constexpr auto minWait = std::chrono::milliseconds(50);

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

bool isRefusedAbort(const Event& event) {
  return event.type == EventType::CommandRefused &&
         textAt(event.detail, "command") == toString(CommandKind::Abort);
}

std::string overdue(const Options& options) {
  return "--timeout " + toGoString(*options.timeout) + " has passed";
}

Progress::Style styleOf(const Environment& environment, const Options& options) {
  return {environment.isStdoutTerminal, environment.isStdoutTerminal && !options.noColor,
          options.output == OutputFormat::Json};
}

} // namespace

RolloutSession::RolloutSession(const Environment& environment, const Options& options, EngineConfig config)
    : m_environment(environment), m_options(options), m_clock(*config.clock), m_engine(std::move(config)),
      m_progress(styleOf(environment, options)),
      m_prompt(hasPerson(environment, options), m_progress, environment.actor,
               [this](const Command& command) { m_engine.submit(command); }) {}

Result<SessionResult> RolloutSession::start(const StartRollout& request, const Revision& revision) {
  return run([request, revision](EngineHandle& engine) { engine.startRollout(request, revision); });
}

Result<SessionResult> RolloutSession::resume(const std::string& journalPath, const ResumeRollout& request) {
  return run([journalPath, request](EngineHandle& engine) { engine.resumeRollout(journalPath, request); });
}

Result<SessionResult> RolloutSession::run(const std::function<void(EngineHandle&)>& begin) {
  listenToEngine();
  listenToSignals();
  QObject::connect(&m_waiting, &QTimer::timeout, &m_loop,
                   [this] { m_progress.showWaiting(m_result.state, m_clock.now()); });
  m_waiting.start(250);
  limitTime();
  begin(m_engine);
  m_loop.exec();
  m_engine.shutDown(); // the journal is synced, and all that is in it was shown
  if (m_error)
    return failure(*m_error);
  bool hasEnded = m_result.state.phase == RolloutPhase::Ended;
  m_result.exitCode = hasEnded ? exitCodeOf(m_result.state) : exitInterrupted;
  return m_result;
}

void RolloutSession::listenToEngine() {
  QObject::connect(&m_engine, &EngineHandle::opened, &m_loop,
                   [this](const QString& rollout, const QString& path) {
                     m_result.rollout = RolloutId(rollout.toStdString());
                     m_result.journal = path.toStdString();
                   });
  QObject::connect(&m_engine, &EngineHandle::rejected, &m_loop, [this](const Error& why) {
    m_error = why;
    m_loop.quit();
  });
  QObject::connect(&m_engine, &EngineHandle::published, &m_loop,
                   [this](const EventBatch& batch) { show(batch); });
  QObject::connect(&m_engine, &EngineHandle::warned, &m_loop,
                   [this](const QString& what) { warn(what.toStdString()); });
  QObject::connect(&m_engine, &EngineHandle::faulted, &m_loop,
                   [this](const QString& what) { stopAtFault(what.toStdString()); });
  QObject::connect(&m_engine, &EngineHandle::ended, &m_loop, [this] { m_loop.quit(); });
}

void RolloutSession::listenToSignals() {
  QObject::connect(&m_signals, &Signals::interrupted, &m_loop, [this] { interrupt(); });
  QObject::connect(&m_signals, &Signals::hungUp, &m_loop, [this] { hangUp(); });
}

void RolloutSession::show(const EventBatch& batch) {
  for (const auto& event : *batch) {
    apply(m_result.state, event);
    note(event, m_result);
    m_progress.show(event, m_result.state);
    m_prompt.show(event, m_result.state, m_result.state.approve == "ask");
    if (m_isOverdue && isRefusedAbort(event))
      holdInstead(event.reason);
  }
  // Whoever held it is gone: it is left to a resume.
  if ((m_isInterrupted || m_hasLeft || m_isLeftHeld) && m_result.state.isHeld && isAtRest(m_result.state))
    m_loop.quit();
}

void RolloutSession::warn(const std::string& text) {
  if (m_options.output == OutputFormat::Json)
    printError({ErrorKind::Internal, text, {}, {}});
  else
    m_progress.line("warning: " + text);
}

void RolloutSession::stopAtFault(const std::string& what) {
  if (m_result.journal.empty())
    m_error = Error{ErrorKind::Internal, "the engine stopped: " + what, "nothing was changed", {}};
  else
    m_result.fault = what;
  m_loop.quit();
}

void RolloutSession::interrupt() {
  if (m_isInterrupted)
    return m_loop.quit();
  m_isInterrupted = true;
  if (m_result.state.isBaking)
    return submit(CommandKind::FinishBake, "interrupted");
  if (m_result.state.phase == RolloutPhase::Undoing)
    return m_progress.line(
        "interrupted: the undo goes on to its end; Ctrl-C again stops it at once, and it can be resumed");
  m_progress.line("interrupted: finishing the swap in hand, then holding; Ctrl-C again stops at once");
  submit(CommandKind::Hold, "interrupted");
}

void RolloutSession::hangUp() {
  leaveTerminal();
  m_hasLeft = true;
  submit(CommandKind::Leave, "the terminal is gone");
}

void RolloutSession::limitTime() {
  if (!m_options.timeout)
    return;
  m_timeout.setSingleShot(true);
  QObject::connect(&m_timeout, &QTimer::timeout, &m_loop, [this] { endInTime(); });
  m_timeout.start(std::chrono::duration_cast<std::chrono::milliseconds>(*m_options.timeout));
}

void RolloutSession::endInTime() {
  if (m_result.state.phase == RolloutPhase::New) // nothing is there to be ended yet
    return m_timeout.start(minWait);
  m_isOverdue = true;
  submit(m_result.state.isBaking ? CommandKind::FinishBake : CommandKind::Abort, overdue(m_options));
}

// Schema versions that an undo goes past were not named, and it is no time to ask: a person decides later.
// An undo that is under way goes on.
void RolloutSession::holdInstead(const std::string& why) {
  if (m_result.state.phase != RolloutPhase::Rolling)
    return;
  m_isLeftHeld = true;
  submit(m_result.state.isBaking ? CommandKind::FinishBake : CommandKind::Hold,
         overdue(m_options) + ", and it is not undone: " + why);
}

void RolloutSession::submit(CommandKind kind, const std::string& reason) {
  Command command;
  command.kind = kind;
  command.actor = m_environment.actor;
  command.reason = reason;
  command.pastSchema.insert(m_options.pastSchema.begin(), m_options.pastSchema.end());
  m_engine.submit(command);
}

} // namespace ratdeck
