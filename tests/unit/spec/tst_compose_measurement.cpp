#include "core/base/file.h"
#include "core/base/json.h"
#include "core/spec/compose/measurement_reader.h"
#include "core/spec/compose/yaml_reader.h"
#include "core/spec/metric_selector.h"
#include "tests/support/text.h"

#include <set>

using namespace ratdeck;
using namespace ratdeck::compose;

namespace {

struct Read {
  MeasurementSpec spec;
  std::string error; // "" = none
  std::string next;
};

// A gate's mapping with a key of its own, and the source inside it.
Read read(const std::string& yaml, MeasuredQuantity quantity = MeasuredQuantity::ErrorRatio) {
  Report report;
  const auto documents = readYaml(yaml, report.addFile("f", yaml.size()), report);
  Read result;
  if (!report.hasFailed() && !documents.empty()) {
    PolicyReader in("x-ratdeck", report);
    MeasurementKeys found;
    auto fields = measurementFields(found);
    fields.push_back({"window", [](const Node&) {
                      }});
    in.map(documents.front(), "gate", fields);
    result.spec = measurementOf(in, documents.front(), "gate", found, quantity);
  }
  if (report.hasFailed()) {
    result.next = report.error().next;
    Error error = report.error();
    error.next.clear();
    result.error = error.toString();
  }
  return result;
}

std::string fitting(const char* selector, const std::map<std::string, std::string>& labels) {
  const auto parsed = parseMetricSelector(selector);
  return parsed ? (parsed->fits("m", labels) ? "fits" : "no") : parsed.error().message;
}

std::set<std::string> keysOfCode(const std::string& source) {
  const std::string next = read(source + ": {qqqqqqqqqqqqqq: 1}").next;
  const std::string prefix = "known keys: ";
  std::set<std::string> keys;
  for (std::size_t begin = next.starts_with(prefix) ? prefix.size() : next.size(); begin < next.size();) {
    const auto end = std::min(next.find(", ", begin), next.size());
    keys.insert(next.substr(begin, end - begin));
    begin = end + 2;
  }
  return keys;
}

} // namespace

