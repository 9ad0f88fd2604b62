#include "core/remote/prometheus/counters.h"
#include "core/remote/prometheus/exposition.h"
#include "tests/support/seed.h"

#include <QTest>

#include <cmath>
#include <limits>

using namespace ratdeck;

namespace {

const double infinite = std::numeric_limits<double>::infinity();

const std::string fixture = R"(# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400"}    3 1395066363000

)" // moc takes a raw string for a plain one, and counts its quotes
                            "# Escaping in label values:\n"
                            "msdos_file_access_time_seconds{path=\"C:\\\\DIR\\\\FILE.TXT\",error=\"Cannot "
                            "find file:\\n\\\"FILE.TXT\\\"\"} "
                            "1.458255915e9\n"
                            R"(metric_without_timestamp_and_labels 12.47
something_weird{problem="division by zero"} +Inf -3982045
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le="0.05"} 24054
http_request_duration_seconds_bucket{le="+Inf",} 144320
http_request_duration_seconds_sum 53423
http_request_duration_seconds_count 144320
# TYPE rpc_duration_seconds summary
rpc_duration_seconds{quantile="0.5"} NaN
)";

std::string errorOf(const std::string& text) {
  const auto parsed = parseExposition(text, "m");
  return parsed ? "no error" : parsed.error().toString();
}

double valueOf(const std::string& text) {
  const auto parsed = parseExposition("a " + text, "m");
  return parsed && parsed->values.size() == 1 ? parsed->values.begin()->second : -12345;
}

CounterValues series(std::map<std::string, double> values) {
  CounterValues result;
  for (const auto& [code, value] : values)
    result[{"requests", {{"code", code}}}] = value;
  return result;
}

std::optional<double> quantile(double q, const HistogramBuckets& buckets) {
  const auto found = quantileOf(q, buckets);
  return found ? std::optional(found->value) : std::nullopt;
}

} // namespace

