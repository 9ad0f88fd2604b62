#include "core/remote/haproxy/stats.h"

#include <QFile>
#include <QTest>

#include <random>

using namespace ratdeck;

namespace {

std::string recorded(const char* name) {
  QFile file(QStringLiteral(RATDECK_TEST_DATA "/") + QString::fromLatin1(name));
  return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string();
}

const HaproxyStat* rowOf(const std::vector<HaproxyStat>& stats, std::string_view backend,
                         std::string_view server) {
  for (const auto& stat : stats)
    if (stat.backend == backend && stat.server == server)
      return &stat;
  return nullptr;
}

} // namespace

class TestHaproxyStats : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void readsARealTableByTheNamesOfItsColumns() {
    const auto stats = parseHaproxyStats(recorded("haproxy_stat.csv"));
    QVERIFY2(stats.has_value(), stats ? "" : stats.error().message.c_str());
    const auto* server = rowOf(*stats, "web", "b");
    QVERIFY(server != nullptr);
    QCOMPARE(server->kind, HaproxyRowKind::Server);
    QCOMPARE(server->status, std::string("DRAIN"));
    QCOMPARE(server->address, std::string("127.95.0.11:8080"));
    QCOMPARE(*server->requests, 20);
    QCOMPARE(*server->responses2xx, 15);
    QCOMPARE(*server->responses5xx, 5);
    QCOMPARE(*server->retries, 0);
    QCOMPARE(*server->connectTime, 0);
    QCOMPARE(*server->responseTime, 1);
    QVERIFY(!rowOf(*stats, "web", "FRONTEND")->responseTime.has_value());
    QVERIFY(server->checkStatus.find("L4OK") != std::string::npos);
    const auto* frontend = rowOf(*stats, "web", "FRONTEND");
    QVERIFY(frontend != nullptr);
    QCOMPARE(frontend->kind, HaproxyRowKind::Frontend);
    QCOMPARE(*frontend->requests, 40);
    QVERIFY(!frontend->connectionErrors.has_value()); // a frontend counts none: unknown, not zero
    QCOMPARE(rowOf(*stats, "web", "BACKEND")->kind, HaproxyRowKind::Backend);
  }

  void readsARealTableOfServers() {
    const auto servers = parseHaproxyServers(recorded("haproxy_servers.txt"));
    QVERIFY2(servers.has_value(), servers ? "" : servers.error().message.c_str());
    QByteArray log;
    for (const auto& state : *servers)
      log += QByteArray::fromStdString(state.backend + "/" + state.server + " " + state.address + ":" +
                                       std::to_string(state.port)) +
             (state.takesTraffic() ? " traffic" : "") + (state.isMaintenance ? " maintenance" : "") +
             (state.isDraining ? " draining" : "") + (state.isRunning ? "" : " down") + "\n";
    QCOMPARE(log, QByteArray("web/a 127.95.0.10:8080 traffic\n"
                             "web/b 127.95.0.11:8080 draining\n"
                             "web/c 127.95.0.12:8080 maintenance down\n"));
  }

  void quotedFieldsMayHoldAnything() {
    auto text = recorded("haproxy_stat.csv");
    const auto at = text.find("web,b,");
    QVERIFY(at != std::string::npos);
    text.replace(at, 6, "\"we,b\",\"b \"\"x\"\"\ny\",");
    const auto stats = parseHaproxyStats(text);
    QVERIFY(stats.has_value());
    QVERIFY(rowOf(*stats, "we,b", "b \"x\"\ny") != nullptr);
  }

  void everyTruncationIsAnErrorOrAWholeNumberOfRows() {
    const auto text = recorded("haproxy_stat.csv");
    const auto whole = parseHaproxyStats(text)->size();
    for (std::size_t length = 0; length < text.size(); ++length) {
      const auto stats = parseHaproxyStats(std::string_view(text).substr(0, length));
      QVERIFY(!stats || stats->size() <= whole);
      if (stats && stats->size() < whole) {
        const bool endsARow = text[length - 1] == '\n';
        QVERIFY2(endsARow, std::to_string(length).c_str());
      }
    }
  }

  void noiseIsRefusedAndNeverCrashes() {
    const auto seed = std::random_device{}();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    const auto table = recorded("haproxy_stat.csv");
    const auto servers = recorded("haproxy_servers.txt");
    for (int round = 0; round < 4000; ++round) {
      std::string noisy = round % 2 == 0 ? table : servers;
      for (int i = 0; i < 1 + round % 7; ++i)
        noisy[random() % noisy.size()] = static_cast<char>(random());
      (void)parseHaproxyStats(noisy);
      (void)parseHaproxyServers(noisy);
    }
    std::string binary(1000, '\0');
    QVERIFY(!parseHaproxyStats("# " + binary));
    QVERIFY(!parseHaproxyServers("1\n# " + binary));
    QVERIFY(!parseHaproxyStats(""));
    QVERIFY(!parseHaproxyServers(""));
    QVERIFY(!parseHaproxyStats("No such proxy.\n"));
    QVERIFY(!parseHaproxyServers("Can't find backend.\n"));
    QVERIFY(!parseHaproxyStats("# pxname,svname,\nweb,a,\n")); // columns are missing
  }

  void aCountThatIsNoneIsAnError() {
    auto text = recorded("haproxy_stat.csv");
    const auto at = text.find("web,b,0,");
    QVERIFY(at != std::string::npos);
    text.replace(at, 8, "web,b,many,");
    QVERIFY(!parseHaproxyStats(text));
  }

  void thousandsOfRowsAreRead() {
    const auto text = recorded("haproxy_stat.csv");
    const auto header = text.substr(0, text.find('\n') + 1);
    const auto begin = text.find("web,b,");
    const auto row = text.substr(begin, text.find('\n', begin) - begin + 1);
    std::string huge = header;
    for (int i = 0; i < 5000; ++i)
      huge += row;
    const auto stats = parseHaproxyStats(huge);
    QVERIFY(stats.has_value());
    QCOMPARE(stats->size(), 5000u);
  }
};

QTEST_GUILESS_MAIN(TestHaproxyStats)
#include "tst_haproxy_stats.moc"
