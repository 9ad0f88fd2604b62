// Damage of every kind, against the verifying reader; the plain reader is the control that must miss it.
#include "journal_fixture.h"

#include "tests/support/manual_clock.h"

#include <QtTest>
#include <set>

using namespace ratdeck;
using namespace ratdeck::journaltest;

namespace {

// Of an unoptimised build a fiftieth is as long as a tenth of an optimised one.
#ifdef NDEBUG
constexpr unsigned share = 10;
#else
constexpr unsigned share = 50;
#endif

// Positions 0 … size-1: all at full size, else a seeded share of them.
std::vector<size_t> positions(size_t size, Random& random) {
  std::vector<size_t> chosen;
  for (size_t i = 0; i < size; ++i)
    if (isFullSize() || random() % share == 0)
      chosen.push_back(i);
  return chosen;
}

bool isPrefix(const std::vector<Record>& part, const std::vector<Record>& whole, size_t size) {
  return part.size() == size && size <= whole.size() && std::equal(part.begin(), part.end(), whole.begin());
}

std::string line(const Image& image, size_t index) {
  return image.bytes.substr(image.begins[index], image.begins[index + 1] - image.begins[index]);
}

std::string context(const Reading& reading, size_t at) {
  return "at " + std::to_string(at) + ": " + reading.report.toString() + ", given " +
         std::to_string(reading.records.size());
}

} // namespace

class JournalReaderTest : public QObject {
  Q_OBJECT

private:
  Random m_random;
  Image m_closed, m_open;

  void expect(const std::string& bytes, const Image& image, JournalVerdict verdict, long long seq,
              const char* name) {
    auto reading = readAll(bytes, image.head);
    auto told = std::string(name) + ", " + context(reading, 0);
    QVERIFY2(reading.report.verdict == verdict, told.c_str());
    QVERIFY2(reading.report.seq == seq, told.c_str());
    QVERIFY2(reading.records.size() + 1 == static_cast<size_t>(seq), told.c_str());
    QVERIFY2(reading.report.offset == static_cast<long long>(image.begins[static_cast<size_t>(seq) - 1]),
             told.c_str());
  }

private Q_SLOTS:
  void initTestCase() {
    auto used = seed();
    qInfo("seed %llu", used);
    m_random.seed(used);
    m_closed = makeImage(16384, true);
    m_open = makeImage(65536, false, 1);
    QVERIFY(m_closed.records.size() > 20);
    QVERIFY(m_open.records.size() > 80);
  }

  void acceptsWhatWasWritten() {
    auto reading = readAll(m_closed.bytes, m_closed.head);
    QVERIFY2(reading.report.isIntact(), reading.report.toString().c_str());
    QVERIFY(reading.report.isClosed);
    QCOMPARE(QString::fromStdString(reading.report.result), QStringLiteral("succeeded"));
    QVERIFY(reading.records == m_closed.records);
    QCOMPARE(reading.report.confirmed, reading.report.records);
    QCOMPARE(reading.report.end, static_cast<long long>(m_closed.bytes.size()));
    QCOMPARE(QString::fromStdString(reading.report.header->project), QStringLiteral("rat"));
    QVERIFY(reading.report.unknownSigners({sampleKey().publicKey()}).empty());
    QCOMPARE(reading.report.unknownSigners({}).size(), size_t{1});
  }

  void namesTheLineOfEveryFlippedBit() {
    for (auto bit : positions(m_closed.bytes.size() * 8, m_random)) {
      auto bytes = m_closed.bytes;
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
      auto reading = readAll(bytes, m_closed.head);
      auto index = m_closed.lineAt(bit / 8);
      auto told = context(reading, bit / 8);
      QVERIFY2(reading.report.verdict >= JournalVerdict::HeadMismatch, told.c_str());
      QVERIFY2(reading.report.seq == static_cast<long long>(index) + 1, told.c_str());
      QVERIFY2(reading.report.offset == static_cast<long long>(m_closed.begins[index]), told.c_str());
      QVERIFY2(isPrefix(reading.records, m_closed.records, index), told.c_str());
      QVERIFY2(!reading.report.isClosed, told.c_str());
    }
  }