class TestComposeMeasurement : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void withoutASourceItIsTheRouter() {
    const auto none = read("window: 30s");
    QCOMPARE(none.error, std::string());
    QVERIFY(none.spec == MeasurementSpec{});
    QCOMPARE(read("router: portal").spec.service, std::string("portal"));
  }

  void readsAPrometheusServer() {
    const auto found = read("prometheus: {url: 'https://p:9090/x', query: 'a[{{window}}]', requests: b, "
                            "token_env: TOKEN, timeout: 2s}");
    QCOMPARE(found.error, std::string());
    MeasurementSpec expected;
    expected.source = MeasurementSource::Prometheus;
    expected.prometheus = {"https://p:9090/x", "a[{{window}}]", "b", {"TOKEN", "", ""}};
    expected.timeout = 2s;
    QVERIFY(found.spec == expected);
    const auto basic = read("prometheus: {url: 'http://p', query: a, user: ops, password_env: P4SS}");
    QCOMPARE(basic.error, std::string());
    QCOMPARE(basic.spec.prometheus.login.user + "/" + basic.spec.prometheus.login.passwordEnv,
             std::string("ops/P4SS"));
  }

  void readsAScrape() {
    const auto ratio = read("scrape: {service: web, port: 8080, path: /m, requests: all_total, "
                            "errors: 'all_total{code=\"5..\"}'}");
    QCOMPARE(ratio.error, std::string());
    MeasurementSpec expected;
    expected.source = MeasurementSource::Scrape;
    expected.service = "web";
    expected.scrape = {8080, "/m", "all_total{code=\"5..\"}", "all_total", ""};
    QVERIFY(ratio.spec == expected);
    const auto latency =
        read("scrape: {port: 1, histogram: took_seconds, quantile: 0.5}", MeasuredQuantity::Latency);
    QCOMPARE(latency.error, std::string());
    QCOMPARE(latency.spec.quantile, 0.5);
    QCOMPARE(latency.spec.scrape.path, std::string("/metrics"));
    QVERIFY(latency.spec.quantity == MeasuredQuantity::Latency);
  }

  void readsARequestLog() {
    const auto ratds = read("request_log: {}");
    QCOMPARE(ratds.error, std::string());
    MeasurementSpec expected;
    expected.source = MeasurementSource::RequestLog;
    QVERIFY(ratds.spec == expected);
    const auto other = read("request_log: {service: web, status: code, duration: took, unit: ms, path: url, "
                            "ignore: [/up], quantile: 0.9}");
    QCOMPARE(other.error, std::string());
    expected.service = "web";
    expected.quantile = 0.9;
    expected.log = {"code", "took", LogTimeUnit::Milliseconds, "url", {"/up"}};
    QVERIFY(other.spec == expected);
  }

  void namesThePlaceOfWhatIsOff_data() {
    QTest::addColumn<std::string>("yaml");
    QTest::addColumn<std::string>("error");
    const auto row = [](const char* yaml, const char* error) {
      QTest::newRow(error) << std::string(yaml) << std::string(error);
    };
    row("prometheus: {query: a}", "f:1:13: x-ratdeck.gate.prometheus is missing \"url\"");
    row("prometheus: {url: 'http://p'}", "f:1:13: x-ratdeck.gate.prometheus is missing \"query\"");
    row("prometheus: {url: p:9090, query: a}",
        "f:1:19: x-ratdeck.gate.prometheus.url: this is no http:// or https:// address");
    row("prometheus: {url: 'http://u:s3cret@p', query: a}",
        "f:1:19: x-ratdeck.gate.prometheus.url: a user or password in an address would be shown");
    row("prometheus: {url: 'http://p/?a=b', query: a}",
        "f:1:19: x-ratdeck.gate.prometheus.url: an address of "
        "a server has a host, and neither query nor blanks");
    row("prometheus: {url: 'http://p', query: a, token_env: 'Bearer s3cret'}",
        "f:1:52: x-ratdeck.gate.prometheus.token_env: this is not the name of an environment variable");
    row("prometheus: {url: 'http://p', query: a, user: u}",
        "f:1:13: x-ratdeck.gate.prometheus: user and password_env belong together");
    row("prometheus: {url: 'http://p', query: a, user: u, password_env: P, token_env: T}",
        "f:1:13: x-ratdeck.gate.prometheus: a token and a user at once");
    row("prometheus: {url: 'http://p', query: a, timeout: 0s}",
        "f:1:50: x-ratdeck.gate.prometheus.timeout: a question needs some time");
    row("prometheus: {url: 'http://p', qurey: a}", "f:1:31: x-ratdeck.gate.prometheus has no key \"qurey\"");
    row("prometheus: up", "f:1:13: x-ratdeck.gate.prometheus must be a mapping, not a string");
    row("scrape: {port: 1, errors: a}", "f:1:9: x-ratdeck.gate.scrape is missing \"requests\"");
    row("scrape: {errors: a, requests: b}", "f:1:9: x-ratdeck.gate.scrape is missing \"port\"");
    row("scrape: {port: 1, requests: a, errors: 'a{b=5}'}",
        "f:1:40: x-ratdeck.gate.scrape.errors: expected a "
        "value in double quotes at column 5");
    row("scrape: {port: 1, requests: a, errors: b, path: metrics}",
        "f:1:49: x-ratdeck.gate.scrape.path: a path begins with / and has no blanks");
    row("request_log: {quantile: 1}",
        "f:1:25: x-ratdeck.gate.request_log.quantile: a quantile lies between 0 and 1");
    row("request_log: {unit: min}",
        "f:1:21: x-ratdeck.gate.request_log.unit: \"min\" is not one of ns, us, ms, s");
    row("{router: a, request_log: {}}", "f:1:1: x-ratdeck.gate: two sources of one measurement");
    row("requestlog: {}", "f:1:1: x-ratdeck.gate has no key \"requestlog\"");
  }
  void namesThePlaceOfWhatIsOff() {
    QFETCH(std::string, yaml);
    QFETCH(std::string, error);
    const auto found = read(yaml);
    QCOMPARE(found.error, error);
    QVERIFY((found.error + found.next).find("s3cret") == std::string::npos);
  }

  void aLatencyNeedsAHistogram() {
    QCOMPARE(read("scrape: {port: 1, errors: a, requests: b}", MeasuredQuantity::Latency).error,
             std::string("f:1:9: x-ratdeck.gate.scrape is missing \"histogram\""));
  }

  void selectorsNameSeries() {
    QCOMPARE(fitting("m", {{"code", "200"}}), std::string("fits"));
    QCOMPARE(fitting("m{}", {}), std::string("fits"));
    QCOMPARE(fitting("n", {}), std::string("no"));
    QCOMPARE(fitting("m{code=\"5..\"}", {{"code", "503"}}), std::string("fits"));
    QCOMPARE(fitting("m{code=\"5..\"}", {{"code", "5033"}}), std::string("no"));
    QCOMPARE(fitting("m{code=\"5..\"}", {}), std::string("no"));
    QCOMPARE(fitting("m{ code = \"5..\", path=\"/a\" }", {{"code", "500"}, {"path", "/a"}}),
             std::string("fits"));
    QCOMPARE(fitting("m{code=\"\"}", {}), std::string("fits"));
    QCOMPARE(fitting("", {}), std::string("expected the name of a metric at column 1"));
    QCOMPARE(fitting("m{code}", {}), std::string("expected = at column 7"));
    QCOMPARE(fitting("m{code=\"5", {}),
             std::string("expected a closing quote after what begins at column 9"));
    QCOMPARE(fitting("m{code=\"5\"", {}), std::string("expected } at column 11"));
    QCOMPARE(fitting("m x", {}), std::string("expected the end at column 3"));
    QCOMPARE(fitting("m{=\"5\"}", {}), std::string("expected the name of a label at column 3"));
    QCOMPARE(fitting("m{a=\"5\",a=\"6\"}", {}),
             std::string("expected each label once, and one stands twice at column 14"));
    QVERIFY(!parseMetricSelector(std::string(2000, 'm')));
  }

  void schemaAndPageKnowTheKeysOfTheCode() {
    const auto schema = parseJson(
        readFile(RATDECK_SOURCE_FOLDER "/resources/x-ratdeck.schema.json", 1 << 20).value_or("null"));
    const auto page = readFile(RATDECK_SOURCE_FOLDER "/resources/x-ratdeck.md", 1 << 20);
    QVERIFY(schema && page);
    for (const char* source : {"prometheus", "scrape", "request_log"}) {
      std::set<std::string> keys;
      for (const auto& [key, value] : schema->at("$defs")[source]["properties"].items())
        keys.insert(key);
      QVERIFY(keys.size() > 5);
      QVERIFY2(keys == keysOfCode(source), source);
      for (const auto& key : keys)
        QVERIFY2(page->find("`" + key) != std::string::npos, key.c_str());
    }
  }
};

QTEST_APPLESS_MAIN(TestComposeMeasurement)
#include "tst_compose_measurement.moc"
