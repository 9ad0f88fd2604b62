// Durability: what is acknowledged is on the disk, whatever the disk does.
#include "journal_fixture.h"

#include "core/journal/recovery.h"
#include "tests/support/manual_clock.h"

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <QDir>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QtTest>
#include <sys/stat.h>
#include <unistd.h>

using namespace ratdeck;
using namespace ratdeck::journaltest;
using namespace std::chrono_literals;

namespace {

Record numbered(const Clock& clock, int number) {
  return recordAt(clock.now(), "RunsObserved",
                  {{"number", number}, {"text", std::string(static_cast<size_t>(number % 7) * 40, 'r')}});
}

std::vector<int> numbersIn(const std::vector<Record>& records) {
  std::vector<int> numbers;
  for (const auto& record : records)
    if (record.type == "RunsObserved")
      numbers.push_back(static_cast<int>(integerAt(record.data, "number")));
  return numbers;
}

std::string contentOf(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// One run over a failing disk: what was acknowledged and what was refused for good.
struct Run {
  std::vector<int> acknowledged, refused;
  bool isClosed = false;
};

// Appends 24 records in the two ways, tries a refused one `tries` times, and closes.
Run runOver(const std::shared_ptr<Disk>& disk, ManualClock& clock, int tries) {
  Run run;
  auto writer = JournalWriter::create(portOf(disk), "memory", sampleHeader(), sampleKey(), clock);
  if (!writer)
    return run;
  std::vector<std::pair<long long, int>> waiting;
  auto collect = [&] {
    std::erase_if(waiting, [&](const auto& one) {
      if (one.first > writer->acknowledged())
        return false;
      run.acknowledged.push_back(one.second);
      return true;
    });
  };
  for (int number = 1; number <= 24; ++number) {
    clock.advance(300ms);
    auto isGroup = number % 3 == 0;
    auto left = tries;
    auto range = writer->append({numbered(clock, number)}, isGroup ? Durability::Group : Durability::Sync);
    while (!range && --left > 0)
      range = writer->append({numbered(clock, number)}, isGroup ? Durability::Group : Durability::Sync);
    if (range)
      waiting.emplace_back(range->last, number);
    else
      run.refused.push_back(number);
    collect();
    if (number % 4 == 0)
      for (left = tries; left > 0 && !writer->flush(); --left) {
      }
    collect();
  }
  for (; tries > 0 && !run.isClosed; --tries)
    run.isClosed = writer->close("succeeded").has_value();
  collect();
  return run;
}

} // namespace

class JournalWriterTest : public QObject {
  Q_OBJECT

private:
  Random m_random;
  QTemporaryDir m_dir;
  int m_name = 0;

  std::string freshPath() {
    return m_dir.path().toStdString() + "/0f3a/" + std::to_string(++m_name) + ".ratlog";
  }

  // Every acknowledged record stands in what is left, in order and once, and reading tells of nothing worse
  // than an unfinished write.
  void checkImage(const std::string& bytes, const std::optional<std::string>& head, const Run& run,
                  bool mayHaveHoles, const std::string& what) {
    auto reading = readAll(bytes, head);
    auto numbers = numbersIn(reading.records);
    auto told = what + ": " + reading.report.toString();
    QVERIFY2(numbers.size() >= run.acknowledged.size(), told.c_str());
    QVERIFY2(std::equal(run.acknowledged.begin(), run.acknowledged.end(), numbers.begin()), told.c_str());
    QVERIFY2(std::is_sorted(numbers.begin(), numbers.end()), told.c_str());
    QVERIFY2(std::adjacent_find(numbers.begin(), numbers.end()) == numbers.end(), told.c_str());
    QVERIFY2(run.acknowledged.empty() || mayHaveHoles || reading.report.verdict <= JournalVerdict::TornTail,
             told.c_str());
    QVERIFY2(!run.isClosed || reading.report.isClosed, told.c_str());
  }

private Q_SLOTS:
  void initTestCase() {
    auto used = seed();
    qInfo("seed %llu", used);
    m_random.seed(used);
    QVERIFY(m_dir.isValid());
  }

