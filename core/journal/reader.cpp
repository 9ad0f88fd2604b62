#include "core/journal/reader.h"

#include "core/base/digest.h"
#include "core/journal/file_port.h"
#include "core/journal/line_source.h"

#include <cerrno>
#include <cstring>
#include <unistd.h>

namespace ratdeck {

using journal::Line;

namespace {

constexpr size_t maxHeadFile = 4096;

struct Held {
  Record record;
  std::string sha256;
  long long offset = 0;
  long long end = 0;
};

// The descriptor lives as long as the copies of the source do.
ByteSource sourceOf(int fd) {
  std::shared_ptr<const int> file(new int(fd), [](const int* owned) {
    ::close(*owned);
    delete owned;
  });
  return [file](char* buffer, size_t size) -> long long {
    for (;;) {
      auto n = ::read(*file, buffer, size);
      if (n >= 0)
        return n;
      if (errno != EINTR)
        return -errno;
    }
  };
}

} // namespace

struct JournalReader::State {
  State(ByteSource source, const std::optional<std::string>& headText)
      : lines(std::move(source), maxRecordLine), hasHead(headText.has_value()) {
    if (hasHead)
      if (auto parsed = headFrom(*headText))
        head = *parsed;
  }

  std::optional<Record> next();
  bool check(const Line& line, Held& found);
  bool checkLink(const Held& found);
  enum class Witness { None, For, Against };
  Witness witnessOf(const Held& found);
  std::optional<Record> give();
  void take(const Record& record);
  void endOfFile();
  void judgeHead();
  void damage(long long seq, long long offset, const std::string& what);
  void torn(const Line& line);
  bool doRecordsFollow();
  void raise(JournalVerdict verdict, const std::string& what, long long seq, long long offset);

