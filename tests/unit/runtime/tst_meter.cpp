#include "answers.h"
#include "http_server.h"
#include "scripted_runtime.h"

#include "core/runtime/measure/target_meter.h"
#include "tests/support/manual_clock.h"

#include <curl/curl.h>

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

const char* const host = "127.96.11.1";

// Knows the samples that a test says.
struct ScriptedRouter final : Router {
  bool routes(const std::string& service) const override { return service == "ratd"; }
  void join(const std::string&, const InstanceId&, const std::string&, Callback<Done>) override {}
  void drain(const std::string&, const InstanceId&, Callback<Done>) override {}
  void giveBack(const std::string&, const InstanceId&, const std::string&, Callback<Done>) override {}
  void leave(const std::string&, const InstanceId&, Callback<Done>) override {}
  void sample(Callback<std::vector<RouterSample>>) override { ++started; }
  void look(Callback<std::vector<RouterSample>> done) override {
    outbox.post([this, done] { done(samples); });
  }
  std::string frontendOf(const std::string&, std::uint16_t) const override { return {}; }

  std::vector<RouterSample> samples;
  int started = 0;
  Outbox outbox;
};

InstanceInfo copyOf(const std::string& service, int number, const std::string& address) {
  InstanceInfo copy;
  copy.id = InstanceId("rat-" + service + "-" + std::to_string(number));
  copy.service = service;
  copy.number = number;
  copy.address = address;
  return copy;
}

std::string metrics(long long fine, long long failed) {
  return "# TYPE http_requests_total counter\nhttp_requests_total{code=\"200\"} " + std::to_string(fine) +
         "\n" +
         (failed > 0 ? "http_requests_total{code=\"503\"} " + std::to_string(failed) + "\n" : std::string());
}

std::string logLine(int number, int status, const std::string& duration = "10ms") {
  return "{\"time\":\"2026-07-01T12:00:00." + std::to_string(100000 + number) +
         "Z\",\"msg\":\"request completed\",\"path\":\"/api\",\"status\":" + std::to_string(status) +
         ",\"duration\":\"" + duration + "\"}";
}

MeasurementSpec specOf(MeasurementSource source) {
  MeasurementSpec spec;
  spec.source = source;
  spec.service = "ratd";
  spec.scrape.errors = "http_requests_total{code=\"5..\"}";
  spec.scrape.requests = "http_requests_total";
  spec.scrape.histogram = "took_seconds";
  spec.timeout = 2s;
  return spec;
}

} // namespace

class MeterTest : public QObject {
  Q_OBJECT

  ScriptedRuntime m_runtime;
  ScriptedRouter m_router;
  ManualClock m_clock;

  MeterParts parts() { return {m_runtime, &m_router, m_clock, {}, {}}; }
  Result<Measurement> ask(Meter& meter, const MeasurementSpec& spec, Duration window = 10s) {
    return answerOf<Measurement>([&](auto done) { meter.measure(spec, window, done); });
  }
  std::string said(Meter& meter, const MeasurementSpec& spec, Duration window = 10s) {
    const auto measured = ask(meter, spec, window);
    if (!measured)
      return "error: " + measured.error().message;
    return (measured->value ? std::to_string(*measured->value) : "no value") + " of " +
           std::to_string(measured->samples) + (measured->note.empty() ? "" : ": " + measured->note);
  }

private Q_SLOTS:
  void initTestCase() { curl_global_init(CURL_GLOBAL_DEFAULT); }
  void init() {
    m_runtime.instances.clear();
    m_runtime.outputs.clear();
    m_router.samples.clear();
  }

  void aRatioOfScrapesIsRightToTheRequest() {
    long long fine = 1000, failed = 0;
    HttpServer server(host, 0, [&](const std::string&) {
      return HttpServer::Reply{200, metrics(fine, failed)};
    });
    m_runtime.instances = {copyOf("ratd", 1, host), copyOf("portal", 1, "127.96.11.9")};
    MeasurementSpec spec = specOf(MeasurementSource::Scrape);
    spec.scrape.port = server.port();
    TargetMeter meter(parts());
    QCOMPARE(said(meter, spec),
             std::string("no value of -1: the first look: there is nothing to compare with yet"));
    m_clock.advance(1s);
    QCOMPARE(said(meter, spec), std::string("no value of 0: no request in 1 s"));
    fine += 75;
    failed += 25;
    m_clock.advance(1s);
    QCOMPARE(said(meter, spec), std::string("0.250000 of 100"));
    QCOMPARE(ask(meter, spec)->covered, Duration(2s));
    fine = 5; // a restart: the counters begin again
    failed = 0;
    m_clock.advance(1s);
    QCOMPARE(said(meter, spec), std::string("0.238095 of 105"));
  }