  void readsBackRandomRecordsInRandomBatches() {
    ManualClock clock;
    for (int run = 0; run < 5; ++run) {
      auto path = freshPath();
      auto writer = JournalWriter::create(path, sampleHeader(), sampleKey(), clock);
      QVERIFY2(writer.has_value(), writer ? "" : writer.error().toString().c_str());
      std::vector<Record> written;
      while (written.size() < 200) {
        clock.advance(Duration(m_random() % 700000000));
        std::vector<Record> batch(m_random() % 5);
        for (auto& record : batch)
          record = randomRecord(m_random, clock.now());
        auto range = writer->append(batch, m_random() % 2 ? Durability::Sync : Durability::Group);
        QVERIFY(range.has_value());
        QCOMPARE(range->last - range->first + 1, static_cast<long long>(batch.size()));
        QCOMPARE(range->last, writer->appended());
        written.insert(written.end(), batch.begin(), batch.end());
        if (m_random() % 10 == 0)
          QVERIFY(writer->flush().has_value());
      }
      QVERIFY(writer->close("rolled_back").has_value());
      auto reader = JournalReader::open(path);
      auto first = reader->next();
      QVERIFY(first && first->type == journalOpened);
      for (size_t i = 0; i < written.size(); ++i) {
        auto record = reader->next();
        QVERIFY(record.has_value());
        QCOMPARE(record->seq, static_cast<long long>(i) + 2);
        QVERIFY(record->at == written[i].at && record->type == written[i].type &&
                record->data == written[i].data);
      }
      QVERIFY(reader->next()->type == journalClosed);
      QVERIFY(!reader->next() && reader->report().isIntact());
      QVERIFY(!writer->append({numbered(clock, 1)}, Durability::Sync));
      QVERIFY(!writer->close("again"));
    }
  }

  void makesFilesThatAreForThisUserAlone() {
    ManualClock clock;
    auto path = freshPath();
    auto mask = ::umask(0);
    auto writer = JournalWriter::create(path, sampleHeader(), sampleKey(), clock);
    ::umask(mask);
    QVERIFY(writer.has_value());
    for (const auto& file : {path, path + ".head"}) {
      struct stat info {};
      QVERIFY(::lstat(file.c_str(), &info) == 0);
      QCOMPARE(static_cast<unsigned>(info.st_mode & 07777), 0600u);
    }
    auto seen = 0;
    for (const auto& entry :
         QDir(QStringLiteral("/proc/self/fd")).entryInfoList(QDir::System | QDir::Files)) {
      if (entry.symLinkTarget().toStdString() != path)
        continue;
      ++seen;
      QVERIFY(::fcntl(entry.fileName().toInt(), F_GETFD) & FD_CLOEXEC);
    }
    QCOMPARE(seen, 1);
  }

  void refusesASecondWriter() {
    ManualClock clock;
    auto path = freshPath();
    {
      auto writer = JournalWriter::create(path, sampleHeader(), sampleKey(), clock);
      QVERIFY(writer.has_value());
      QVERIFY(journal::hasWriter(path));
      auto second = JournalWriter::create(path, sampleHeader(), sampleKey(), clock);
      QVERIFY(!second && second.error().kind == ErrorKind::Conflict);
      auto recovered = recoverJournal(path, "boot", sampleKey(), clock);
      QVERIFY(!recovered && recovered.error().kind == ErrorKind::Refused);
      // Neither attempt has hurt the first.
      QVERIFY(writer->append({numbered(clock, 1)}, Durability::Sync).has_value());
    }
    QVERIFY(!journal::hasWriter(path));
    QVERIFY(recoverJournal(path, "boot", sampleKey(), clock).has_value());
  }

