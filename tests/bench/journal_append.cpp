// Durable appends a second: what the journal lets an engine decide. One record a call, and in groups of
// fifty.
//     journal_append [FOLDER]     the folder decides which disk is measured; default: the working folder
#include "core/journal/reader.h"
#include "core/journal/writer.h"

#include <cstdio>
#include <filesystem>
#include <string>

using namespace ratdeck;

namespace {

constexpr Duration measured = std::chrono::seconds(3);
constexpr size_t groupSize = 50;

Record sample(const Clock& clock) {
  Record record;
  record.at = clock.now();
  record.type = "GatePassed";
  record.data = {{"service", "ratd"}, {"instance", "rat-ratd-2"}, {"detail", {{"took_s", 1.25}}}};
  return record;
}

// Records a second; negative where the disk refused.
double rate(JournalWriter& writer, const Clock& clock, size_t batch) {
  auto begin = clock.now().boot;
  auto first = writer.acknowledged();
  std::vector<Record> records(batch);
  while (clock.now().boot - begin < measured) {
    for (auto& record : records)
      record = sample(clock);
    if (!writer.append(records, Durability::Sync))
      return -1;
  }
  std::chrono::duration<double> took = clock.now().boot - begin;
  return static_cast<double>(writer.acknowledged() - first) / took.count();
}

} // namespace

int main(int argc, char** argv) {
  SystemClock clock;
  auto path = std::string(argc > 1 ? argv[1] : ".") + "/journal_append.ratlog";
  auto key = SigningKey::makeUnkept();
  JournalHeader header;
  header.rollout = RolloutId("bench");
  auto writer =
      key ? JournalWriter::create(path, header, *key, clock) : Result<JournalWriter>(failure(key.error()));
  if (!writer) {
    std::fprintf(stderr, "journal_append: %s\n", writer.error().toString().c_str());
    return 1;
  }
  auto single = rate(*writer, clock, 1);
  auto grouped = rate(*writer, clock, groupSize);
  auto closed = writer->close("succeeded");
  auto begin = clock.now().boot;
  auto report = verifyJournal(path);
  std::chrono::duration<double> verifying = clock.now().boot - begin;
  std::filesystem::remove(path);
  std::filesystem::remove(path + ".head");
  if (single < 0 || grouped < 0 || !closed || !report || !report->isIntact()) {
    std::fprintf(stderr, "journal_append: the journal could not be written and read back\n");
    return 1;
  }
  std::printf("durable appends, one by one       %8.0f records/s\n", single);
  std::printf("durable appends, groups of %zu     %8.0f records/s\n", groupSize, grouped);
  std::printf("verified reading                  %8.0f records/s (%lld records, %.1f MB)\n",
              static_cast<double>(report->records) / verifying.count(), report->records,
              static_cast<double>(report->end) / 1e6);
  return 0;
}