class TestExposition : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void readsTheFormatsOwnExample() {
    const auto parsed = parseExposition(fixture, "m");
    QVERIFY2(parsed.has_value(), errorOf(fixture).c_str());
    QCOMPARE(parsed->values.size(), std::size_t(10));
    QCOMPARE(parsed->values.at({"http_requests_total", {{"code", "200"}, {"method", "post"}}}), 1027.0);
    const MetricSeries escaped{"msdos_file_access_time_seconds",
                               {{"path", "C:\\DIR\\FILE.TXT"}, {"error", "Cannot find file:\n\"FILE.TXT\""}}};
    QCOMPARE(parsed->values.at(escaped), 1.458255915e9);
    QCOMPARE(parsed->values.at({"something_weird", {{"problem", "division by zero"}}}), infinite);
    QVERIFY(std::isnan(parsed->values.at({"rpc_duration_seconds", {{"quantile", "0.5"}}})));
    QCOMPARE(parsed->types.at("http_request_duration_seconds"), MetricType::Histogram);
    QCOMPARE(parsed->types.at("http_requests_total"), MetricType::Counter);
    QVERIFY(parsed->has("http_requests_total") && !parsed->has("http_requests"));
  }

  void toleratesOpenMetrics() {
    const std::string text = "# TYPE foo counter\n# UNIT foo seconds\n# HELP foo words\n"
                             "foo_total{a=\"b\"} 17.0 1520879607.789 # {trace_id=\"x\"} 0.67 1.5\n"
                             "foo_created 1520872607.123\n# TYPE i info\ni_info{v=\"1\"} 1\r\n# EOF\n\n";
    const auto parsed = parseExposition(text, "m");
    QVERIFY2(parsed.has_value(), errorOf(text).c_str());
    QCOMPARE(parsed->values.at({"foo_total", {{"a", "b"}}}), 17.0);
    QCOMPARE(parsed->types.at("i"), MetricType::Other);
    QCOMPARE(errorOf("a 1\n# EOF\nb 2\n"), std::string("m:3:1: text after # EOF"));
  }

  void readsNumbersAsTheyAreWritten() {
    QCOMPARE(valueOf("0"), 0.0);
    QCOMPARE(valueOf("+1e3"), 1000.0);
    QCOMPARE(valueOf("-.5"), -0.5);
    QCOMPARE(valueOf("0x1p-2"), 0.25);
    QCOMPARE(valueOf("-Inf"), -infinite);
    QCOMPARE(valueOf("1e999"), infinite);
    QCOMPARE(valueOf("1e-999"), 0.0);
    QVERIFY(std::isnan(valueOf("NaN")));
  }

  void anEmptyTextHasNoSeries() {
    for (const char* text : {"", "\n\n", "# only words", "#", "# EOF"})
      QVERIFY2(parseExposition(text, "m").value_or(Exposition{{{{"x", {}}, 1}}, {}}).values.empty(), text);
  }

  void namesThePlaceOfWhatIsOff_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("error");
    const auto row = [](const char* text, const char* error) {
      QTest::newRow(text) << QByteArray(text) << QByteArray(error);
    };
    row("a 1\nb x\n", "m:2:3: expected a value, not \"x\"");
    row("a\n", "m:1:2: expected a value before the line's end");
    row("9a 1", "m:1:1: expected the name of a metric, not \"9a 1\"");
    row("a{b=\"c\" 1", "m:1:9: labels are divided by , and end with }");
    row("a{b=\"c} 1", "m:1:5: the quotes of a label's value do not end");
    row("a{b=c} 1", "m:1:5: the value of a label stands in quotes");
    row("a{b\"c\"} 1", "m:1:4: after the name of a label comes =");
    row("a{b=\"\\t\"} 1", "m:1:7: only \\\\, \\\" and \\n are escapes");
    row("a{b=\"1\",b=\"2\"} 1", "m:1:9: the label \"b\" stands there twice");
    row("a{,} 1", "m:1:3: expected the name of a label, not \",} 1\"");
    row("a 1 2 3", "m:1:7: nothing may follow here, and there is \"3\"");
    row("a 1 soon", "m:1:5: expected a timestamp, not \"soon\"");
    row("a 1\na 2", "m:2:1: this series stands there twice");
    row("a{b=\"\"} 1\na 2", "m:2:1: this series stands there twice");
    row("# TYPE a", "m:1:8: # TYPE names a metric and its type");
    row("a nan(1)", "m:1:3: expected a value, not \"nan(1)\"");
    row("a +-1", "m:1:3: expected a value, not \"+-1\"");
    row("<html>", "m:1:1: expected the name of a metric, not \"<html>\"");
    row("a\x01 1", "m:1:2: expected a value, not \"?\"");
  }
  void namesThePlaceOfWhatIsOff() {
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, error);
    QCOMPARE(QByteArray::fromStdString(errorOf(text.toStdString())), error);
  }

  void refusesWhatIsTooMuch() {
    QVERIFY(errorOf("a 1 " + std::string(70'000, ' ')).find("a line of more than") != std::string::npos);
    QVERIFY(errorOf(std::string(600, 'a') + " 1").find("more than 512 bytes") != std::string::npos);
    QVERIFY(errorOf("a{b=\"" + std::string(9000, 'x') + "\"} 1").find("more than 8192") != std::string::npos);
    QVERIFY(errorOf(std::string((8u << 20) + 1, '\n')).find("bytes of metrics") != std::string::npos);
    std::string labels, many;
    for (int i = 0; i < 65; ++i)
      labels += "l" + std::to_string(i) + "=\"1\",";
    QVERIFY(errorOf("a{" + labels + "} 1").find("more than 64 labels") != std::string::npos);
    for (int i = 0; i < 100'001; ++i)
      many += "a" + std::to_string(i) + " 1\n";
    QVERIFY(errorOf(many).find("more than 100000 series") != std::string::npos);
  }

  // Nothing that comes makes it crash, loop or answer with more than came.
  void survivesAnyText() {
    std::mt19937_64 random(testSeed());
    const std::string pieces[] = {
        "a",     "{",          "}", "\"",   "\\",  "\n",   " ",    "=",
        ",",     "1",          "#", "TYPE", "NaN", "+Inf", "\x80", std::string(1, '\0'),
        "# EOF", "le=\"0.1\"", "e", "\t"};
    const auto below = [&random](std::size_t n) {
      return static_cast<std::size_t>(random() % n);
    };
    int parsed = 0;
    for (int round = 0; round < 30'000; ++round) {
      std::string text = below(2) ? fixture : std::string();
      for (std::size_t i = below(12); i > 0; --i) {
        const auto at = below(text.size() + 1);
        if (below(3) == 0 && at < text.size())
          text.erase(at, below(20));
        else
          text.insert(at, pieces[below(std::size(pieces))]);
      }
      const auto result = parseExposition(text, "m");
      parsed += result.has_value();
      if (result)
        QVERIFY(result->values.size() <= text.size());
      else
        QVERIFY(result.error().where.line >= 1 && result.error().where.column >= 1);
    }
    QVERIFY(parsed > 100 && parsed < 29'000);
  }

  void anIncreaseKnowsAResetOfTheCounter() {
    QCOMPARE(increaseOf(10, 15), 5.0);
    QCOMPARE(increaseOf(10, 3), 3.0);
    QCOMPARE(increaseOf(std::nan(""), 3), 3.0);
    QCOMPARE(increaseOf(3, std::nan("")), 0.0);
    QCOMPARE(increaseOf(3, infinite), 0.0);
    QCOMPARE(increaseOf(series({{"200", 10}, {"500", 1}}), series({{"200", 30}, {"500", 2}, {"502", 4}})),
             25.0);
    QCOMPARE(increaseOf(series({{"200", 10}, {"500", 9}}), series({{"200", 12}})), 2.0);
  }

  void aRatioOfNothingIsNoValue() {
    QCOMPARE(ratioOf(1, 4), std::optional(0.25));
    QCOMPARE(ratioOf(0, 4), std::optional(0.0));
    QVERIFY(!ratioOf(0, 0));
    QVERIFY(!ratioOf(1, -1));
    QVERIFY(!ratioOf(std::nan(""), 1));
    QVERIFY(!ratioOf(1, infinite));
  }

  // The values are those that Prometheus' histogram_quantile gives.
  void aQuantileIsPrometheus() {
    const HistogramBuckets buckets = {{0.1, 10}, {0.2, 30}, {0.4, 40}, {infinite, 50}};
    QCOMPARE(quantile(0.1, buckets), std::optional(0.05));
    QCOMPARE(quantile(0.2, buckets), std::optional(0.1));
    QCOMPARE(quantile(0.5, buckets), std::optional(0.1 + 0.1 * 15 / 20));
    QCOMPARE(quantile(0.8, buckets), std::optional(0.4));
    QCOMPARE(quantile(0.9, buckets), std::optional(0.4));
    QVERIFY(quantileOf(0.9, buckets)->isBeyond && !quantileOf(0.8, buckets)->isBeyond);
    QCOMPARE(quantile(0.5, {{-1, 3}, {1, 4}, {infinite, 4}}), std::optional(-1.0));
    QCOMPARE(quantile(0.5, {{0.1, 5}, {0.2, 4}, {infinite, 8}}), std::optional(0.08)); // raised to 5
    QVERIFY(!quantileOf(0.5, {{0.1, 10}, {0.2, 30}}));
    QVERIFY(!quantileOf(0.5, {{infinite, 30}}));
    QVERIFY(!quantileOf(0.5, {{0.1, 0}, {infinite, 0}}));
    QVERIFY(!quantileOf(0, {{0.1, 0}, {infinite, 5}}));
    QVERIFY(!quantileOf(1.5, buckets) && !quantileOf(std::nan(""), buckets) && !quantileOf(0.5, {}));
  }

  void bucketsOfAllSeriesAreAddedUp() {
    const auto bucket = [](const char* le, const char* path) {
      return MetricSeries{"d_bucket", {{"le", le}, {"path", path}}};
    };
    const CounterValues before = {{bucket("0.1", "/a"), 1}, {bucket("+Inf", "/a"), 2}};
    const CounterValues after = {{bucket("0.1", "/a"), 4},  {bucket("+Inf", "/a"), 8},
                                 {bucket("0.10", "/b"), 1}, {bucket("+Inf", "/b"), 1},
                                 {bucket("x", "/b"), 9},    {{"d_bucket", {}}, 9}};
    QVERIFY(bucketIncreases(before, after) == (HistogramBuckets{{0.1, 4}, {infinite, 7}}));
  }
};

QTEST_APPLESS_MAIN(TestExposition)
#include "tst_exposition.moc"
