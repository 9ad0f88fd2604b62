// A journal that an engine left behind is taken over, or refused with the reason and left as it is.
#include "journal_fixture.h"

#include "core/base/file.h"
#include "core/journal/recovery.h"
#include "tests/support/manual_clock.h"

#include <filesystem>
#include <fstream>
#include <QTemporaryDir>
#include <QtTest>
#include <sys/wait.h>
#include <unistd.h>

using namespace ratdeck;
using namespace ratdeck::journaltest;

namespace {

std::string contentOf(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

class JournalRecoveryTest : public QObject {
  Q_OBJECT

private:
  Random m_random;
  QTemporaryDir m_dir;
  ManualClock m_clock;
  Image m_open;
  int m_name = 0;

  std::string freshPath() { return m_dir.path().toStdString() + "/" + std::to_string(++m_name) + ".ratlog"; }

  std::string put(const std::string& bytes, const std::optional<std::string>& head) {
    auto path = freshPath();
    std::ofstream(path, std::ios::binary) << bytes;
    if (head)
      std::ofstream(path + ".head", std::ios::binary) << *head;
    return path;
  }

  void checkRefused(const std::string& bytes, const std::optional<std::string>& head, const char* why) {
    auto path = put(bytes, head);
    auto recovered = recoverJournal(path, "boot", sampleKey(), m_clock);
    QVERIFY2(!recovered, why);
    QVERIFY2(recovered.error().kind == ErrorKind::Refused, recovered.error().toString().c_str());
    QVERIFY2(!recovered.error().next.empty(), why);
    QVERIFY2(contentOf(path) == bytes, why);
    QVERIFY2(!std::filesystem::exists(path + ".torn-1"), why);
    QVERIFY2(!journal::hasWriter(path), why);
  }

private Q_SLOTS:
  void initTestCase() {
    auto used = seed();
    qInfo("seed %llu", used);
    m_random.seed(used);
    m_open = makeImage(16384, false, 1);
  }

  void goesOnBehindAnyTruncation() {
    std::set<size_t> sizes;
    for (auto begin : m_open.begins)
      for (auto size : {begin - 1, begin, begin + 1})
        if (size >= m_open.begins[1] && size < m_open.bytes.size())
          sizes.insert(size);
    while (sizes.size() < (isFullSize() ? 4000u : 300u))
      sizes.insert(m_open.begins[1] + m_random() % (m_open.bytes.size() - m_open.begins[1]));
    for (auto size : sizes) {
      auto path = put(m_open.bytes.substr(0, size), m_open.head);
      auto whole = m_open.lineAt(size);
      auto tail = size - m_open.begins[whole];
      auto told = std::to_string(size);
      auto recovered = recoverJournal(path, "boot-2", sampleKey(), m_clock);
      QVERIFY2(recovered.has_value(), recovered ? "" : recovered.error().toString().c_str());
      QVERIFY2(recovered->records.size() == whole, told.c_str());
      QVERIFY2(std::equal(recovered->records.begin(), recovered->records.end(), m_open.records.begin()),
               told.c_str());
      QVERIFY2(recovered->tornFile.empty() == (tail == 0), told.c_str());
      if (tail > 0)
        QCOMPARE(contentOf(recovered->tornFile), m_open.bytes.substr(m_open.begins[whole], tail));
      QCOMPARE(recovered->writer.acknowledged(), static_cast<long long>(whole) + 1);
      QVERIFY(recovered->writer.append({recordAt(m_clock.now(), "GatePassed", Json::object())},
                                       Durability::Sync));
      QVERIFY(recovered->writer.close("succeeded").has_value());
      auto report = verifyJournal(path);
      QVERIFY2(report->isIntact() && report->isClosed, report->toString().c_str());
      QCOMPARE(report->records, static_cast<long long>(whole) + 3);
      QVERIFY2(contentOf(path).starts_with(m_open.bytes.substr(0, m_open.begins[whole])), told.c_str());
    }
  }

  void keepsEveryTornTailOfItsOwn() {
    auto path = put(m_open.bytes + "{\"seq\":", m_open.head);
    QVERIFY(writeFile(path + ".torn-1", "an earlier one").has_value());
    auto recovered = recoverJournal(path, "boot", sampleKey(), m_clock);
    QVERIFY(recovered && recovered->tornFile == path + ".torn-2");
    QCOMPARE(contentOf(path + ".torn-1"), std::string("an earlier one"));
  }

  void refusesWhatItCannotTrust() {
    auto closed = makeImage(4096, true);
    checkRefused(closed.bytes, closed.head, "closed");
    checkRefused("", {}, "empty");
    checkRefused(m_open.bytes.substr(0, 20), {}, "half a header");
    auto flipped = m_open.bytes;
    flipped[flipped.size() / 2] ^= 1;
    checkRefused(flipped, m_open.head, "damaged in the middle");
    auto covered = makeImage(4096, false);
    checkRefused(covered.bytes.substr(0, covered.begins[covered.begins.size() - 2]), covered.head,
                 "cut tail");
    checkRefused(covered.bytes.substr(0, covered.bytes.size() - 3), covered.head, "torn below the head");
    auto head = *covered.head;
    head[head.size() - 10] = head[head.size() - 10] == 'a' ? 'b' : 'a';
    checkRefused(covered.bytes, head, "head not signed by the key");
    auto holed = m_open.bytes;
    holed.replace(5000, 512, 512, '\0');
    checkRefused(holed, m_open.head, "a hole");
  }

  void resumesAnUnsignedOne() {
    auto path = put(m_open.bytes, {});
    auto recovered = recoverJournal(path, "boot", sampleKey(), m_clock);
    QVERIFY(recovered.has_value());
    QVERIFY(recovered->report.verdict == JournalVerdict::HeadUnsigned);
    QVERIFY(verifyJournal(path)->isIntact());
  }

  // Another user's key or another machine's: the head is then signed by who continued.
  void anotherKeyGoesOnUnderItsOwnName() {
    auto path = put(m_open.bytes, m_open.head);
    auto other = *SigningKey::makeUnkept();
    auto recovered = recoverJournal(path, "boot", other, m_clock);
    QVERIFY(recovered.has_value());
    QVERIFY(recovered->writer.close("aborted").has_value());
    auto report = verifyJournal(path);
    QVERIFY2(report->isIntact(), report->toString().c_str());
    QVERIFY((report->signers == std::vector<std::string>{sampleKey().publicKey(), other.publicKey()}));
    QVERIFY(
        (report->unknownSigners({sampleKey().publicKey()}) == std::vector<std::string>{other.publicKey()}));
  }

  // The real thing: a process that appends as fast as it can is killed, again and again, on one journal.
  void losesNothingToRealKills() {
    auto path = freshPath();
    for (int round = 0; round < 12; ++round) {
      int ends[2];
      QVERIFY(::pipe(ends) == 0);
      auto child = ::fork();
      if (child == 0)
        appendUntilKilled(path, round, ends[1]);
      ::close(ends[1]);
      auto wanted = static_cast<int>(m_random() % 60);
      long long acknowledged = 0;
      for (int i = 0; i <= wanted; ++i)
        QVERIFY(::read(ends[0], &acknowledged, sizeof acknowledged) == sizeof acknowledged);
      ::kill(child, SIGKILL);
      int status = 0;
      QVERIFY(::waitpid(child, &status, 0) == child && WIFSIGNALED(status));
      while (::read(ends[0], &acknowledged, sizeof acknowledged) == sizeof acknowledged) {
      }
      ::close(ends[0]);
      auto report = verifyJournal(path);
      QVERIFY2(report->verdict <= JournalVerdict::TornTail, report->toString().c_str());
      QVERIFY2(report->records >= acknowledged, report->toString().c_str());
    }
    auto recovered = recoverJournal(path, "boot", sampleKey(), m_clock);
    QVERIFY(recovered.has_value());
    QVERIFY(recovered->writer.close("aborted").has_value());
    QVERIFY(verifyJournal(path)->isIntact());
  }

private:
  // In the child: reports each acknowledged sequence number.
  [[noreturn]] static void appendUntilKilled(const std::string& path, int round, int report) {
    SystemClock clock;
    std::optional<JournalWriter> writer;
    if (round == 0) {
      if (auto made = JournalWriter::create(path, sampleHeader(), sampleKey(), clock))
        writer = std::move(*made);
    } else if (auto recovered = recoverJournal(path, "boot", sampleKey(), clock)) {
      writer = std::move(recovered->writer);
    }
    for (int i = 0; writer && i < 1000000; ++i) {
      auto text = std::string(static_cast<size_t>(i * 37 % 9000), 'x');
      if (!writer->append({recordAt(clock.now(), "Sampled", {{"text", text}})}, Durability::Sync))
        break;
      auto acknowledged = writer->acknowledged();
      if (::write(report, &acknowledged, sizeof acknowledged) != sizeof acknowledged)
        break;
    }
    ::_exit(1);
  }
};

QTEST_GUILESS_MAIN(JournalRecoveryTest)
#include "tst_journal_recovery.moc"
