#include "core/base/duration.h"
#include "core/remote/prometheus/counters.h"
#include "core/remote/rat/request_log.h"
#include "tests/support/seed.h"

#include <QTest>

#include <cmath>
#include <limits>

using namespace ratdeck;

namespace {

// As ratd writes them.
std::string line(int status, const std::string& duration, const std::string& path = "/api/v1/runs") {
  return R"({"time":"2026-07-01T12:00:00.123456789Z","level":"INFO","msg":"request completed","method":"GET",)"
         R"("path":")" +
         path + R"(","status":)" + std::to_string(status) + R"(,"duration":")" + duration +
         R"(","request_size":0,"response_size":17,"request_id":"r-1"})";
}

RequestTally tallyOf(const std::vector<std::string>& lines, const RequestLogFormat& format = {}) {
  RequestLog log(format);
  for (const std::string& one : lines)
    log.take(one);
  return log.tally();
}

} // namespace

class TestRequestLog : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void countsRequestsByTheClassOfTheirStatus() {
    const auto tally = tallyOf({line(200, "1ms"), line(204, "1ms"), line(302, "1ms"), line(404, "1ms"),
                                line(500, "1ms"), line(503, "1ms"), line(101, "1ms")});
    QCOMPARE(tally.byClass, (std::array<long long, 6>{0, 1, 2, 1, 1, 2}));
    QCOMPARE(tally.requests(), 7LL);
    QCOMPARE(tally.errors(), 2LL);
  }

  void tellsOtherLinesFromMalformedOnes() {
    const auto tally =
        tallyOf({R"({"time":"…","level":"INFO","msg":"listening"})", "panic: runtime error", "",
                 R"({"status":200)", R"(["status",200])", line(99, "1ms"), line(600, "1ms"),
                 R"({"status":"running"})", R"({"status":2e2})", std::string(100'000, 'x'),
                 std::string(100'000, '['), "\xff\xfe", line(200, "1ms")});
    QCOMPARE(tally.requests(), 1LL);
    QCOMPARE(tally.others, 1LL);
    QCOMPARE(tally.malformed, 11LL);
  }

  void readsTheTimesThatGoWrites() {
    const auto bucketOf = [](const std::string& duration) {
      const auto tally = tallyOf({line(200, duration)});
      return tally.latencies.empty() ? -1 : tally.latencies.begin()->first;
    };
    QCOMPARE(bucketOf("1.234567ms"), latencyBound(0.001234567));
    QCOMPARE(bucketOf("250µs"), latencyBound(0.00025));
    QCOMPARE(bucketOf("1m2.5s"), latencyBound(62.5));
    QCOMPARE(bucketOf("0s"), 0.0005);
    QVERIFY(std::isinf(bucketOf("1h0m0s")));
    const auto untimed = tallyOf({line(200, "soon"), R"({"status":200})", line(200, "-1s")});
    QCOMPARE(untimed.untimed, 3LL);
    QCOMPARE(untimed.requests(), 3LL);
  }

  void readsOtherFieldsAndUnits() {
    const RequestLogFormat format{"code", "took", 1e-3, "", {}};
    const auto tally = tallyOf({R"({"code":"502","took":250})", R"({"code":200,"took":1e999})"}, format);
    QCOMPARE(tally.errors(), 1LL);
    QCOMPARE(tally.latencies, (LatencyCounts{{latencyBound(0.25), 1}}));
    const auto slog = tallyOf({R"({"status":200,"duration":250000000})"}); // a time.Duration as slog has it
    QCOMPARE(slog.latencies, (LatencyCounts{{latencyBound(0.25), 1}}));
  }

  void probesAreNoUsers() {
    RequestLogFormat format;
    format.ignored = {"/health/ready"};
    const auto tally = tallyOf({line(503, "1ms", "/health/ready"), line(200, "1ms")}, format);
    QCOMPARE(tally.ignored, 1LL);
    QCOMPARE(tally.requests(), 1LL);
    QCOMPARE(tallyOf({line(503, "1ms", "/health/ready")}).errors(), 1LL); // the control
  }

  void boundsAreNarrowAndOrdered() {
    QCOMPARE(latencyBound(0), 0.0005);
    double last = 0;
    for (double time = 0.0005; time < 120; time *= 1.01) {
      const double bound = latencyBound(time);
      QVERIFY(bound >= last && bound >= time * (1 - 1e-9) && bound < time * 1.2);
      QCOMPARE(latencyBound(bound), bound);
      last = bound;
    }
    QVERIFY(std::isinf(latencyBound(1000)));
  }

  void survivesAnyLine() {
    std::mt19937_64 random(testSeed());
    RequestLog log(RequestLogFormat{});
    const std::string good = line(200, "1ms");
    long long lines = 0;
    for (int round = 0; round < 20'000; ++round, ++lines) {
      std::string text = good;
      for (auto changes = random() % 4; changes > 0; --changes)
        text[random() % text.size()] = static_cast<char>(random());
      log.take(text);
    }
    const RequestTally& tally = log.tally();
    QCOMPARE(tally.requests() + tally.others + tally.malformed + tally.ignored, lines);
    QVERIFY(tally.requests() > 4000 && tally.malformed > 1000);
  }
};

QTEST_APPLESS_MAIN(TestRequestLog)
#include "tst_request_log.moc"
