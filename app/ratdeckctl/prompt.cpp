#include "app/ratdeckctl/prompt.h"

#include "core/base/plain_text.h"
#include "core/rollout/past_schema.h"

#include <cctype>
#include <map>
#include <sstream>
#include <unistd.h>

namespace ratdeck {

namespace {

constexpr const char* help = "type: approve GATE | reject GATE REASON | wait|end|undo SERVICE REASON | "
                             "extend SERVICE 10m REASON | hold | "
                             "continue | abort REASON | stop-here | finish-bake; abort, reject and undo take "
                             "--past-schema=VERSION,\"VERSION WITH BLANKS\" before the reason";

std::string rest(std::istringstream& words) {
  std::string text;
  std::getline(words >> std::ws, text);
  return text;
}

// `1.sql,"a name with blanks"`, up to the first blank that is not in quotes.
std::set<std::string> namesIn(std::istringstream& words) {
  std::set<std::string> names;
  std::string name;
  bool isQuoted = false;
  for (int c = words.get(); c != EOF && (isQuoted || !std::isspace(c)); c = words.get()) {
    if (c == '"')
      isQuoted = !isQuoted;
    else if (c != ',' || isQuoted)
      name += static_cast<char>(c);
    else
      names.insert(std::exchange(name, {}));
  }
  names.insert(name);
  names.erase("");
  words.clear();
  return names;
}

// Schema versions that may stay or be lost, if the next word names them.
std::set<std::string> pastSchema(std::istringstream& words) {
  const std::string option = "--past-schema=";
  const auto at = words.tellg();
  std::string begin(option.size(), ' ');
  if (words >> std::ws && words.read(begin.data(), static_cast<std::streamsize>(begin.size())) &&
      begin == option)
    return namesIn(words);
  words.clear();
  words.seekg(at);
  return {};
}

std::string quoted(const std::string& name) {
  return name.find_first_of(", ") == std::string::npos ? name : '"' + name + '"';
}

Result<Command> gateCommand(CommandKind kind, std::istringstream& words, const std::string& planHash) {
  Command command;
  command.kind = kind;
  words >> command.gate.value;
  command.planHash = planHash;
  command.pastSchema = pastSchema(words);
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
  command.pastSchema = pastSchema(words);
  command.reason = rest(words);
  if (command.service.empty())
    return failure(ErrorKind::Usage, "which service is missing", help);
  if (decision == DeadlineAction::End && command.reason.empty())
    return failure(ErrorKind::Usage, "ending runs needs a reason", "type: end SERVICE REASON");
  return command;
}

// What an abort needs where schema versions would stay.
std::string pastOption(const RolloutState& state) {
  std::string versions;
  for (const auto& version : pastSchemaOf(state).names())
    versions += (versions.empty() ? "" : ",") + quoted(plainText(version));
  return versions.empty() ? versions : "--past-schema=" + versions + " ";
}

// "extend 10m", "extend runner", "extend runner 10m the nightly build": what follows is the reason.
Result<Command> extendCommand(std::istringstream& words, const std::vector<std::string>& drained) {
  Command command;
  command.kind = CommandKind::DecideDrain;
  command.decision = DeadlineAction::Extend;
  std::string word;
  words >> word;
  if (word.empty() || parseDuration(word)) {
    if (drained.size() != 1)
      return failure(ErrorKind::Usage, "which service is missing", "type: extend SERVICE 10m REASON");
    command.service = drained.front();
  } else {
    command.service = word;
    const auto before = words.tellg();
    word.clear();
    words >> word;
    if (!word.empty() && !parseDuration(word)) {
      words.clear();
      words.seekg(before);
    }
  }
  if (const auto by = parseDuration(word); by && *by <= Duration(0s))
    return failure(ErrorKind::Usage, "an extension is more than nothing", "type: extend SERVICE 10m REASON");
  else if (by)
    command.extendBy = *by;
  command.reason = rest(words);
  return command;
}

} // namespace

Result<Command> parseTyped(const std::string& line, const std::string& planHash,
                           const std::vector<std::string>& drained) {
  std::istringstream words(line);
  std::string verb;
  words >> verb;
  if (verb == "approve" || verb == "reject")
    return gateCommand(verb == "approve" ? CommandKind::Approve : CommandKind::Reject, words, planHash);
  if (verb == "extend")
    return extendCommand(words, drained);
  static const std::map<std::string, DeadlineAction> decisions = {
      {"wait", DeadlineAction::Wait}, {"end", DeadlineAction::End}, {"undo", DeadlineAction::Undo}};
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
  command.pastSchema = pastSchema(words);
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
  m_drained.clear();
  for (const auto& [name, service] : state.services)
    if (service.isDrainingRuns && !service.runsDrained)
      m_drained.push_back(name);
  if (!m_isInteractive)
    return;
  const bool isQuestion = !event.reason.empty(); // something came to no verdict: approved by nobody before
  if (event.type == EventType::ApprovalRequested && (asksForApprovals || isQuestion))
    m_progress.line("           type: approve " + event.gate.value + (isQuestion ? " REASON" : "") +
                    "   or: reject " + event.gate.value + " REASON");
  if (event.type == EventType::BakeStarted)
    m_progress.line("           type: finish-bake   or: abort REASON");
  if (event.type == EventType::DrainDeadlinePassed)
    m_progress.line("           type: extend " + event.service + " 10m | wait " + event.service + " | end " +
                    event.service + " REASON | undo " + event.service);
  if (event.type == EventType::RolloutHeld)
    m_progress.line("           type: continue   or: abort " + pastOption(state) + "REASON   or: stop-here");
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
  auto command = parseTyped(line, m_planHash, m_drained);
  if (!command)
    return m_progress.line("           " + command.error().toString());
  command->actor = m_actor;
  m_submit(*command);
}

} // namespace ratdeck
