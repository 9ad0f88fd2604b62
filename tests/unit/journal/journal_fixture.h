// What the journal's tests share: sample records, journals as bytes in memory, a disk that fails, and a
// reader that checks nothing, for the controls.
#pragma once

#include "core/journal/reader.h"
#include "core/journal/writer.h"
#include "tests/support/size.h"

#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace ratdeck::journaltest {

using Random = std::mt19937_64;

// Printed, so that a failure can be had again: RATDECK_TEST_SEED=N.
unsigned long long seed();

Record recordAt(Instant at, const std::string& type, Json data);
// Any record that can be written: nested data, every kind of value, text beyond ASCII.
Record randomRecord(Random& random, Instant at);
JournalHeader sampleHeader(const std::string& rollout = "20260701-120000-beef");

// A disk as the journal sees it: what programs read (`cache`), what a power cut leaves (`synced`), and a
// fault at the n-th call. As in Linux, a sync that failed forgets what it should have written.
struct Disk {
  enum class Fault { None, NoSpace, InputOutput, ShortThenNoSpace, ShortOnly };
  std::string cache, synced;
  std::vector<bool> dirty;
  std::optional<std::string> head;
  Fault fault = Fault::None;
  int failAt = 0;           // the call, from 1; 0: never
  bool staysBroken = false; // every call from there on
  int calls = 0;
  int faults = 0;

  // What a power cut may leave: each sector of `size` bytes as written or as synced.
  std::string afterPowerCut(Random& random, size_t size) const;
  bool isFailing();
};

// The disk outlives the port.
std::unique_ptr<journal::FilePort> portOf(std::shared_ptr<Disk> disk);

// A journal in memory and where its lines begin.
struct Image {
  std::string bytes;
  std::optional<std::string> head;
  std::vector<Record> records;
  std::vector<size_t> begins;         // of each line, and the end
  size_t lineAt(size_t offset) const; // 0, 1, …
};
// Of at least `size` bytes; `headAt`: the record the head names, 0 = the last.
Image makeImage(size_t size, bool isClosed, long long headAt = 0);
Image imageOf(const std::string& bytes, std::optional<std::string> head);

struct Reading {
  std::vector<Record> records;
  JournalReport report;
};
Reading readAll(const std::string& bytes, const std::optional<std::string>& head);

// A reader of JSON Lines as anybody would write it, without chain and head: the number of records, -1 = it
// noticed.
long long readWithoutChecks(const std::string& bytes);

// The key of all samples.
const SigningKey& sampleKey();

} // namespace ratdeck::journaltest
