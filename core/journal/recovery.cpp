#include "core/journal/recovery.h"

namespace ratdeck {

Status checkResumable(const JournalReport& report, const std::string& path) {
  auto refused = [&](const std::string& message, const std::string& next) -> Status {
    return failure(ErrorKind::Refused, message, next, {path});
  };
  switch (report.verdict) {
  case JournalVerdict::Damaged:
    return refused("the journal is " + report.toString(),
                   "replay shows it up to there; bring the old version back with a new rollout");
  case JournalVerdict::HeadMismatch:
    return refused("the journal has lost records it had acknowledged (" + report.toString() + ")",
                   "bring the old version back with a new rollout");
  case JournalVerdict::BadSignature:
    return refused("the journal's signed head cannot be trusted (" + report.what + ")",
                   "if you trust the journal itself, move " + journal::headPathOf(path) +
                       " away and resume again");
  case JournalVerdict::Intact:
  case JournalVerdict::HeadUnsigned:
  case JournalVerdict::TornTail:
    break;
  }
  if (report.records == 0)
    return refused("the journal was never begun: it holds no whole record", "remove it; nothing was done");
  if (report.isClosed)
    return refused("the rollout is over (" + report.result + ")", "start a new one, or replay this one");
  return Done{};
}

Result<RecoveredJournal> recoverJournal(const std::string& path, const std::string& bootId,
                                        const SigningKey& key, const Clock& clock) {
  auto file = journal::openJournalFile(path);
  if (!file)
    return failure(file.error());
  auto reader = JournalReader::open(path);
  if (!reader)
    return failure(reader.error());
  std::vector<Record> records;
  while (auto record = reader->next())
    records.push_back(std::move(*record));
  const auto& report = reader->report();
  if (auto resumable = checkResumable(report, path); !resumable)
    return failure(resumable.error());

  Json continued{{"boot_id", bootId}};
  std::string tornFile;
  if (report.tornBytes > 0) {
    auto saved = journal::saveTail(path, report.end);
    if (!saved)
      return failure(saved.error());
    tornFile = *saved;
    continued["torn"] = {{"offset", report.end}, {"bytes", report.tornBytes}};
  }
  auto header = *report.header;
  auto writer = JournalWriter::resume(std::move(*file), path,
                                      {report.end, report.records, report.sha256, header.rollout.value},
                                      std::move(continued), key, clock);
  if (!writer)
    return failure(writer.error());
  return RecoveredJournal{std::move(header), std::move(records), report, std::move(tornFile),
                          std::move(*writer)};
}

} // namespace ratdeck
