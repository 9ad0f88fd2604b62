#include "core/journal/store.h"

#include "core/base/digest.h"
#include "core/journal/file_port.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace ratdeck {

namespace fs = std::filesystem;

namespace {

constexpr const char* extension = ".ratlog";

bool isName(const std::string& text) {
  return !text.empty() && text.front() != '.' && text.size() <= 200 &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                  c == '_' || c == '.';
         });
}

bool isJournal(const fs::path& path) {
  struct stat info {};
  return path.extension() == extension && ::lstat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

// The names in a folder, or nothing where there is no such folder.
Result<std::vector<fs::path>> entriesOf(const std::string& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  fs::directory_iterator it(folder, error);
  for (fs::directory_iterator end; !error && it != end; it.increment(error))
    entries.push_back(it->path());
  if (error && error != std::errc::no_such_file_or_directory)
    return failure(ErrorKind::Internal, "cannot read the folder of journals: " + error.message(),
                   "make it readable for this user", {folder});
  return entries;
}

Result<std::vector<std::string>> pathsIn(const std::string& folder, const std::string& stack) {
  std::vector<std::string> paths;
  auto stacks = stack.empty() ? entriesOf(folder) : Result<std::vector<fs::path>>({fs::path(folder) / stack});
  if (!stacks)
    return failure(stacks.error());
  for (const auto& one : *stacks) {
    struct stat info {};
    if (::lstat(one.c_str(), &info) != 0 || !S_ISDIR(info.st_mode))
      continue;
    auto entries = entriesOf(one.string());
    if (!entries)
      return failure(entries.error());
    for (const auto& entry : *entries)
      if (isJournal(entry))
        paths.push_back(entry.string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

// An open journal, read at any place.
class Pages {
public:
  explicit Pages(int fd) : m_fd(fd) {}
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  ~Pages() { ::close(m_fd); }

  long long size() const {
    struct stat info {};
    return ::fstat(m_fd, &info) == 0 ? info.st_size : 0;
  }
  // Fewer bytes where the file ends or cannot be read.
  std::string read(long long offset, size_t size) const {
    std::string text(size, '\0');
    size_t used = 0;
    while (used < size) {
      auto n = ::pread(m_fd, text.data() + used, size - used, offset + static_cast<long long>(used));
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        break;
      used += static_cast<size_t>(n);
    }
    text.resize(used);
    return text;
  }

private:
  int m_fd;
};

Result<Record> firstRecord(const Pages& file) {
  for (size_t size = 16384; size <= 2 * maxRecordLine; size *= 8) {
    auto text = file.read(0, size);
    if (auto end = text.find('\n'); end != std::string::npos)
      return recordFrom(std::string_view(text).substr(0, end));
    if (text.size() < size)
      break;
  }
  return failure(ErrorKind::Input, "holds no whole record");
}

// The last whole line that is a record; a torn tail behind it does not matter.
std::optional<Record> lastRecord(const Pages& file) {
  auto size = file.size();
  for (long long tail = 16384; tail <= 2 * static_cast<long long>(maxRecordLine); tail *= 8) {
    auto from = std::max(0LL, size - tail);
    auto text = file.read(from, static_cast<size_t>(size - from));
    auto end = text.rfind('\n');
    while (end != std::string::npos && end > 0) {
      auto begin = text.rfind('\n', end - 1);
      if (begin == std::string::npos && from > 0)
        break;
      auto start = begin == std::string::npos ? 0 : begin + 1;
      if (auto record = recordFrom(std::string_view(text).substr(start, end - start)))
        return *record;
      end = begin;
    }
    if (from == 0)
      break;
  }
  return {};
}

bool isNewer(const JournalSummary& a, const JournalSummary& b) {
  if (a.isReadable() != b.isReadable())
    return a.isReadable();
  if (a.started != b.started)
    return a.started > b.started;
  return a.path > b.path;
}

} // namespace

JournalSummary summaryOf(const std::string& path) {
  JournalSummary summary;
  summary.path = path;
  summary.stack = fs::path(path).parent_path().filename().string();
  auto opened = journal::openForReading(path);
  if (!opened) {
    summary.problem = opened.error().message;
    return summary;
  }
  Pages file(*opened);
  summary.hasWriter = journal::hasWriter(path);
  auto first = firstRecord(file);
  auto header = first ? headerFrom(*first) : Result<JournalHeader>(failure(first.error()));
  if (!header) {
    summary.problem = header.error().message;
    return summary;
  }
  summary.header = std::move(*header);
  summary.started = summary.ended = first->at.wall;
  summary.records = first->seq;
  if (auto last = lastRecord(file)) {
    summary.ended = last->at.wall;
    summary.records = last->seq;
    summary.isClosed = last->type == journalClosed;
    summary.result = summary.isClosed ? textAt(last->data, "result") : "";
  }
  return summary;
}

JournalStore::JournalStore(std::string folder, const Clock& clock)
    : m_folder(std::move(folder)), m_clock(&clock) {}

Result<std::vector<JournalSummary>> JournalStore::list(const std::string& stack) const {
  if (!stack.empty() && !isName(stack))
    return failure(ErrorKind::Input, "'" + stack + "' is not the name of a stack");
  auto paths = pathsIn(m_folder, stack);
  if (!paths)
    return failure(paths.error());
  std::vector<JournalSummary> summaries;
  summaries.reserve(paths->size());
  for (const auto& path : *paths)
    summaries.push_back(summaryOf(path));
  std::sort(summaries.begin(), summaries.end(), isNewer);
  return summaries;
}

Result<std::vector<JournalSummary>> JournalStore::unfinished(const std::string& stack) const {
  auto summaries = list(stack);
  if (summaries)
    std::erase_if(*summaries, [](const JournalSummary& summary) { return !summary.isUnfinished(); });
  return summaries;
}

Result<std::string> JournalStore::find(const std::string& text) const {
  if (text.find('/') != std::string::npos || fs::path(text).extension() == extension) {
    std::error_code error;
    if (fs::exists(fs::symlink_status(text, error)))
      return text;
    return failure(ErrorKind::NotFound, "there is no journal here", "list them with `ratdeckctl history`",
                   {text});
  }
  auto paths = pathsIn(m_folder, {});
  if (!paths)
    return failure(paths.error());
  std::vector<std::string> fits;
  for (const auto& path : *paths) {
    auto id = fs::path(path).stem().string();
    if (id == text)
      return path;
    if (!text.empty() && id.starts_with(text))
      fits.push_back(path);
  }
  if (fits.size() == 1)
    return fits.front();
  if (fits.empty())
    return failure(ErrorKind::NotFound, "there is no rollout '" + text + "'",
                   "list them with `ratdeckctl history`");
  std::string names;
  for (size_t i = 0; i < std::min<size_t>(fits.size(), 5); ++i)
    names += (i ? ", " : "") + fs::path(fits[i]).stem().string();
  return failure(ErrorKind::Input,
                 "'" + text + "' begins " + std::to_string(fits.size()) + " rollouts: " + names,
                 "write more of it");
}

namespace {

std::string stampOf(WallTime wall) {
  const auto time = toRfc3339(wall);
  return time.substr(0, 4) + time.substr(5, 2) + time.substr(8, 2) + "-" + time.substr(11, 2) +
         time.substr(14, 2) + time.substr(17, 2);
}

} // namespace

// Lists are in the order of the ids: one that is made in the same second as another must come after it. What
// lies further ahead is of a clock that was wrong.
RolloutId JournalStore::nextRolloutId() const {
  constexpr int tries = 20;
  const auto now = m_clock->now().wall;
  const auto paths = pathsIn(m_folder, {});
  std::string last;
  for (const auto& path : paths ? *paths : std::vector<std::string>())
    if (const auto id = fs::path(path).stem().string();
        id >= stampOf(now) && id < stampOf(now + std::chrono::minutes(1)))
      last = std::max(last, id);
  for (auto wall = now;; wall += std::chrono::seconds(1))
    for (int attempt = 0; attempt < tries; ++attempt)
      if (const auto id = stampOf(wall) + "-" + randomHex(2); id > last)
        return RolloutId(id);
}

Result<std::string> JournalStore::pathOf(const std::string& stack, const RolloutId& rollout) const {
  if (!isName(stack) || !isName(rollout.value))
    return failure(ErrorKind::Input, "'" + stack + "/" + rollout.value + "' cannot name a journal",
                   "use letters, digits, '-', '_' and '.'");
  return (fs::path(m_folder) / stack / (rollout.value + extension)).string();
}

} // namespace ratdeck
