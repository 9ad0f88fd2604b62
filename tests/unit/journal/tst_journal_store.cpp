// The folder of journals.
#include "journal_fixture.h"

#include "core/base/file.h"
#include "core/journal/store.h"
#include "tests/support/manual_clock.h"

#include <fstream>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QtTest>
#include <sys/stat.h>
#include <unistd.h>

using namespace ratdeck;
using namespace ratdeck::journaltest;
using namespace std::chrono_literals;

namespace {

std::string idsOf(const Result<std::vector<JournalSummary>>& summaries) {
  std::string text;
  if (summaries)
    for (const auto& summary : *summaries)
      text += summary.stack + "/" + summary.header.rollout.value +
              (summary.isClosed ? " " + summary.result : "") + (summary.hasWriter ? " writing" : "") +
              (summary.isReadable() ? "" : "unreadable") + "; ";
  return text;
}

} // namespace

class JournalStoreTest : public QObject {
  Q_OBJECT

private:
  QTemporaryDir m_dir;
  ManualClock m_clock;

  JournalWriter write(const JournalStore& store, const std::string& stack, const std::string& rollout) {
    m_clock.advance(1h);
    auto header = sampleHeader(rollout);
    header.stack = stack;
    return *JournalWriter::create(*store.pathOf(stack, RolloutId(rollout)), header, sampleKey(), m_clock);
  }

private Q_SLOTS:
  void listsTheNewestFirstWithWhatBecameOfThem() {
    auto folder = m_dir.path().toStdString() + "/journals";
    JournalStore store(folder, m_clock);
    QVERIFY(store.list() && store.list()->empty()); // no folder yet
    QVERIFY(write(store, "aaaa", "20260101-000000-0001").close("succeeded").has_value());
    QVERIFY(write(store, "bbbb", "20260101-000000-0002").close("rolled_back").has_value());
    write(store, "aaaa", "20260102-000000-0003"); // left behind
    auto writing = write(store, "aaaa", "20260103-000000-0004");
    QVERIFY(writing.append({recordAt(m_clock.now(), "GatePassed", {{"text", std::string(70000, 'x')}})},
                           Durability::Sync));

    // What is no journal, or no longer one, hurts nobody.
    ::symlink((folder + "/aaaa/20260101-000000-0001.ratlog").c_str(),
              (folder + "/aaaa/20260109-000000-0009.ratlog").c_str());
    ::mkfifo((folder + "/aaaa/20260109-000000-0008.ratlog").c_str(), 0600);
    std::ofstream(folder + "/aaaa/20260104-000000-0005.ratlog") << "not a journal\n";
    std::ofstream(folder + "/bbbb/20260104-000000-0006.ratlog");
    std::ofstream(folder + "/notes.txt") << "x";

    QCOMPARE(idsOf(store.list()),
             std::string("aaaa/20260103-000000-0004 writing; aaaa/20260102-000000-0003; "
                         "bbbb/20260101-000000-0002 rolled_back; aaaa/20260101-000000-0001 succeeded; "
                         "bbbb/unreadable; aaaa/unreadable; "));
    QCOMPARE(idsOf(store.list("bbbb")),
             std::string("bbbb/20260101-000000-0002 rolled_back; bbbb/unreadable; "));
    QCOMPARE(idsOf(store.unfinished()), std::string("aaaa/20260102-000000-0003; "));
    QVERIFY(!store.list("../bbbb"));

    auto newest = store.list()->front();
    QCOMPARE(newest.records, 2LL);
    QCOMPARE(newest.header.project, std::string("rat"));
    QCOMPARE(newest.header.actor, std::string("uid 1000"));
    QCOMPARE(newest.header.changes.size(), size_t{2});
    QVERIFY(newest.started == m_clock.now().wall && newest.ended == m_clock.now().wall);
  }

  void findsByIdBeginningAndPath() {
    auto folder = m_dir.path().toStdString() + "/find";
    JournalStore store(folder, m_clock);
    write(store, "aaaa", "20260101-000000-0001");
    write(store, "bbbb", "20260101-000000-0002");
    write(store, "bbbb", "20260101-000000-00021");
    auto path = *store.pathOf("aaaa", RolloutId("20260101-000000-0001"));
    QCOMPARE(*store.find("20260101-000000-0001"), path);
    QCOMPARE(*store.find("20260101-000000-0002"), *store.pathOf("bbbb", RolloutId("20260101-000000-0002")));
    QCOMPARE(*store.find("20260101-000000-00021"), *store.pathOf("bbbb", RolloutId("20260101-000000-00021")));
    QCOMPARE(*store.find(path), path);
    QVERIFY(store.find("2026").error().kind == ErrorKind::Input);
    QVERIFY(store.find("2026").error().message.find("20260101-000000-0002") != std::string::npos);
    QVERIFY(store.find("2027").error().kind == ErrorKind::NotFound);
    QVERIFY(store.find("").error().kind == ErrorKind::NotFound);
    QVERIFY(store.find(folder + "/none.ratlog").error().kind == ErrorKind::NotFound);
  }

  // Lists are in the order of ids, and a rollout may begin in the second in which another ended.
  void rolloutsOfOneSecondAreInTheOrderInWhichTheyBegan() {
    QTemporaryDir folder;
    JournalStore store(folder.path().toStdString(), m_clock);
    QVERIFY(QDir(folder.path()).mkdir(QStringLiteral("shop")));
    RolloutId last("20000101-000000-0000");
    for (int i = 0; i < 50; ++i) {
      const auto id = store.nextRolloutId();
      QVERIFY2(last < id, (last.value + " " + id.value).c_str());
      QFile file(QString::fromStdString(*store.pathOf("shop", id)));
      QVERIFY(file.open(QIODevice::WriteOnly));
      last = id;
    }
  }

  void namesRolloutsByTime() {
    JournalStore store(m_dir.path().toStdString() + "/ids", m_clock);
    auto first = store.nextRolloutId();
    auto pattern = QRegularExpression(QStringLiteral("^[0-9]{8}-[0-9]{6}-[0-9a-f]{4}$"));
    QVERIFY(pattern.match(QString::fromStdString(first.value)).hasMatch());
    m_clock.advance(1s);
    QVERIFY(first < store.nextRolloutId());
    QVERIFY(!store.pathOf("..", first));
    QVERIFY(!store.pathOf("a/b", first));
    QVERIFY(!store.pathOf("", first));
    QVERIFY(!store.pathOf("a", RolloutId("../x")));
  }

  void seesThroughATornTail() {
    JournalStore store(m_dir.path().toStdString() + "/torn", m_clock);
    auto path = write(store, "aaaa", "20260101-000000-0001").path();
    std::ofstream(path, std::ios::app | std::ios::binary) << "{\"seq\":2,\"t\":" << std::string(100, '\0');
    auto summary = summaryOf(path);
    QVERIFY(summary.isUnfinished());
    QCOMPARE(summary.records, 1LL);
  }
};

QTEST_GUILESS_MAIN(JournalStoreTest)
#include "tst_journal_store.moc"
