#include "app/ratdeckctl/prompt.h"

#include <map>
#include <sstream>
#include <unistd.h>

namespace ratdeck {

namespace {

constexpr const char* help =
    "type: approve GATE | reject GATE REASON | wait|extend|end|undo SERVICE REASON | hold | "
    "continue | abort REASON | stop-here | finish-bake";

std::string rest(std::istringstream& words) {
  std::string text;
  std::getline(words >> std::ws, text);
  return text;
}

Result<Command> gateCommand(CommandKind kind, std::istringstream& words, const std::string& planHash) {
  Command command;
  command.kind = kind;
  words >> command.gate.value;
  command.planHash = planHash;
  command.reason = rest(words);
  if (command.gate.isEmpty())
    return failure(ErrorKind::Usage, "which gate is missing", help);
  if (kind == CommandKind::Reject && command.reason.empty())
    return failure(ErrorKind::Usage, "a rejection needs a reason", "type: reject GATE REASON");
  return command;
}

Result<Command> drainCommand(DeadlineAction decision, std::istringstream& words) {
  Command command;
  command.kind = CommandKind::DecideDrain;
  command.decision = decision;
  words >> command.service;
  command.reason = rest(words);
  if (command.service.empty())
    return failure(ErrorKind::Usage, "which service is missing", help);
  if (decision == DeadlineAction::End && command.reason.empty())
    return failure(ErrorKind::Usage, "ending runs needs a reason", "type: end SERVICE REASON");
  return command;
}

} // namespace

Result<Command> parseTyped(const std::string& line, const std::string& planHash) {
  std::istringstream words(line);
  std::string verb;
  words >> verb;
  if (verb == "approve" || verb == "reject")
    return gateCommand(verb == "approve" ? CommandKind::Approve : CommandKind::Reject, words, planHash);
  static const std::map<std::string, DeadlineAction> decisions = {{"wait", DeadlineAction::Wait},
                                                                  {"extend", DeadlineAction::Extend},
                                                                  {"end", DeadlineAction::End},
                                                                  {"undo", DeadlineAction::Undo}};
  if (auto it = decisions.find(verb); it != decisions.end())
    return drainCommand(it->second, words);
  static const std::map<std::string, CommandKind> plain = {{"hold", CommandKind::Hold},
                                                           {"continue", CommandKind::Continue},
                                                           {"abort", CommandKind::Abort},
                                                           {"stop-here", CommandKind::StopHere},
                                                           {"finish-bake", CommandKind::FinishBake}};
  auto it = plain.find(verb);
  if (it == plain.end())
    return failure(ErrorKind::Usage, "\"" + verb + "\" is not understood", help);
  Command command;
  command.kind = it->second;
  command.reason = rest(words);
  return command;
}

Prompt::Prompt(bool isInteractive, Progress& progress, std::string actor, Submit submit)
    : m_isInteractive(isInteractive), m_progress(progress), m_actor(std::move(actor)),
      m_submit(std::move(submit)) {
  if (!m_isInteractive)
    return;
  m_notifier = std::make_unique<QSocketNotifier>(STDIN_FILENO, QSocketNotifier::Read);
  QObject::connect(m_notifier.get(), &QSocketNotifier::activated, m_notifier.get(), [this] { readLine(); });
}

Prompt::~Prompt() = default;

void Prompt::show(const Event& event, const RolloutState& state, bool asksForApprovals) {
  m_planHash = state.plan.hash;
  if (!m_isInteractive)
    return;
  const bool isQuestion = !event.reason.empty(); // something came to no verdict: approved by nobody before
  if (event.type == EventType::ApprovalRequested && (asksForApprovals || isQuestion))
    m_progress.line("           type: approve " + event.gate.value + (isQuestion ? " REASON" : "") +
                    "   or: reject " + event.gate.value + " REASON");
  if (event.type == EventType::BakeStarted)
    m_progress.line("           type: finish-bake   or: abort REASON");
  if (event.type == EventType::DrainDeadlinePassed)
    m_progress.line("           type: extend " + event.service + " | wait " + event.service + " | end " +
                    event.service + " REASON | undo " + event.service);
  if (event.type == EventType::RolloutHeld)
    m_progress.line("           type: continue   or: abort REASON   or: stop-here");
}

void Prompt::readLine() {
  char text[1024];
  auto n = ::read(STDIN_FILENO, text, sizeof text);
  if (n <= 0) {
    m_notifier->setEnabled(false);
    return;
  }
  m_buffer.append(text, static_cast<size_t>(n));
  for (auto end = m_buffer.find('\n'); end != std::string::npos; end = m_buffer.find('\n')) {
    obey(m_buffer.substr(0, end));
    m_buffer.erase(0, end + 1);
  }
}

void Prompt::obey(const std::string& line) {
  if (line.find_first_not_of(" \t\r") == std::string::npos)
    return;
  auto command = parseTyped(line, m_planHash);
  if (!command)
    return m_progress.line("           " + command.error().toString());
  command->actor = m_actor;
  m_submit(*command);
}

} // namespace ratdeck