  journal::LineSource lines;
  bool hasHead;
  std::optional<JournalHead> head; // nothing although hasHead: it cannot be read
  std::optional<Held> held;        // read, not yet given out
  bool isDone = false;
  std::string headKey; // who was writing at the head's record
  JournalReport report;
};

void JournalReader::State::raise(JournalVerdict verdict, const std::string& what, long long seq,
                                 long long offset) {
  if (verdict <= report.verdict)
    return;
  report.verdict = verdict;
  report.what = what;
  report.seq = seq;
  report.offset = offset;
}

void JournalReader::State::damage(long long seq, long long offset, const std::string& what) {
  isDone = true;
  raise(JournalVerdict::Damaged, what, seq, offset);
}

// Complete records behind a hole say that the hole is not the end of an unfinished write.
bool JournalReader::State::doRecordsFollow() {
  Line line;
  while (lines.next(line)) {
    report.tornBytes += line.size;
    if (line.isComplete && !line.isTooLong && recordFrom(line.text))
      return true;
  }
  return lines.error() != 0;
}

void JournalReader::State::torn(const Line& line) {
  isDone = true;
  auto seq = held ? held->record.seq + 1 : report.records + 1;
  report.tornBytes = line.size;
  if (doRecordsFollow()) {
    report.tornBytes = 0;
    damage(seq, line.offset, "there is a hole, and records behind it");
    return;
  }
  raise(JournalVerdict::TornTail, "the last write did not finish", seq, line.offset);
}

// The form of one line. False: reading ends here.
bool JournalReader::State::check(const Line& line, Held& found) {
  auto seq = held ? held->record.seq + 1 : report.records + 1;
  if (!line.isComplete && lines.error() != 0) {
    damage(seq, line.offset, std::string("cannot be read: ") + std::strerror(lines.error()));
    return false;
  }
  if (!line.isComplete) {
    torn(line);
    return false;
  }
  auto record = line.isTooLong ? Result<Record>(failure(ErrorKind::Input, "is longer than 16 MiB"))
                               : recordFrom(line.text);
  if (!record) {
    if (line.hasZeros)
      torn(line);
    else
      damage(seq, line.offset, record.error().message);
    return false;
  }
  found = {std::move(*record), sha256(line.text), line.offset, line.offset + line.size};
  if (found.record.seq != seq) {
    damage(seq, line.offset, "record " + std::to_string(found.record.seq) + " stands in its place");
    return false;
  }
  return checkLink(found);
}

// What is known about a line that does not link to the one before it: whether the line after it, or the head,
// has it as it stands.
JournalReader::State::Witness JournalReader::State::witnessOf(const Held& found) {
  if (head && head->seq == found.record.seq)
    return head->sha256 == found.sha256 ? Witness::For : Witness::Against;
  Line line;
  if (!lines.next(line) || !line.isComplete || line.isTooLong)
    return Witness::None;
  auto after = recordFrom(line.text);
  if (!after)
    return Witness::None;
  return after->prev == found.sha256 ? Witness::For : Witness::Against;
}

// The place of a line in the chain. False: reading ends here.
bool JournalReader::State::checkLink(const Held& found) {
  if (!held) {
    auto header = headerFrom(found.record);
    if (!header || found.record.prev != firstPrev()) {
      damage(1, found.offset, header ? "has a record before the first" : header.error().message);
      return false;
    }
    report.header = std::move(*header);
    return true;
  }
  if (found.record.prev != held->sha256) {
    auto isHeldSigned = head && head->seq == held->record.seq && head->sha256 == held->sha256;
    if (isHeldSigned || witnessOf(found) == Witness::Against) {
      damage(found.record.seq, found.offset, "is not chained to the record before it");
    } else {
      // Without a witness either may have been changed; the earlier one is not given out.
      damage(held->record.seq, held->offset, "is not what the record after it was chained to");
      held.reset();
    }
    return false;
  }
  if (held->record.type == journalClosed) {
    damage(found.record.seq, found.offset, "follows the journal's end");
    return false;
  }
  return true;
}

// Notes what a good record says about the journal.
void JournalReader::State::take(const Record& record) {
  if (record.type == journalOpened || record.type == journalContinued) {
    auto key = textAt(record.data, "key");
    report.signers.push_back(key);
    if (head && record.seq <= head->seq)
      headKey = key;
  }
  if (record.type == journalClosed) {
    report.isClosed = true;
    report.result = textAt(record.data, "result");
  }
}

// Gives out the held record, unless the head says that another one stood there.
std::optional<Record> JournalReader::State::give() {
  if (!held)
    return {};
  auto good = std::move(*held);
  held.reset();
  take(good.record);
  if (head && head->seq == good.record.seq) {
    auto isSigned = head->isSignedBy(headKey);
    if (isSigned && head->sha256 != good.sha256) {
      isDone = true;
      raise(JournalVerdict::HeadMismatch, "is not the record that the signed head names", good.record.seq,
            good.offset);
      report.isClosed = false;
      return {};
    }
    if (isSigned)
      report.confirmed = good.record.seq;
  }
  report.records = good.record.seq;
  report.end = good.end;
  report.sha256 = good.sha256;
  return std::move(good.record);
}

std::optional<Record> JournalReader::State::next() {
  while (!isDone) {
    Line line;
    if (!lines.next(line)) {
      isDone = true;
      if (lines.error() != 0)
        damage(report.records + (held ? 2 : 1), line.offset,
               std::string("cannot be read: ") + std::strerror(lines.error()));
      break;
    }
    Held found;
    if (!check(line, found))
      break;
    auto good = give();
    if (!isDone)
      held = std::move(found);
    if (good)
      return good;
  }
  auto last = give();
  judgeHead();
  return last;
}

// Once all is read: what the head says of it.
void JournalReader::State::judgeHead() {
  if (held)
    return;
  if (report.records == 0 && report.verdict == JournalVerdict::Intact)
    raise(JournalVerdict::TornTail, "the file is empty", 1, 0);
  if (!hasHead) {
    raise(JournalVerdict::HeadUnsigned, "there is no signed head, so a cut tail would not show", 0, 0);
    return;
  }
  if (!report.signers.empty() && (!head || !head->isSignedBy(headKey))) {
    raise(JournalVerdict::BadSignature,
          head ? "the head is not what the journal's key signed" : "the head cannot be read", 0, 0);
    return;
  }
  if (head && head->seq > report.records)
    raise(JournalVerdict::HeadMismatch,
          "the signed head names record " + std::to_string(head->seq) + ", which is not there",
          report.records + 1, report.end);
}

Result<JournalReader> JournalReader::open(const std::string& path) {
  // The head first: it never names what is not in the journal yet, even if somebody writes meanwhile.
  std::optional<std::string> head;
  auto text = journal::readSmallFile(journal::headPathOf(path), maxHeadFile);
  if (text)
    head = std::move(*text);
  else if (text.error().kind == ErrorKind::Input)
    head = std::string();
  else if (text.error().kind != ErrorKind::NotFound)
    return failure(text.error());
  auto file = journal::openForReading(path);
  if (!file)
    return failure(file.error());
  return JournalReader(sourceOf(*file), std::move(head));
}

JournalReader::JournalReader(ByteSource source, std::optional<std::string> head)
    : m_state(std::make_unique<State>(std::move(source), head)) {}
JournalReader::JournalReader(JournalReader&&) noexcept = default;
JournalReader& JournalReader::operator=(JournalReader&&) noexcept = default;
JournalReader::~JournalReader() = default;

std::optional<Record> JournalReader::next() {
  return m_state->next();
}
const JournalReport& JournalReader::report() const {
  return m_state->report;
}

Result<JournalReport> verifyJournal(const std::string& path) {
  auto reader = JournalReader::open(path);
  if (!reader)
    return failure(reader.error());
  while (reader->next()) {
  }
  return reader->report();
}

} // namespace ratdeck