  void followsNoLinks() {
    ManualClock clock;
    auto path = freshPath();
    auto target = freshPath();
    QVERIFY(JournalWriter::create(target, sampleHeader(), sampleKey(), clock).has_value());
    auto before = contentOf(target);
    QVERIFY(::symlink(target.c_str(), path.c_str()) == 0);
    QVERIFY(!JournalWriter::create(path, sampleHeader(), sampleKey(), clock));
    QVERIFY(!recoverJournal(path, "boot", sampleKey(), clock));
    auto reader = JournalReader::open(path);
    QVERIFY(!reader && reader.error().kind == ErrorKind::Input);
    // A planted head is replaced and its target left alone.
    auto third = freshPath();
    QVERIFY(::symlink(target.c_str(), (third + ".head").c_str()) == 0);
    QVERIFY(::symlink(target.c_str(), (third + ".head.new").c_str()) == 0);
    QVERIFY(JournalWriter::create(third, sampleHeader(), sampleKey(), clock).has_value());
    QCOMPARE(contentOf(target), before);
    QVERIFY(verifyJournal(third)->isIntact());
    auto fifo = freshPath();
    QVERIFY(::mkfifo(fifo.c_str(), 0600) == 0);
    QVERIFY(!JournalReader::open(fifo));
    QVERIFY(!recoverJournal(fifo, "boot", sampleKey(), clock));
  }

  void commitsTheGroupWithinFiftyMilliseconds() {
    ManualClock clock;
    auto disk = std::make_shared<Disk>();
    auto writer = JournalWriter::create(portOf(disk), "memory", sampleHeader(), sampleKey(), clock);
    QVERIFY(writer && !writer->nextFlush());
    clock.advance(10s);
    auto size = disk->cache.size();
    QVERIFY(writer->append({numbered(clock, 1)}, Durability::Group).has_value());
    QVERIFY(*writer->nextFlush() == clock.now().boot + groupCommitDelay);
    clock.advance(20ms);
    QVERIFY(writer->append({numbered(clock, 2), numbered(clock, 3)}, Durability::Group).has_value());
    QVERIFY(*writer->nextFlush() == clock.now().boot + groupCommitDelay - 20ms);
    QCOMPARE(writer->acknowledged(), 1LL);
    QCOMPARE(writer->appended(), 4LL);
    QCOMPARE(disk->cache.size(), size);
    auto calls = disk->calls;
    QVERIFY(writer->flush().has_value());
    QCOMPARE(writer->acknowledged(), 4LL);
    QCOMPARE(disk->synced, disk->cache);
    QCOMPARE(disk->calls, calls + 3); // one write, one sync, one head
    // A Sync record takes with it what waits, in order.
    QVERIFY(writer->append({numbered(clock, 4)}, Durability::Group).has_value());
    QVERIFY(writer->append({numbered(clock, 5)}, Durability::Sync).has_value());
    QCOMPARE(writer->acknowledged(), 6LL);
    QVERIFY((numbersIn(readAll(disk->synced, disk->head).records) == std::vector<int>{1, 2, 3, 4, 5}));
  }

  void signsTheHeadAtMostOnceASecond() {
    ManualClock clock;
    auto disk = std::make_shared<Disk>();
    auto writer = JournalWriter::create(portOf(disk), "memory", sampleHeader(), sampleKey(), clock);
    auto heads = 0;
    auto last = disk->head;
    for (int i = 0; i < 100; ++i) {
      clock.advance(100ms);
      QVERIFY(writer->append({numbered(clock, i)}, Durability::Sync).has_value());
      heads += disk->head != last ? 1 : 0;
      last = disk->head;
    }
    QCOMPARE(heads, 10);
    QVERIFY(writer->append({numbered(clock, 100)}, Durability::Sync).has_value());
    auto due = writer->nextFlush();
    QVERIFY(due && *due <= clock.now().boot + headInterval);
    clock.advance(headInterval);
    QVERIFY(writer->flush().has_value());
    QVERIFY(!writer->nextFlush());
    QCOMPARE(readAll(disk->cache, disk->head).report.confirmed, writer->acknowledged());
  }