  void theWindowSlides() {
    long long fine = 0, failed = 0;
    HttpServer server(host, 0, [&](const std::string&) {
      return HttpServer::Reply{200, metrics(fine, failed)};
    });
    m_runtime.instances = {copyOf("ratd", 1, host)};
    MeasurementSpec spec = specOf(MeasurementSource::Scrape);
    spec.scrape.port = server.port();
    TargetMeter meter(parts());
    std::vector<std::string> seen;
    for (int second = 0; second <= 20; ++second, m_clock.advance(1s)) {
      fine += 9;
      failed += second == 5 ? 9 : 0;
      seen.push_back(said(meter, spec, 5s));
    }
    QCOMPARE(seen[4], std::string("0.000000 of 36"));
    QCOMPARE(seen[5], std::string("0.166667 of 54"));
    QCOMPARE(seen[9], std::string("0.166667 of 54"));
    QCOMPARE(seen[10], std::string("0.000000 of 45"));
    m_clock.advance(60s); // nobody looked for longer than the window
    QCOMPARE(said(meter, spec, 5s),
             std::string("no value of -1: the first look: there is nothing to compare with yet"));
  }

  void copiesAreCountedTogetherOrAlone() {
    long long first = 0, second = 0;
    const char* other = "127.96.11.2";
    HttpServer one(host, 0, [&](const std::string&) { return HttpServer::Reply{200, metrics(first, 0)}; });
    HttpServer two(other, one.port(), [&](const std::string&) {
      return HttpServer::Reply{200, metrics(0, second)};
    });
    QVERIFY(two.isUp);
    m_runtime.instances = {copyOf("ratd", 1, host), copyOf("ratd", 2, other)};
    MeasurementSpec both = specOf(MeasurementSource::Scrape);
    both.scrape.port = one.port();
    MeasurementSpec alone = both;
    alone.copy = InstanceId("rat-ratd-2");
    TargetMeter meter(parts());
    ask(meter, both);
    ask(meter, alone);
    m_clock.advance(1s);
    first = 30;
    second = 10;
    QCOMPARE(said(meter, both), std::string("0.250000 of 40"));
    QCOMPARE(said(meter, alone), std::string("1.000000 of 10"));
    two.kill();
    first = 60;
    m_clock.advance(1s);
    QCOMPARE(said(meter, both), "0.000000 of 60: not all copies were read: cannot connect to 127.96.11.2:" +
                                    std::to_string(one.port()) + ": Connection refused");
    QCOMPARE(ask(meter, alone).error().kind, ErrorKind::Unreachable);
    m_runtime.instances.pop_back();
    QCOMPARE(ask(meter, alone).error().kind, ErrorKind::NotFound);
  }

  void whatIsNotThereIsNoValue() {
    std::string body = "other 1\n";
    HttpServer server(host, 0, [&](const std::string&) { return HttpServer::Reply{200, body}; });
    m_runtime.instances = {copyOf("ratd", 1, host)};
    MeasurementSpec spec = specOf(MeasurementSource::Scrape);
    spec.scrape.port = server.port();
    TargetMeter meter(parts());
    ask(meter, spec);
    m_clock.advance(1s);
    QCOMPARE(said(meter, spec), std::string("no value of -1: no metric http_requests_total"));
    spec.scrape.errors = "http_errors_total";
    spec.scrape.requests = "other{code=\"200\"}";
    ask(meter, spec);
    m_clock.advance(1s);
    QCOMPARE(said(meter, spec), std::string("no value of -1: no series fits other{code=\"200\"}"));
    spec.scrape.requests = "other"; // a misspelt metric of errors is no zero
    ask(meter, spec);
    m_clock.advance(1s);
    body = "other 7\n";
    QCOMPARE(said(meter, spec), std::string("no value of -1: no metric http_errors_total"));
    body = "oops";
    QCOMPARE(ask(meter, spec).error().kind, ErrorKind::Input);
  }