  // The one blind spot of a chain: its last line while no head names it. It is said to be unconfirmed.
  void withoutAHeadOnlyTheLastLineIsUnconfirmed() {
    auto last = m_open.begins[m_open.begins.size() - 2];
    for (auto at : positions(m_open.bytes.size(), m_random)) {
      auto bytes = m_open.bytes;
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << (m_random() % 8)));
      if (!isFullSize() && at < last && m_random() % 20 != 0)
        continue;
      auto reading = readAll(bytes, m_open.head);
      auto told = context(reading, at);
      if (at < last)
        QVERIFY2(reading.report.seq == static_cast<long long>(m_open.lineAt(at)) + 1, told.c_str());
      QVERIFY2(at >= last || !reading.report.isIntact(), told.c_str());
      QVERIFY2(reading.report.confirmed < static_cast<long long>(m_open.records.size()), told.c_str());
    }
  }

  void recoversEveryCompleteRecordOfATruncatedJournal() {
    std::set<size_t> boundaries(m_open.begins.begin(), m_open.begins.end());
    for (auto size : positions(m_open.bytes.size(), m_random)) {
      auto reading = readAll(m_open.bytes.substr(0, size), m_open.head);
      auto whole = m_open.lineAt(size);
      auto told = context(reading, size);
      QVERIFY2(isPrefix(reading.records, m_open.records, whole), told.c_str());
      auto expected = whole == 0               ? JournalVerdict::HeadMismatch
                      : boundaries.count(size) ? JournalVerdict::Intact
                                               : JournalVerdict::TornTail;
      QVERIFY2(reading.report.verdict == expected, told.c_str());
      QVERIFY2(reading.report.end == static_cast<long long>(m_open.begins[whole]), told.c_str());
      QVERIFY2(expected != JournalVerdict::TornTail || reading.report.offset == reading.report.end,
               told.c_str());
      QVERIFY2(reading.report.end + reading.report.tornBytes == static_cast<long long>(size), told.c_str());
    }
  }

  void seesEveryCutOfAClosedJournal() {
    for (auto size : positions(m_closed.bytes.size(), m_random)) {
      auto reading = readAll(m_closed.bytes.substr(0, size), m_closed.head);
      QVERIFY2(reading.report.verdict == JournalVerdict::HeadMismatch, context(reading, size).c_str());
      QVERIFY2(isPrefix(reading.records, m_closed.records, m_closed.lineAt(size)),
               context(reading, size).c_str());
    }
  }

  void namesSwappedDoubledDroppedAndInsertedRecordsWhichAPlainReaderAccepts() {
    const auto& image = m_closed;
    auto lines = image.begins.size() - 1;
    for (size_t i = 1; i + 2 < lines; ++i) {
      auto before = image.bytes.substr(0, image.begins[i]);
      auto rest = image.bytes.substr(image.begins[i + 1]);
      auto swapped = before + line(image, i + 1) + line(image, i) + image.bytes.substr(image.begins[i + 2]);
      auto doubled = before + line(image, i) + line(image, i) + rest;
      auto dropped = before + rest;
      auto forged = image.records[i];
      forged.data["forged"] = true;
      auto inserted = before + *toLine(forged) + "\n" + line(image, i) + rest;
      auto replaced = before + *toLine(forged) + "\n" + rest;
      auto seq = static_cast<long long>(i) + 1;
      expect(swapped, image, JournalVerdict::Damaged, seq, "swapped");
      expect(doubled, image, JournalVerdict::Damaged, seq + 1, "doubled");
      expect(dropped, image, JournalVerdict::Damaged, seq, "dropped");
      expect(replaced, image, JournalVerdict::Damaged, seq, "replaced");
      if (QTest::currentTestFailed())
        return;
      auto reading = readAll(inserted, image.head);
      QVERIFY2(reading.report.verdict == JournalVerdict::Damaged, context(reading, i).c_str());
      // The control: without the chain nothing is noticed.
      for (const auto& bytes : {swapped, doubled, dropped, inserted, replaced})
        QVERIFY(readWithoutChecks(bytes) >= static_cast<long long>(lines) - 1);
    }
  }

  // Somebody who rewrites the whole chain behind a change cannot sign the head.
  void seesARewrittenChain() {
    auto image = m_closed;
    image.records[3].data["forged"] = true;
    std::string bytes, last;
    auto prev = firstPrev();
    for (auto record : image.records) {
      record.prev = prev;
      last = *toLine(record);
      prev = readAll(bytes + last + "\n", {}).report.sha256;
      bytes += last + "\n";
    }
    QVERIFY(readAll(bytes, {}).report.verdict ==
            JournalVerdict::HeadUnsigned); // the control: no head, not seen
    auto reading = readAll(bytes, image.head);
    QVERIFY2(reading.report.verdict == JournalVerdict::HeadMismatch, context(reading, 0).c_str());
    auto other = SigningKey::makeUnkept();
    auto head = makeHead(static_cast<long long>(image.records.size()), prev, *other);
    QVERIFY(readAll(bytes, *head).report.verdict == JournalVerdict::BadSignature);
  }

  void seesEveryFlippedBitOfTheHead() {
    for (size_t bit = 0; bit < m_closed.head->size() * 8; ++bit) {
      auto head = *m_closed.head;
      head[bit / 8] = static_cast<char>(head[bit / 8] ^ (1 << (bit % 8)));
      auto reading = readAll(m_closed.bytes, head);
      QVERIFY2(reading.report.verdict == JournalVerdict::BadSignature, context(reading, bit / 8).c_str());
      QVERIFY(reading.records == m_closed.records);
    }
  }

  void namesZeroedSectors() {
    for (size_t sector : {size_t{512}, size_t{4096}})
      for (const auto* image : {&m_closed, &m_open})
        for (size_t at = 0; at < image->bytes.size(); at += sector) {
          auto bytes = image->bytes;
          auto size = std::min(sector, bytes.size() - at);
          bytes.replace(at, size, size, '\0');
          auto reading = readAll(bytes, image->head);
          auto told = context(reading, at);
          auto index = image->lineAt(at);
          QVERIFY2(!reading.report.isIntact(), told.c_str());
          QVERIFY2(isPrefix(reading.records, image->records, index), told.c_str());
          auto isAtEnd = image->lineAt(at + size - 1) + 2 == image->begins.size();
          if (!isAtEnd)
            QVERIFY2(reading.report.verdict == JournalVerdict::Damaged, told.c_str());
          QVERIFY2(reading.report.seq == static_cast<long long>(index) + 1, told.c_str());
        }
  }

  void readsUpToALineThatIsTooLongInBoundedMemory() {
    auto bytes = m_open.bytes + std::string(maxRecordLine + 5, 'x') + "\n" + "{}\n";
    auto reading = readAll(bytes, m_open.head);
    QVERIFY(reading.report.verdict == JournalVerdict::Damaged);
    QVERIFY(reading.records == m_open.records);
    QCOMPARE(reading.report.offset, static_cast<long long>(m_open.bytes.size()));
  }

  void refusesWhatFollowsTheEnd() {
    Record record = recordAt({}, "GatePassed", Json::object());
    record.seq = static_cast<long long>(m_closed.records.size()) + 1;
    record.prev = readAll(m_closed.bytes, m_closed.head).report.sha256;
    auto reading = readAll(m_closed.bytes + *toLine(record) + "\n", m_closed.head);
    QVERIFY(reading.report.verdict == JournalVerdict::Damaged);
    QCOMPARE(reading.report.seq, record.seq);
  }

  void neverCrashesOnArbitraryBytes() {
    for (int run = 0; run < (isFullSize() ? 20000 : 2000); ++run) {
      auto bytes = m_closed.bytes.substr(0, m_random() % 4096);
      for (auto n = m_random() % 40; n > 0 && !bytes.empty(); --n)
        bytes[m_random() % bytes.size()] = static_cast<char>(m_random());
      auto reading = readAll(bytes, m_closed.head);
      auto given = reading.records.size();
      QVERIFY(given <= m_closed.records.size());
      QVERIFY(given < 2 ||
              isPrefix({reading.records.begin(), reading.records.end() - 1}, m_closed.records, given - 1));
    }
  }

  void namesAnotherFormat() {
    auto bytes = m_closed.bytes;
    bytes.replace(bytes.find("ratdeck.journal/1"), 17, "ratdeck.journal/9");
    auto reading = readAll(bytes, m_closed.head);
    QVERIFY(reading.report.what.find("ratdeck.journal/9") != std::string::npos);
  }
};

QTEST_GUILESS_MAIN(JournalReaderTest)
#include "tst_journal_reader.moc"