  void losesNothingAcknowledgedWhicheverCallFails() {
    struct Case {
      Disk::Fault fault;
      bool staysBroken;
      int tries;
    };
    auto total = 0;
    for (auto one : {Case{Disk::Fault::NoSpace, false, 3}, Case{Disk::Fault::InputOutput, false, 3},
                     Case{Disk::Fault::ShortThenNoSpace, false, 3}, Case{Disk::Fault::ShortOnly, false, 1},
                     Case{Disk::Fault::ShortOnly, true, 1}, Case{Disk::Fault::NoSpace, true, 1},
                     Case{Disk::Fault::InputOutput, true, 1}, Case{Disk::Fault::InputOutput, false, 1},
                     Case{Disk::Fault::NoSpace, false, 1}}) {
      for (int n = 1;; ++n) {
        ManualClock clock;
        auto disk = std::make_shared<Disk>();
        disk->fault = one.fault;
        disk->failAt = n;
        disk->staysBroken = one.staysBroken;
        auto run = runOver(disk, clock, one.tries);
        if (disk->faults == 0)
          break;
        ++total;
        auto what = "fault " + std::to_string(static_cast<int>(one.fault)) + " at call " + std::to_string(n);
        checkImage(disk->cache, disk->head, run, false, what + ", killed");
        checkImage(disk->synced, disk->head, run, false, what + ", power cut");
        for (size_t sector : {size_t{512}, size_t{4096}})
          for (int i = 0; i < 4; ++i)
            checkImage(disk->afterPowerCut(m_random, sector), disk->head, run, true, what + ", torn");
        if (QTest::currentTestFailed())
          return;
        // An append that failed once was taken at the next try, and nothing is missing.
        if (one.tries > 1 && n > 3)
          QVERIFY2(run.refused.empty() && run.isClosed && run.acknowledged.size() == 24, what.c_str());
        if (!one.staysBroken && one.tries == 1) // a refused record is not there afterwards
          for (const auto& number : numbersIn(readAll(disk->cache, disk->head).records))
            QVERIFY2(std::count(run.refused.begin(), run.refused.end(), number) == 0, what.c_str());
      }
    }
    qInfo("%d runs with a fault", total);
    QVERIFY(total > 300);
  }

  // A record that was refused is gone at once: an engine killed at that moment must not find it as decided.
  void cutsARefusedRecordOffAtOnce() {
    for (auto fault : {Disk::Fault::NoSpace, Disk::Fault::InputOutput, Disk::Fault::ShortThenNoSpace})
      for (int call = 1; call <= 2; ++call) { // the write, the sync
        ManualClock clock;
        auto disk = std::make_shared<Disk>();
        auto writer = JournalWriter::create(portOf(disk), "memory", sampleHeader(), sampleKey(), clock);
        QVERIFY(writer->append({numbered(clock, 1)}, Durability::Sync).has_value());
        auto good = disk->cache;
        auto isRefused = [&](auto attempt) {
          disk->calls = 0;
          disk->fault = fault;
          disk->failAt = call;
          auto refused = !attempt();
          disk->fault = Disk::Fault::None;
          return refused && disk->cache == good && disk->synced == good;
        };
        auto text = std::string(500, 'x'); // longer than what is written after it
        auto refused = recordAt(clock.now(), "EffectFailed", {{"text", text}});
        QVERIFY(isRefused([&] { return writer->append({refused, refused}, Durability::Sync).has_value(); }));
        QVERIFY(isRefused([&] { return writer->close("succeeded").has_value(); }));
        QVERIFY(writer->append({numbered(clock, 2)}, Durability::Group).has_value());
        QVERIFY(isRefused([&] { return writer->flush().has_value(); }));
        QCOMPARE(writer->acknowledged(), 2LL);
        clock.advance(headInterval);
        QVERIFY(writer->append({numbered(clock, 3)}, Durability::Sync).has_value());
        auto reading = readAll(disk->synced, disk->head);
        QVERIFY2(reading.report.isIntact(), reading.report.toString().c_str());
        QVERIFY((numbersIn(reading.records) == std::vector<int>{1, 2, 3}));
      }
  }

  // The control of the tests above: what is appended and not acknowledged is lost by a power cut.
  void losesWhatWasNotSynced() {
    ManualClock clock;
    auto disk = std::make_shared<Disk>();
    auto writer = JournalWriter::create(portOf(disk), "memory", sampleHeader(), sampleKey(), clock);
    QVERIFY(writer->append({numbered(clock, 1)}, Durability::Group).has_value());
    QVERIFY(numbersIn(readAll(disk->synced, disk->head).records).empty());
  }

