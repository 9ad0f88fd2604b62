#include "app/ratdeck/background.h"

#include "app/stack/await.h"
#include "core/base/file.h"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ratdeck {

namespace {

using namespace std::chrono_literals;

constexpr size_t maxLogBytes = 1u << 20;
constexpr size_t maxProcBytes = 1u << 16;

std::vector<std::string> wordsFor(const std::string& program, const StackChoice& choice,
                                  const PastRollout& past) {
  std::vector<std::string> words = {program,   "resume-unfinished", "--rollout",
                                    past.id(), "--resume",          "--wait-bake"};
  if (past.approve == "ask")
    words.insert(words.end(), {"--approve", "wait"});
  for (auto& word : optionsOf(choice))
    words.push_back(std::move(word));
  return words;
}

std::vector<char*> pointersTo(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts)
    pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// How the program starts: a session of its own, signals as a shell gives them, its words to the log, and none
// of the window's files and sockets.
class SpawnManner {
public:
  explicit SpawnManner(const std::string& log) {
    ::posix_spawnattr_init(&m_attributes);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    ::posix_spawnattr_setsigmask(&m_attributes, &none);
    ::posix_spawnattr_setsigdefault(&m_attributes, &all);
    ::posix_spawnattr_setflags(&m_attributes,
                               POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    ::posix_spawn_file_actions_init(&m_files);
    ::posix_spawn_file_actions_addopen(&m_files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&m_files, STDOUT_FILENO, log.c_str(),
                                       O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0600);
    ::posix_spawn_file_actions_adddup2(&m_files, STDOUT_FILENO, STDERR_FILENO);
    ::posix_spawn_file_actions_addclosefrom_np(&m_files, STDERR_FILENO + 1);
  }
  ~SpawnManner() {
    ::posix_spawn_file_actions_destroy(&m_files);
    ::posix_spawnattr_destroy(&m_attributes);
  }
  SpawnManner(const SpawnManner&) = delete;
  SpawnManner& operator=(const SpawnManner&) = delete;

  Result<pid_t> spawn(std::vector<std::string> words, const std::map<std::string, std::string>& variables) {
    std::vector<std::string> settings;
    for (const auto& [name, value] : variables)
      settings.push_back(name + "=" + value);
    pid_t process = 0;
    const int error = ::posix_spawn(&process, words.front().c_str(), &m_files, &m_attributes,
                                    pointersTo(words).data(), pointersTo(settings).data());
    if (error != 0)
      return failure(ErrorKind::Internal, "cannot start " + words.front() + ": " + std::strerror(error));
    return process;
  }

private:
  posix_spawnattr_t m_attributes;
  posix_spawn_file_actions_t m_files;
};

std::string procFile(pid_t process, const char* name) {
  // Files there have no size, so they are read as what they are: short texts.
  int fd = ::open(("/proc/" + std::to_string(process) + "/" + name).c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return {};
  std::string text(maxProcBytes, '\0');
  const auto length = ::read(fd, text.data(), text.size());
  ::close(fd);
  text.resize(length > 0 ? static_cast<size_t>(length) : 0);
  return text;
}

// A child of this process that has ended is done with.
bool hasEnded(pid_t process) {
  if (::waitpid(process, nullptr, WNOHANG) == process)
    return true;
  const auto stat = procFile(process, "stat");
  const auto state = stat.rfind(')');
  return state == std::string::npos || stat.compare(state, 3, ") Z") == 0;
}

// What it said last.
std::string lastWords(const std::string& log, size_t from) {
  auto text = readFile(log, maxLogBytes).value_or(std::string()).substr(from);
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  auto line = text.substr(text.rfind('\n') + 1);
  const std::string name = "ratdeckctl: ";
  return line.starts_with(name) ? line.substr(name.size()) : line;
}

// The process in "process 12, rollout 20260701-120000-ab12", if it is this rollout's.
std::optional<pid_t> holderOf(const std::string& lockPath, const std::string& rollout) {
  const auto text = readFile(lockPath, maxProcBytes).value_or(std::string());
  const std::string before = "process ";
  pid_t process = 0;
  if (!text.starts_with(before) || text.find("rollout " + rollout) == std::string::npos)
    return {};
  std::from_chars(text.data() + before.size(), text.data() + text.size(), process);
  return process > 1 ? std::optional(process) : std::nullopt;
}

// A headless engine that a window has started for this rollout.
bool isBackground(pid_t process, const std::string& rollout) {
  const std::string words = std::string("\0resume-unfinished\0--rollout\0", 29) + rollout + '\0';
  return ::getsid(process) == process && procFile(process, "cmdline").find(words) != std::string::npos;
}

} // namespace

std::string backgroundLog(const Environment& environment, const std::string& rollout) {
  return environment.stateFolder + "/background/" + rollout + ".log";
}

Status startBackground(const Environment& environment, const StackChoice& choice, const PastRollout& past) {
  if (past.journal.isClosed)
    return failure(ErrorKind::Refused, "rollout " + past.id() + " is over");
  if (past.journal.hasWriter)
    return failure(ErrorKind::Refused, "an engine has rollout " + past.id() + " in hand");
  const auto log = backgroundLog(environment, past.id());
  if (auto made = makePrivateFolder(std::filesystem::path(log).parent_path().string()); !made)
    return made;
  const auto before = readFile(log, maxLogBytes).value_or(std::string()).size();
  auto process = SpawnManner(log).spawn(wordsFor(environment.programFolder + "/ratdeckctl", choice, past),
                                        environment.variables);
  if (!process)
    return failure(process.error());
  bool ended = false;
  const bool isDecided = awaitThat(
      [&] {
        ended = hasEnded(*process);
        return ended || summaryOf(past.journal.path).hasWriter;
      },
      30s);
  if (!isDecided)
    return failure(ErrorKind::Timeout,
                   "the engine in the background has not taken rollout " + past.id() + " over within 30 s",
                   "see " + log);
  if (ended && !summaryOf(past.journal.path).isClosed)
    return failure(ErrorKind::Refused, "the engine in the background has ended: " + lastWords(log, before),
                   "see " + log);
  return Done{};
}

Status endBackground(const Place& place, const std::string& rollout) {
  const auto process = holderOf(place.folders().lock, rollout);
  if (!process || hasEnded(*process))
    return failure(ErrorKind::NotFound, "nobody carries rollout " + rollout + " out on this machine");
  if (!isBackground(*process, rollout))
    return failure(ErrorKind::Refused,
                   "process " + std::to_string(*process) + " carries rollout " + rollout +
                       " out, and no window has started it",
                   "decide there, or stop it");
  for (auto patience : {3s, 10s}) { // the second signal stops it whatever is in hand
    ::kill(*process, SIGTERM);
    if (awaitThat([&] { return hasEnded(*process); }, patience))
      return Done{};
  }
  return failure(ErrorKind::Timeout, "process " + std::to_string(*process) + " does not end",
                 "stop it by hand, then resume rollout " + rollout);
}

} // namespace ratdeck
