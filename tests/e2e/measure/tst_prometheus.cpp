#include "tests/e2e/measure/running_prometheus.h"
#include "tests/unit/runtime/answers.h"
#include "tests/unit/runtime/http_server.h"
#include "tests/unit/runtime/scripted_runtime.h"

#include "core/remote/http/http_client.h"
#include "core/remote/prometheus/counters.h"
#include "core/remote/prometheus/prometheus_client.h"
#include "core/runtime/measure/target_meter.h"
#include "core/runtime/probe/target_counter.h"

#include <curl/curl.h>

#include <cmath>
#include <memory>

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

// What the service that is scraped has counted so far.
struct Counted {
  long long fine = 0, failed = 0;
  std::string text() const {
    const auto of = [](long long n) {
      return std::to_string(n) + "\n";
    };
    return "# TYPE http_requests_total counter\nhttp_requests_total{code=\"200\"} " + of(fine) +
           "http_requests_total{code=\"503\"} " + of(failed) +
           "# TYPE took_seconds histogram\ntook_seconds_bucket{le=\"0.1\"} " + of(fine / 2) +
           "took_seconds_bucket{le=\"0.4\"} " + of(fine) + "took_seconds_bucket{le=\"+Inf\"} " +
           of(fine + failed) + "took_seconds_sum 1\ntook_seconds_count " + of(fine + failed);
  }
};

const char* const failed = "sum(http_requests_total{code=~\"5..\"})";

} // namespace

// One server for all of it; its last test kills it.
class PrometheusTest : public QObject {
  Q_OBJECT

  Counted m_counted;
  ScriptedRuntime m_runtime;
  SystemClock m_clock;
  HttpClient m_http;
  std::unique_ptr<HttpServer> m_service;
  std::unique_ptr<RunningPrometheus> m_prometheus;
  std::unique_ptr<TargetMeter> m_meter;

  PrometheusEndpoint endpoint() const {
    return {m_prometheus->url(), {}, RunningPrometheus::user, RunningPrometheus::password(), {}, 5s};
  }
  MeasurementSpec specOf(const std::string& query) const {
    MeasurementSpec spec;
    spec.source = MeasurementSource::Prometheus;
    spec.prometheus.url = m_prometheus->url();
    spec.prometheus.query = query;
    spec.prometheus.login.user = RunningPrometheus::user;
    spec.prometheus.login.passwordEnv = "PASSWORD";
    return spec;
  }
  Result<Measurement> measure(const MeasurementSpec& spec, Duration window = 60s) {
    return answerOf<Measurement>([&](auto done) { m_meter->measure(spec, window, done); });
  }
  std::optional<double> valueOf(const std::string& query) {
    const auto measured = measure(specOf(query));
    return measured ? measured->value : std::nullopt;
  }
  // Until the server has scraped what the service has counted now.
  bool waitForScrape() {
    return waitUntil(
        [this] {
          return valueOf("sum(http_requests_total)") ==
                 static_cast<double>(m_counted.fine + m_counted.failed);
        },
        15000);
  }

private Q_SLOTS:
  void initTestCase() {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    if (!RunningPrometheus::isInstalled())
      QSKIP("prometheus is not installed");
    m_service = std::make_unique<HttpServer>("127.97.12.1", 0, [this](const std::string&) {
      return HttpServer::Reply{200, m_counted.text()};
    });
    m_prometheus = std::make_unique<RunningPrometheus>("127.97.12.1:" + std::to_string(m_service->port()));
    QVERIFY(m_prometheus->isUp);
    m_meter = std::make_unique<TargetMeter>(MeterParts{
        m_runtime, nullptr, m_clock, secretsIn({{"PASSWORD", RunningPrometheus::password().reveal()}}), {}});
    const bool isScraped = waitForScrape(); // it begins to scrape five seconds after its start
    QVERIFY2(isScraped, (errorOf(measure(specOf("up"))) + m_prometheus->output().toStdString()).c_str());
    m_counted = {75, 25};
    QVERIFY(waitForScrape());
  }

  void anInstantQueryGivesTheValue() {
    QCOMPARE(valueOf(failed), std::optional(25.0));
    QCOMPARE(valueOf("3 + 1"), std::optional(4.0)); // a scalar
  }

  // Both increases reach over the same two scrapes, so that what Prometheus extrapolates falls out.
  void aRatioOf5xxIsRightToTheSample() {
    MeasurementSpec spec = specOf("sum(increase(http_requests_total{code=~\"5..\"}[{{window}}])) / "
                                  "sum(increase(http_requests_total[{{window}}]))");
    spec.prometheus.requests = "sum(http_requests_total)";
    const auto measured = measure(spec);
    QVERIFY2(measured.has_value(), errorOf(measured).c_str());
    QVERIFY2(measured->value && std::abs(*measured->value - 0.25) < 1e-9, measured->note.c_str());
    QCOMPARE(measured->samples, 100LL);
    m_counted.fine += 100; // and the control: it follows what is counted
    QVERIFY(waitForScrape());
    QVERIFY(std::abs(measure(spec)->value.value() - 0.125) < 1e-9);
  }