  void saysWhatToDoWhenTheDiskIsFull() {
    ManualClock clock;
    auto disk = std::make_shared<Disk>();
    auto writer = JournalWriter::create(portOf(disk), "X.ratlog", sampleHeader(), sampleKey(), clock);
    disk->fault = Disk::Fault::NoSpace;
    disk->failAt = 1;
    disk->staysBroken = true;
    auto refused = writer->append({numbered(clock, 1)}, Durability::Sync);
    QVERIFY(!refused);
    QVERIFY(refused.error().message.find("No space left") != std::string::npos);
    QVERIFY(refused.error().next.find("free some space") != std::string::npos);
    QCOMPARE(writer->appended(), 1LL);
    QVERIFY(writer->append({numbered(clock, 2)}, Durability::Group).has_value());
    QVERIFY(!writer->flush());
    QVERIFY(*writer->nextFlush() > clock.now().boot + groupCommitDelay); // no busy loop
    QVERIFY(!writer->append({recordAt(clock.now(), "Sampled", {{"text", std::string(maxRecordLine, 'x')}})},
                            Durability::Group));
    auto big = recordAt(clock.now(), "Sampled", {{"text", std::string(maxRecordLine - 1000, 'x')}});
    auto taken = 0;
    while (taken < 10 && writer->append({big}, Durability::Group))
      ++taken;
    QVERIFY(taken < 10); // what waits is bounded
    disk->staysBroken = false;
    QVERIFY(writer->flush().has_value());
    QCOMPARE(writer->acknowledged(), 2LL + taken);
  }

  void refusesRecordsOfItsOwnAndBatchesWithABadOne() {
    ManualClock clock;
    auto disk = std::make_shared<Disk>();
    auto writer = JournalWriter::create(portOf(disk), "memory", sampleHeader(), sampleKey(), clock);
    QVERIFY(!writer->append({recordAt(clock.now(), journalClosed, Json::object())}, Durability::Sync));
    auto bytes = disk->cache;
    QVERIFY(!writer->append({numbered(clock, 1), recordAt(clock.now(), "No!", Json::object())},
                            Durability::Sync));
    QVERIFY(!writer->append({numbered(clock, 1), recordAt(clock.now(), "No!", Json::object())},
                            Durability::Group));
    QVERIFY(!writer->nextFlush());
    QCOMPARE(disk->cache, bytes);
    QVERIFY(writer->append({}, Durability::Sync).has_value());
    QVERIFY(writer->append({numbered(clock, 2)}, Durability::Sync).has_value());
    QVERIFY(readAll(disk->cache, disk->head).report.isIntact());
  }

  void leavesNothingBehindWhereTheHeaderCannotBeWritten() {
    ManualClock clock;
    auto path = freshPath();
    auto header = sampleHeader();
    header.actor = std::string(maxRecordLine, 'x');
    QVERIFY(!JournalWriter::create(path, header, sampleKey(), clock));
    QVERIFY(!std::filesystem::exists(path));
  }

  void readsAHundredThousandRecordsQuickly() {
    ManualClock clock;
    auto path = freshPath();
    auto writer = JournalWriter::create(path, sampleHeader(), sampleKey(), clock);
    std::vector<Record> batch(1000);
    for (auto& record : batch)
      record = numbered(clock, 3);
    for (int i = 0; i < 100; ++i)
      QVERIFY(writer->append(batch, Durability::Sync).has_value());
    QVERIFY(writer->close("succeeded").has_value());
    QElapsedTimer timer;
    timer.start();
    auto report = verifyJournal(path);
    qInfo("%lld records, %lld bytes in %lld ms", report->records, report->end, timer.elapsed());
    QVERIFY(report->isIntact());
    QCOMPARE(report->records, 100002LL);
  }
};

QTEST_GUILESS_MAIN(JournalWriterTest)
#include "tst_journal_writer.moc"
