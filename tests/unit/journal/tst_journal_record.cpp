// One record and its one spelling; the head; the keys.
#include "journal_fixture.h"

#include "core/base/digest.h"
#include "core/base/file.h"
#include "core/journal/event_record.h"
#include "core/journal/head.h"
#include "core/plan/plan.h"
#include "tests/support/manual_clock.h"

#include <QTemporaryDir>
#include <QtTest>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace ratdeck;
using namespace ratdeck::journaltest;

namespace {

unsigned modeOf(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 ? info.st_mode & 0777 : 0;
}

Json nested(int levels) {
  auto value = Json::object();
  for (int i = 1; i < levels; ++i)
    value = Json{{"a", std::move(value)}};
  return value;
}

} // namespace

class JournalRecordTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void writesTheLineOfTheFormatPage() {
    ManualClock clock;
    auto record = recordAt(clock.now(), "GatePassed", {{"service", "ratd"}, {"instance", "rat-ratd-2"}});
    record.seq = 2;
    record.prev = firstPrev();
    QCOMPARE(QString::fromStdString(*toLine(record)),
             QStringLiteral(
                 "{\"seq\":2,\"t\":\"2025-12-18T00:00:00.000000000Z\",\"mono\":3600000000000,\"type\":"
                 "\"GatePassed\",\"data\":{\"instance\":\"rat-ratd-2\",\"service\":\"ratd\"},\"prev\":\"") +
                 QString(64, QLatin1Char('0')) + QStringLiteral("\"}"));
  }

  void readsBackWhateverItWrote() {
    auto used = seed();
    qInfo("seed %llu", used);
    Random random(used);
    ManualClock clock;
    for (int i = 0; i < 3000; ++i) {
      auto record = randomRecord(random, clock.now());
      record.seq = static_cast<long long>(random() >> 1) + 1;
      record.prev = sha256(std::to_string(i));
      auto line = toLine(record);
      QVERIFY(line && line->find('\n') == std::string::npos);
      auto read = recordFrom(*line);
      QVERIFY2(read && *read == record, line->c_str());
      QCOMPARE(*toLine(*read), *line);
    }
  }

  void carriesEventsAndPassesOverTheJournalsOwnRecords() {
    ManualClock clock;
    Event event;
    event.type = EventType::DrainDecided;
    event.at = clock.now();
    event.service = "runner";
    event.actor = "uid 1000";
    event.reason = "the customer agrees";
    event.detail = {{"decision", "end"}, {"runs", {"r1", "r2"}}};
    Event plain;
    plain.at = clock.now();
    plain.type = EventType::GatePassed;
    plain.instance = InstanceId("rat-ratd-2");
    auto records = recordsOf({event, plain});
    for (auto& record : records) {
      record.seq = 2;
      record.prev = firstPrev();
      record = *recordFrom(*toLine(record));
    }
    records.insert(records.begin(), recordAt(clock.now(), journalOpened, toJson(sampleHeader())));
    auto events = eventsOf(records);
    QVERIFY(events.has_value());
    QVERIFY((*events == std::vector<Event>{event, plain}));
    QVERIFY(!eventOf(records.front()));
    records.push_back(recordAt(clock.now(), "Unheard", Json::object()));
    records.back().seq = 9;
    QVERIFY(eventsOf(records).error().message.find("record 9") != std::string::npos);
  }

  void namesThePlanInItsHeader() {
    Plan plan;
    plan.project = "rat";
    plan.runtime = "sandbox";
    plan.hash = "abc";
    plan.changes = {{"ratd", "1", "2", {"image"}}};
    auto header = headerOf(plan, RolloutId("20260701-120000-beef"), "0f3a", "uid 0", "boot");
    header.key = sampleKey().publicKey();
    auto read = headerFrom(recordAt({}, journalOpened, toJson(header)));
    QVERIFY(read && *read == header);
    QCOMPARE(read->changes.size(), size_t{1});
    QVERIFY(!headerFrom(recordAt({}, "GatePassed", toJson(header))));
  }

  void refusesWhatItCouldNotReadBack() {
    auto with = [](std::string type, Json data, WallTime wall = {}) {
      return toLine(recordAt({{}, wall}, std::move(type), std::move(data))).has_value();
    };
    QVERIFY(with("A", Json::object()));
    QVERIFY(!with("", Json::object()));
    QVERIFY(!with("Gate Passed", Json::object()));
    QVERIFY(!with(std::string(65, 'a'), Json::object()));
    QVERIFY(!with("A", Json::array()));
    QVERIFY(!with("A", nullptr));
    QVERIFY(!with("A", Json::object(), WallTime(Duration::min())));
    QVERIFY(!with("A", {{"text", std::string(maxRecordLine, 'x')}}));
    QVERIFY(!with("A", nested(maxRecordDepth + 1)));
    QVERIFY(!with("A", nested(5000)));
    auto deep = recordAt({}, "A", nested(maxRecordDepth));
    deep.seq = 1;
    deep.prev = firstPrev();
    auto read = recordFrom(*toLine(deep));
    QVERIFY(read && *read == deep);
  }

  void refusesEveryOtherSpelling() {
    Record record = recordAt({}, "A", {{"x", 1.5}, {"y", "z"}});
    record.seq = 7;
    record.prev = firstPrev();
    auto line = *toLine(record);
    QVERIFY(recordFrom(line).has_value());
    auto replaced = [&](const std::string& from, const std::string& to) {
      auto text = line;
      text.replace(text.find(from), from.size(), to);
      return recordFrom(text).has_value();
    };
    QVERIFY(!replaced("\"seq\":7", "\"seq\":07"));
    QVERIFY(!replaced("\"seq\":7", "\"seq\": 7"));
    QVERIFY(!replaced("\"seq\":7", "\"seq\":0"));
    QVERIFY(!replaced("\"seq\":7", "\"seq\":99999999999999999999"));
    QVERIFY(!replaced("1970-01-01", "1970-02-30"));
    QVERIFY(!replaced("1970-01-01", "9999-01-01"));
    QVERIFY(!replaced("\"mono\":0", "\"mono\":-0"));
    QVERIFY(!replaced("1.5", "1.50"));
    QVERIFY(!replaced("{\"x\":1.5,\"y\":\"z\"}", "{\"y\":\"z\",\"x\":1.5}"));
    QVERIFY(!replaced("\"z\"", "\"\\u007a\""));
    QVERIFY(!replaced("\"y\":\"z\"", "\"x\":1.5"));
    QVERIFY(!replaced("\"prev\":\"0", "\"prev\":\"G"));
    QVERIFY(!recordFrom(line + " ").has_value());
    QVERIFY(!recordFrom("").has_value());
  }

  void signsAndReadsTheHead() {
    auto head = headFrom(*makeHead(12, sha256("line"), sampleKey()));
    QVERIFY(head && head->seq == 12 && head->isSignedBy(sampleKey().publicKey()));
    auto other = *SigningKey::makeUnkept();
    QVERIFY(!head->isSignedBy(other.publicKey()));
    auto later = *head;
    later.seq = 11;
    QVERIFY(!later.isSignedBy(sampleKey().publicKey()));
    QVERIFY(!head->isSignedBy("ed25519:00"));
    QVERIFY(!head->isSignedBy(""));
    QVERIFY(!headFrom("").has_value());
    QVERIFY(!headFrom("{\"seq\":12}\n").has_value());
  }

  void makesTheKeyAtFirstUseAndKeepsIt() {
    QTemporaryDir dir;
    auto folder = dir.path().toStdString() + "/ratdeck/keys";
    auto made = SigningKey::openOrMake(folder);
    QVERIFY(made.has_value());
    QCOMPARE(modeOf(folder), 0700u);
    QCOMPARE(modeOf(folder + "/journal.pem"), 0600u);
    auto again = SigningKey::openOrMake(folder);
    QVERIFY(again && again->publicKey() == made->publicKey());
    QVERIFY(isSignatureOf("text", again->publicKey(), *made->sign("text")));
    QVERIFY(!isSignatureOf("test", again->publicKey(), *made->sign("text")));
    auto other = SigningKey::makeUnkept()->publicKey();
    QVERIFY(writeFile(folder + "/friend.pub", other + " of a friend\n").has_value());
    QVERIFY(writeFile(folder + "/broken.pub", "ed25519:12\n").has_value());
    QVERIFY((knownKeys(folder) == std::set<std::string>{other, made->publicKey()}));
    QVERIFY(knownKeys(folder + "/none").empty());
  }

  void comesToOneKeyWhenTwoProgramsAreFirst() {
    QTemporaryDir dir;
    for (int round = 0; round < 10; ++round) {
      auto folder = dir.path().toStdString() + "/" + std::to_string(round);
      std::vector<std::string> keys(4);
      std::vector<std::thread> threads;
      for (auto& key : keys)
        threads.emplace_back([&key, folder] {
          auto opened = SigningKey::openOrMake(folder);
          key = opened ? opened->publicKey() : opened.error().toString();
        });
      for (auto& thread : threads)
        thread.join();
      for (const auto& key : keys)
        QCOMPARE(key, keys.front());
      QVERIFY2(keys.front().starts_with("ed25519:"), keys.front().c_str());
    }
  }

  void refusesAKeyThatIsOpenToOthersOrNoKey() {
    QTemporaryDir dir;
    auto folder = dir.path().toStdString();
    QVERIFY(SigningKey::openOrMake(folder).has_value());
    auto path = folder + "/journal.pem";
    ::chmod(path.c_str(), 0644);
    QVERIFY(SigningKey::openOrMake(folder).error().next.find("chmod 600") != std::string::npos);
    QVERIFY(
        writeFile(path, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", 0600).has_value());
    QVERIFY(SigningKey::openOrMake(folder).error().kind == ErrorKind::Input);
    ::unlink(path.c_str());
    QVERIFY(::symlink("/etc/hostname", path.c_str()) == 0);
    QVERIFY(SigningKey::openOrMake(folder).error().kind == ErrorKind::Input);
  }
};

QTEST_GUILESS_MAIN(JournalRecordTest)
#include "tst_journal_record.moc"
