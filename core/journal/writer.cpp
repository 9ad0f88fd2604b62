#include "core/journal/writer.h"

#include "core/base/digest.h"
#include "core/journal/head.h"

#include <algorithm>
#include <cerrno>

namespace ratdeck {

using journal::FilePort;
using journal::ioError;

namespace {

// What the chain goes on from.
struct Link {
  long long seq = 0;
  std::string sha256 = firstPrev();
};

} // namespace

struct JournalWriter::State {
  State(std::unique_ptr<FilePort> port, std::string name, const SigningKey& signer, const Clock& time)
      : file(std::move(port)), path(std::move(name)), key(signer), clock(&time) {}

  Result<SeqRange> add(const std::vector<Record>& records);
  Status commit();
  Status cutBack();
  void refreshHead();
  void refreshHeadIfDue() {
    if (isHeadBehind() && clock->now().boot >= *headTriedAt + headInterval)
      refreshHead();
  }
  bool isHeadBehind() const { return headSeq < durable.seq; }
  Result<SeqRange> addAndCommit(const std::vector<Record>& records);
  Status appendOwn(const char* type, Json data);

  std::unique_ptr<FilePort> file;
  std::string path;
  SigningKey key;
  const Clock* clock;

  Link last;             // of the last record appended
  Link durable;          // of the last record acknowledged
  long long end = 0;     // of the acknowledged bytes
  bool needsCut = false; // bytes behind `end` could not be cut off yet
  std::string waiting;   // lines not yet acknowledged
  std::optional<BootTime> waitingSince;
  std::optional<BootTime> retryAt;
  long long headSeq = 0;
  std::optional<BootTime> headTriedAt;
  std::optional<Error> headError;
  bool isClosed = false;
};

// Puts the records' lines behind what waits: all of them or none.
Result<SeqRange> JournalWriter::State::add(const std::vector<Record>& records) {
  auto before = last;
  auto size = waiting.size();
  auto undo = [&](Error error) {
    last = before;
    waiting.resize(size);
    return failure(std::move(error));
  };
  for (auto record : records) {
    record.seq = last.seq + 1;
    record.prev = last.sha256;
    auto line = toLine(record);
    if (!line)
      return undo(line.error());
    last = {record.seq, sha256(*line)};
    waiting += *line;
    waiting += '\n';
  }
  if (size > 0 && waiting.size() > maxWaitingBytes)
    return undo({ErrorKind::Refused,
                 "the journal cannot take more: what waits for the disk has grown to 64 MiB",
                 "free space on its file system",
                 {path}});
  if (!waiting.empty() && !waitingSince)
    waitingSince = clock->now().boot;
  return SeqRange{before.seq + 1, last.seq};
}

// Bytes of a write that was not acknowledged must not stay behind the good end.
Status JournalWriter::State::cutBack() {
  needsCut = true;
  auto error = file->truncate(end);
  if (error == 0)
    error = file->sync();
  if (error != 0)
    return failure(ioError("the journal cannot be cut back to its last good record", path, -error));
  needsCut = false;
  return Done{};
}

// Writes and syncs what waits. On failure the file ends where it ended and `waiting` is as before.
Status JournalWriter::State::commit() {
  if (needsCut)
    if (auto cut = cutBack(); !cut)
      return cut;
  if (waiting.empty())
    return Done{};
  int error = 0;
  std::string_view rest = waiting;
  for (auto offset = end; !rest.empty() && error == 0;) {
    auto written = file->write(rest, offset);
    if (written <= 0) {
      error = written < 0 ? static_cast<int>(-written) : ENOSPC;
      break;
    }
    offset += written;
    rest.remove_prefix(std::min(rest.size(), static_cast<size_t>(written)));
  }
  // After a failed sync the kernel may call unwritten pages clean; writing them anew is what makes the next
  // sync true, and the cut is what makes that happen.
  if (error == 0)
    error = -file->sync();
  if (error != 0) {
    retryAt = clock->now().boot + flushRetryDelay;
    auto cut = cutBack(); // where it fails, the next commit begins with it
    return failure(ioError("the journal cannot be written", path, error));
  }
  end += static_cast<long long>(waiting.size());
  durable = last;
  waiting.clear();
  waitingSince.reset();
  retryAt.reset();
  return Done{};
}

void JournalWriter::State::refreshHead() {
  headTriedAt = clock->now().boot;
  auto head = makeHead(durable.seq, durable.sha256, key);
  if (!head) {
    headError = head.error();
    return;
  }
  if (auto error = file->replaceHead(*head); error != 0) {
    headError = ioError("the journal's signed head cannot be written", journal::headPathOf(path), -error);
    return;
  }
  headSeq = durable.seq;
  headError.reset();
}

// Refused records are forgotten; what waited before them goes on waiting.
Result<SeqRange> JournalWriter::State::addAndCommit(const std::vector<Record>& records) {
  auto before = last;
  auto size = waiting.size();
  auto range = add(records);
  if (!range)
    return range;
  if (auto committed = commit(); !committed) {
    last = before;
    waiting.resize(size);
    if (waiting.empty())
      waitingSince.reset();
    return failure(committed.error());
  }
  return range;
}

// A record about the journal itself, acknowledged when it returns.
Status JournalWriter::State::appendOwn(const char* type, Json data) {
  Record record;
  record.at = clock->now();
  record.type = type;
  record.data = std::move(data);
  if (auto added = addAndCommit({record}); !added)
    return failure(added.error());
  return Done{};
}

JournalWriter::JournalWriter(std::unique_ptr<State> state) : m_state(std::move(state)) {}
JournalWriter::JournalWriter(JournalWriter&&) noexcept = default;
JournalWriter& JournalWriter::operator=(JournalWriter&&) noexcept = default;
JournalWriter::~JournalWriter() = default;

Result<JournalWriter> JournalWriter::create(const std::string& path, JournalHeader header,
                                            const SigningKey& key, const Clock& clock) {
  auto file = journal::createJournalFile(path);
  if (!file)
    return failure(file.error());
  auto writer = create(std::move(*file), path, std::move(header), key, clock);
  if (!writer)
    journal::removeJournalFile(path);
  return writer;
}

Result<JournalWriter> JournalWriter::create(std::unique_ptr<FilePort> file, const std::string& path,
                                            JournalHeader header, const SigningKey& key, const Clock& clock) {
  if (header.rollout.isEmpty())
    return failure(ErrorKind::Input, "a journal's header names its rollout", {}, {path});
  auto state = std::make_unique<State>(std::move(file), path, key, clock);
  header.key = key.publicKey();
  if (auto opened = state->appendOwn(journalOpened, toJson(header)); !opened)
    return failure(opened.error());
  state->refreshHead();
  if (state->headError)
    return failure(*state->headError);
  return JournalWriter(std::move(state));
}

Result<JournalWriter> JournalWriter::resume(std::unique_ptr<FilePort> file, const std::string& path,
                                            const End& end, Json continued, const SigningKey& key,
                                            const Clock& clock) {
  auto state = std::make_unique<State>(std::move(file), path, key, clock);
  state->end = end.offset;
  state->last = state->durable = {end.seq, end.sha256};
  continued["key"] = key.publicKey();
  continued["rollout"] = end.rollout;
  state->needsCut = true;
  if (auto opened = state->appendOwn(journalContinued, std::move(continued)); !opened)
    return failure(opened.error());
  state->refreshHead();
  if (state->headError)
    return failure(*state->headError);
  return JournalWriter(std::move(state));
}

Result<SeqRange> JournalWriter::append(const std::vector<Record>& records, Durability durability) {
  auto& state = *m_state;
  if (state.isClosed)
    return failure(ErrorKind::Refused, "the journal is closed", {}, {state.path});
  if (std::any_of(records.begin(), records.end(), isAboutJournal))
    return failure(ErrorKind::Input, "a record of the journal's own cannot be appended", {}, {state.path});
  if (durability == Durability::Group)
    return state.add(records);
  auto range = state.addAndCommit(records);
  if (!range)
    return range;
  state.refreshHeadIfDue();
  return range;
}

Status JournalWriter::flush() {
  auto& state = *m_state;
  if (auto committed = state.commit(); !committed)
    return committed;
  state.refreshHeadIfDue();
  return Done{};
}

std::optional<BootTime> JournalWriter::nextFlush() const {
  const auto& state = *m_state;
  std::optional<BootTime> next;
  if (state.waitingSince)
    next = std::max(*state.waitingSince + groupCommitDelay, state.retryAt.value_or(BootTime::min()));
  if (state.isHeadBehind()) {
    auto head = *state.headTriedAt + headInterval;
    next = next ? std::min(*next, head) : head;
  }
  return next;
}

long long JournalWriter::acknowledged() const {
  return m_state->durable.seq;
}
long long JournalWriter::appended() const {
  return m_state->last.seq;
}
const std::optional<Error>& JournalWriter::headError() const {
  return m_state->headError;
}
bool JournalWriter::isClosed() const {
  return m_state->isClosed;
}
const std::string& JournalWriter::path() const {
  return m_state->path;
}

Status JournalWriter::close(const std::string& result) {
  auto& state = *m_state;
  if (state.isClosed && !state.isHeadBehind())
    return failure(ErrorKind::Refused, "the journal is closed already", {}, {state.path});
  if (!state.isClosed)
    if (auto closed = state.appendOwn(journalClosed, {{"result", result}}); !closed)
      return closed;
  state.isClosed = true;
  state.refreshHead();
  if (state.headError)
    return failure(*state.headError);
  return Done{};
}

} // namespace ratdeck