  void aHistogramGivesALatency() {
    long long fast = 0, slow = 0;
    HttpServer server(host, 0, [&](const std::string&) {
      return HttpServer::Reply{200, "took_seconds_bucket{le=\"0.1\"} " + std::to_string(fast) +
                                        "\ntook_seconds_bucket{le=\"0.5\"} " + std::to_string(fast + slow) +
                                        "\ntook_seconds_bucket{le=\"+Inf\"} " + std::to_string(fast + slow) +
                                        "\n"};
    });
    m_runtime.instances = {copyOf("ratd", 1, host)};
    MeasurementSpec spec = specOf(MeasurementSource::Scrape);
    spec.quantity = MeasuredQuantity::Latency;
    spec.quantile = 0.5;
    spec.scrape.port = server.port();
    TargetMeter meter(parts());
    ask(meter, spec);
    m_clock.advance(1s);
    QCOMPARE(said(meter, spec), std::string("no value of 0: no request in 1 s"));
    fast = 100;
    m_clock.advance(1s);
    QCOMPARE(said(meter, spec), std::string("0.050000 of 100"));
    slow = 300;
    m_clock.advance(1s);
    QCOMPARE(said(meter, spec), std::string("0.233333 of 400"));
  }

  void theRequestLogIsCountedOnce() {
    m_runtime.instances = {copyOf("ratd", 1, host)};
    auto& log = m_runtime.outputs["rat-ratd-1"];
    const MeasurementSpec spec = specOf(MeasurementSource::RequestLog);
    MeasurementSpec latency = spec;
    latency.quantity = MeasuredQuantity::Latency;
    latency.quantile = 0.5;
    TargetMeter meter(parts());
    int number = 0;
    const auto print = [&](int status, const std::string& duration = "10ms") {
      log.push_back(logLine(++number, status, duration));
    };
    for (int i = 0; i < 50; ++i)
      print(500); // of before
    ask(meter, spec);
    ask(meter, latency);
    for (int i = 0; i < 30; ++i)
      print(i % 3 == 0 ? 502 : 200, i < 10 ? "10ms" : "200ms");
    log.push_back("panic: something");
    log.push_back("{\"msg\":\"not fini");
    m_clock.advance(1s);
    QCOMPARE(said(meter, spec), std::string("0.333333 of 30"));
    const double half = ask(meter, latency)->value.value();
    QVERIFY2(half > 0.16 && half < 0.21, std::to_string(half).c_str());
    log.back() += "shed\",\"status\":500}";
    m_clock.advance(1s);
    QCOMPARE(said(meter, spec), std::string("0.354839 of 31"));
    for (int i = 0; i < 2000; ++i) // more than one look sees
      print(200);
    m_clock.advance(1s);
    QCOMPARE(said(meter, spec),
             std::string("0.010669 of 1031: some lines of the log went by unseen between two looks"));
  }

  void aLogOfOtherThingsIsNoValue() {
    m_runtime.instances = {copyOf("ratd", 1, host)};
    TargetMeter meter(parts());
    const MeasurementSpec spec = specOf(MeasurementSource::RequestLog);
    ask(meter, spec);
    m_clock.advance(1s);
    m_runtime.outputs["rat-ratd-1"] = {"GET /api 200 in text", "GET /api 500 in text}"};
    QCOMPARE(said(meter, spec), std::string("no value of -1: no line of the log is a request, and 2 are no "
                                            "JSON objects or have no status"));
  }

  void theRouterCountsWhatItsClientsSaw() {
    RouterSample service, copy;
    service.service = copy.service = "ratd";
    copy.instance = InstanceId("rat-ratd-2");
    m_router.samples = {service, copy};
    MeasurementSpec spec = specOf(MeasurementSource::Router);
    MeasurementSpec alone = spec;
    alone.copy = copy.instance;
    MeasurementSpec latency = alone;
    latency.quantity = MeasuredQuantity::Latency;
    TargetMeter meter(parts());
    ask(meter, spec);
    ask(meter, alone);
    ask(meter, latency);
    m_clock.advance(1s);
    m_router.samples[0].requests = 80;
    m_router.samples[0].errors5xx = 8;
    m_router.samples[1].requests = 10;
    m_router.samples[1].errors5xx = 1;
    m_router.samples[1].connectionErrors = 4;
    m_router.samples[1].timeMs = 125;
    QCOMPARE(said(meter, spec), std::string("0.100000 of 80"));
    QCOMPARE(said(meter, alone), std::string("0.500000 of 10"));
    QCOMPARE(said(meter, latency), std::string("0.125000 of 10: the mean of the last 1,024 requests"));
    m_router.samples.pop_back();
    QCOMPARE(ask(meter, alone).error().kind, ErrorKind::NotFound);
    spec.service = "unrouted";
    QCOMPARE(ask(meter, spec).error().kind, ErrorKind::NotFound);
    QCOMPARE(m_router.started, 0);
  }