  void aRangeQueryGivesItsCourse() {
    PrometheusClient client(m_http, endpoint());
    const WallTime now = m_clock.now().wall;
    const auto answer = answerOf<PrometheusAnswer>(
        [&](auto done) { client.queryRange(failed, now - 30s, now, 200ms, done); });
    QVERIFY2(answer.has_value(), errorOf(answer).c_str());
    QCOMPARE(answer->series.size(), std::size_t(1));
    const auto& points = answer->series.front().points;
    QVERIFY(points.size() >= 2);
    QCOMPARE(points.front().value, std::optional(0.0));
    QCOMPARE(points.back().value, std::optional(25.0));
    for (std::size_t i = 1; i < points.size(); ++i)
      QVERIFY(points[i].value >= points[i - 1].value && points[i].time > points[i - 1].time);
  }

  void itsQuantilesAreOurs() {
    const std::string url = "http://127.97.12.1:" + std::to_string(m_service->port()) + "/metrics";
    const auto scraped = answerOf<Exposition>([&](auto done) { scrapeMetrics(m_http, url, 5s, done); });
    QVERIFY2(scraped.has_value(), errorOf(scraped).c_str());
    CounterValues buckets;
    for (const auto& [series, value] : scraped->values)
      if (series.name == "took_seconds_bucket")
        buckets[series] = value;
    for (const char* quantile : {"0.01", "0.25", "0.5", "0.8", "0.86", "0.87", "0.99", "1"}) {
      const auto ours = quantileOf(std::stod(quantile), bucketIncreases({}, buckets));
      const auto its = valueOf(std::string("histogram_quantile(") + quantile + ", took_seconds_bucket)");
      QVERIFY2(ours && its && std::abs(ours->value - *its) < 1e-12, quantile);
    }
  }

  void whatIsNotThereIsNoValue() {
    const auto none = measure(specOf("no_such_metric"));
    QVERIFY2(none.has_value(), errorOf(none).c_str());
    QVERIFY(!none->value);
    QCOMPARE(none->note, std::string("no series fits the query"));
    const auto nothing = measure(specOf("sum(http_requests_total) * 0 / 0"));
    QVERIFY(nothing && !nothing->value && !nothing->note.empty());
  }

  void whatCannotBeReadIsAnError() {
    const auto broken = measure(specOf("sum(http_requests_total"));
    QCOMPARE(broken.error().kind, ErrorKind::Input);
    const auto many = measure(specOf("http_requests_total"));
    QCOMPARE(many.error().kind, ErrorKind::Input);
    QVERIFY(many.error().message.find("2 series") != std::string::npos);
  }

  void aWrongPasswordIsRefused() {
    auto stranger = endpoint();
    stranger.password = Secret("guessed");
    PrometheusClient client(m_http, stranger);
    const auto answer = answerOf<PrometheusAnswer>([&](auto done) { client.query("up", done); });
    QCOMPARE(answer.error().kind, ErrorKind::Refused);
    QVERIFY(errorOf(answer).find("guessed") == std::string::npos);
  }

  void aDrainsCountIsWhatTheQueryGives() {
    RunningPrometheus open("127.97.12.1:" + std::to_string(m_service->port()), true);
    QVERIFY(open.isUp);
    TargetCounter counter(m_runtime, *m_meter);
    WorkCount count;
    count.kind = CountKind::Prometheus;
    count.url = open.url();
    count.query = failed;
    const auto counted = [&] {
      return answerOf<long long>([&](auto done) { counter.count(count, {}, {}, done); });
    };
    QVERIFY(waitUntil([&] { return counted().value_or(-1) == m_counted.failed; }, 15000));
    m_counted.failed += 3; // and the control: it follows what is counted
    QVERIFY(waitUntil([&] { return counted().value_or(-1) == m_counted.failed; }, 15000));
    count.query = "no_such_metric";
    QCOMPARE(counted().error().kind, ErrorKind::Internal);
    count.url = m_prometheus->url(); // which asks for a password, and a count names none
    QCOMPARE(counted().error().kind, ErrorKind::Refused);
  }

  void aServerThatIsGoneIsAnError() {
    QVERIFY(measure(specOf("up")).has_value());
    m_prometheus->kill();
    const auto gone = measure(specOf("up"));
    QVERIFY(!gone);
    QCOMPARE(gone.error().kind, ErrorKind::Unreachable);
  }
};

QTEST_GUILESS_MAIN(PrometheusTest)
#include "tst_prometheus.moc"