  void prometheusIsAskedOverTheWindow() {
    std::vector<std::string> lines;
    std::string value = "0.25";
    HttpServer server(host, 0, [&](const std::string& line) {
      lines.push_back(line);
      return HttpServer::Reply{
          200, R"({"warnings":["old data"],"status":"success","data":{"resultType":"scalar","result":[1,)" +
                   ("\"" + value + "\"]}}")};
    });
    MeasurementSpec spec = specOf(MeasurementSource::Prometheus);
    spec.prometheus.url = "http://" + std::string(host) + ":" + std::to_string(server.port());
    spec.prometheus.query = "rate(errors[{{window}}]) / rate(all[{{window}}])";
    MeterParts with = parts();
    with.secrets = secretsIn({{"TOKEN", "t0ken"}});
    TargetMeter meter(with);
    QCOMPARE(said(meter, spec), std::string("0.250000 of -1: Prometheus warns: old data"));
    QCOMPARE(lines.size(), std::size_t(1));
    spec.prometheus.requests = "sum(increase(all[{{window}}]))";
    value = "100.4";
    QCOMPARE(ask(meter, spec)->samples, 100LL);
    QCOMPARE(ask(meter, spec)->covered, Duration(10s));
    value = "NaN";
    QCOMPARE(said(meter, spec), std::string("no value of -1: the query gives no number (nothing to divide "
                                            "by?); Prometheus warns: old data"));
    spec.prometheus.login.tokenEnv = "TOKEN";
    QVERIFY(ask(meter, spec).has_value());
    spec.prometheus.login.tokenEnv = "OTHER";
    QCOMPARE(ask(meter, spec).error().message, std::string("the environment variable OTHER is not set"));
    spec.prometheus.login.tokenEnv.clear();
    server.kill();
    QCOMPARE(ask(meter, spec).error().kind, ErrorKind::Unreachable);
  }

  void aWindowIsWrittenAsPrometheusDoes() {
    QCOMPARE(queryOver("a[{{window}}] b[{{window}}]", 30s), std::string("a[30s] b[30s]"));
    QCOMPARE(queryOver("a[{{window}}]", 1500ms), std::string("a[1500ms]"));
    QCOMPARE(queryOver("a[5m]", 1s), std::string("a[5m]"));
  }

  void anotherReachesTheCopiesWhereThisMachineDoesNot() {
    struct Elsewhere final : HttpSender {
      CallId send(HttpRequest request, Answer<HttpResponse> done) override {
        urls.push_back(request.url);
        outbox.post([done] { done(HttpResponse{200, {}, metrics(1, 1), 0s}); });
        return CallId{1};
      }
      void cancel(CallId) override {}
      std::vector<std::string> urls;
      Outbox outbox;
    } elsewhere;
    m_runtime.instances = {copyOf("ratd", 1, "10.1.2.3")};
    MeterParts with = parts();
    with.reach = [&](Callback<HttpSender*> done) {
      done(&elsewhere);
    };
    MeasurementSpec spec = specOf(MeasurementSource::Scrape);
    spec.scrape.port = 8080;
    TargetMeter meter(with);
    QVERIFY(ask(meter, spec).has_value());
    QCOMPARE(elsewhere.urls, (std::vector<std::string>{"http://10.1.2.3:8080/metrics"}));
    with.reach = [](Callback<HttpSender*> done) {
      done(failure(ErrorKind::Timeout, "the engine is silent"));
    };
    TargetMeter unreached(with);
    QCOMPARE(said(unreached, spec), std::string("error: the engine is silent"));
  }

  void answersNothingOnceItIsDestroyed() {
    HttpServer server(host, 0, [](const std::string&) { return HttpServer::Reply{200, metrics(1, 1)}; });
    m_runtime.instances = {copyOf("ratd", 1, host)};
    bool isAnswered = false;
    {
      TargetMeter meter(parts());
      for (const auto source : {MeasurementSource::Router, MeasurementSource::Prometheus,
                                MeasurementSource::Scrape, MeasurementSource::RequestLog}) {
        MeasurementSpec spec = specOf(source);
        spec.scrape.port = server.port();
        spec.prometheus.url = "http://" + std::string(host) + ":" + std::to_string(server.port());
        spec.prometheus.query = "up";
        meter.measure(spec, 10s, [&](Result<Measurement>) { isAnswered = true; });
      }
      meter.measure(specOf(MeasurementSource::Router), 0s, [&](Result<Measurement>) { isAnswered = true; });
    }
    TargetMeter other(parts());
    QCOMPARE(ask(other, specOf(MeasurementSource::Router), 0s).error().kind, ErrorKind::Input);
    QVERIFY(!isAnswered);
  }
};

QTEST_GUILESS_MAIN(MeterTest)
#include "tst_meter.moc"
