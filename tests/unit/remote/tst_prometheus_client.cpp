#include "answers.h"
#include "core/remote/http/http_client.h"
#include "core/remote/prometheus/prometheus_client.h"
#include "scripted_server.h"
#include "tests/support/seed.h"

#include <QUrl>
#include <QUrlQuery>

#include <curl/curl.h>

using namespace ratdeck;

namespace {

QByteArray httpAnswer(int status, const QByteArray& body) {
  return "HTTP/1.1 " + QByteArray::number(status) +
         " X\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body;
}

// A server that gives one answer, and keeps what it was asked.
class FakePrometheus {
public:
  FakePrometheus(int status, QByteArray body)
      : m_answer(httpAnswer(status, body)),
        m_server([this](QTcpSocket* socket, const QByteArray& received) { onBytes(socket, received); }) {}
  PrometheusEndpoint endpoint() const { return {"http://" + m_server.authority(), {}, {}, {}, {}, 2s}; }
  QByteArray asked;

  QString field(const char* name) const {
    const QUrlQuery form(QString::fromUtf8(asked.mid(asked.indexOf("\r\n\r\n") + 4)));
    return form.queryItemValue(QString::fromLatin1(name), QUrl::FullyDecoded);
  }

private:
  void onBytes(QTcpSocket* socket, const QByteArray& received) {
    const auto head = received.indexOf("\r\n\r\n");
    if (head < 0)
      return;
    const auto at = received.indexOf("Content-Length: ");
    const auto length = at < 0 ? 0 : received.mid(at + 16, received.indexOf('\r', at) - at - 16).toInt();
    if (received.size() < head + 4 + length)
      return;
    asked = received;
    socket->write(m_answer);
  }

  QByteArray m_answer;
  ScriptedServer m_server;
};

QByteArray vectorOf(const QByteArray& values) {
  return R"({"status":"success","data":{"resultType":"vector","result":[)" + values + "]}}";
}

std::string readingOf(int status, const QByteArray& body) {
  const auto answer = parsePrometheusAnswer(status, body.toStdString());
  if (!answer)
    return answer.error().toString();
  const auto reading = answer->reading();
  if (!reading)
    return reading.error().toString();
  return reading->value ? std::to_string(*reading->value) : "no value: " + reading->why;
}

} // namespace

class TestPrometheusClient : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void initTestCase() { curl_global_init(CURL_GLOBAL_DEFAULT); }

  void readsWhatAQueryIsAbout_data() {
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("reading");
    const auto row = [](const char* name, int status, const QByteArray& body, const char* reading) {
      QTest::newRow(name) << status << body << QByteArray(reading);
    };
    const QByteArray one = R"({"metric":{"job":"a"},"value":[1435781451.781,"0.25"]})";
    row("one series", 200, vectorOf(one), "0.250000");
    row("scalar", 200, R"({"status":"success","data":{"resultType":"scalar","result":[1,"3"]}})", "3.000000");
    row("none", 200, vectorOf(""), "no value: no series fits the query");
    row("NaN", 200, vectorOf(R"({"metric":{},"value":[1,"NaN"]})"),
        "no value: the query gives no number (nothing to divide by?)");
    row("infinite", 200, vectorOf(R"({"metric":{},"value":[1,"+Inf"]})"),
        "no value: the query gives no number (nothing to divide by?)");
    row("negative", 200, vectorOf(R"({"metric":{},"value":[1,"-Inf"]})"),
        "no value: the query gives no number (nothing to divide by?)");
    row("histogram", 200, vectorOf(R"({"metric":{},"histogram":[1,{"count":"3"}]})"),
        "no value: no series fits the query");
    row("many", 200, vectorOf(one + "," + one),
        "the query gives 2 series; aggregate them into one, as by sum(…)");
    row("text", 200, R"({"status":"success","data":{"resultType":"string","result":[1,"a"]}})",
        "the query gives a string, which is no number; write one that gives a scalar or a vector");
    row("bad query", 400,
        R"({"status":"error","errorType":"bad_data","error":"1:3: parse error: unexpected end of input"})",
        "Prometheus cannot read the query: 1:3: parse error: unexpected end of input");
    row("timeout", 503, R"({"status":"error","errorType":"timeout","error":"query timed out"})",
        "Prometheus gave up on the query: query timed out");
    row("execution", 422, R"({"status":"error","errorType":"execution","error":"too many samples"})",
        "Prometheus answered 422: too many samples");
    row("error with 200", 200, R"({"status":"error","errorType":"internal","error":"oh"})",
        "Prometheus answered 200: oh");
    row("unauthorized", 401, "Unauthorized\n",
        "Prometheus does not let this side ask (401): Unauthorized; give a token, or a user and a password, "
        "that may query");
    row("another server", 404, "404 page not found\n",
        "there is no Prometheus API (404): 404 page not found; check the URL");
    row("a page", 200, "<html>\x1b[31m", "Prometheus' answer makes no sense: <html>?[31m");
    row("no value", 200, vectorOf(R"({"metric":{},"value":[1,2]})"),
        "Prometheus' answer makes no sense: a value is not a time and a text");
    row("no number", 200, vectorOf(R"({"metric":{},"value":[1,"1s"]})"),
        "Prometheus' answer makes no sense: a value is no number: 1s");
    row("no labels", 200, vectorOf(R"({"value":[1,"1"]})"),
        "Prometheus' answer makes no sense: a series has no labels");
    row("no list", 200, R"({"status":"success","data":{"resultType":"vector","result":{}}})",
        "Prometheus' answer makes no sense: the series are no list");
    row("no data", 200, R"({"status":"success"})",
        "the query gives a no reason given, which is no number; write one that gives a scalar or a vector");
    row("nothing", 500, "", "Prometheus answered 500: no reason given");
  }
  void readsWhatAQueryIsAbout() {
    QFETCH(int, status);
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, reading);
    QCOMPARE(QByteArray::fromStdString(readingOf(status, body)), reading);
  }

  void asksForTheValueNow() {
    FakePrometheus server(200, vectorOf(R"({"metric":{"__name__":"up","job":"a"},"value":[12.5,"1"]})"));
    HttpClient http;
    auto endpoint = server.endpoint();
    endpoint.baseUrl += "/prefix/";
    PrometheusClient client(http, endpoint);
    Answers<PrometheusAnswer> answers;
    client.query("sum(rate(a{b=~\"5..\"}[30s])) + 1 & 2", answers.next());
    QCOMPARE(answers.count(), 0u);
    QVERIFY(answers.wait());
    QVERIFY2(answers.at(0).has_value(), answers.errorText().c_str());
    QVERIFY(server.asked.startsWith("POST /prefix/api/v1/query HTTP/1.1\r\n"));
    QCOMPARE(server.field("query"), QStringLiteral("sum(rate(a{b=~\"5..\"}[30s])) + 1 & 2"));
    QCOMPARE(server.field("timeout"), QStringLiteral("2.000"));
    QVERIFY(!server.asked.contains("Authorization"));
    QCOMPARE(answers.at(0)->series.at(0).labels.at("__name__"), std::string("up"));
    QCOMPARE(answers.at(0)->series.at(0).points.at(0).time, 12.5);
  }

  void asksForARange() {
    FakePrometheus server(200, R"({"status":"success","data":{"resultType":"matrix","result":[)"
                               R"({"metric":{},"values":[[1,"0"],[2,"NaN"],[3,"2"]]}]},)"
                               R"("warnings":["one store\nis missing"]})");
    HttpClient http;
    PrometheusClient client(http, server.endpoint());
    Answers<PrometheusAnswer> answers;
    client.queryRange("a", fromRfc3339("2026-07-01T12:00:00Z"), fromRfc3339("2026-07-01T12:00:01.5Z"), 500ms,
                      answers.next());
    QVERIFY(answers.wait());
    QVERIFY2(answers.at(0).has_value(), answers.errorText().c_str());
    QVERIFY(server.asked.startsWith("POST /api/v1/query_range HTTP/1.1\r\n"));
    QCOMPARE(server.field("end").toDouble() - server.field("start").toDouble(), 1.5);
    QCOMPARE(server.field("step"), QStringLiteral("0.500"));
    const auto& points = answers.at(0)->series.at(0).points;
    QCOMPARE(points.size(), std::size_t(3));
    QCOMPARE(points[0].value, std::optional(0.0));
    QVERIFY(!points[1].value); // missing data is never zero
    QCOMPARE(answers.at(0)->warnings, (std::vector<std::string>{"one store is missing"}));
    Answers<PrometheusAnswer> refused;
    client.queryRange("a", fromRfc3339("2026-07-01T12:00:01Z"), fromRfc3339("2026-07-01T12:00:00Z"), 1s,
                      refused.next());
    client.queryRange("a", WallTime(), WallTime(), 0s, refused.next());
    QCOMPARE(refused.count(), 0u);
    QVERIFY(refused.wait(2));
    QCOMPARE(refused.errorKind(), ErrorKind::Input);
  }

  void showsWhoItIsAndNeverSaysIt() {
    FakePrometheus server(403, "no");
    HttpClient http;
    auto endpoint = server.endpoint();
    endpoint.token = Secret("t0ken");
    Answers<PrometheusAnswer> answers;
    PrometheusClient bearer(http, endpoint);
    bearer.query("up", answers.next());
    QVERIFY(answers.wait());
    QVERIFY(server.asked.contains("Authorization: Bearer t0ken\r\n"));
    QCOMPARE(answers.errorKind(), ErrorKind::Refused);
    endpoint.token = {};
    endpoint.user = "ops";
    endpoint.password = Secret("p4ss:word");
    Answers<PrometheusAnswer> second;
    PrometheusClient basic(http, endpoint);
    basic.query("up", second.next());
    QVERIFY(second.wait());
    QVERIFY(server.asked.contains("Authorization: Basic " + QByteArray("ops:p4ss:word").toBase64() + "\r\n"));
    for (const std::string& text : {answers.errorText(), second.errorText()})
      QVERIFY2(text.find("t0ken") == std::string::npos && text.find("p4ss") == std::string::npos,
               text.c_str());
    endpoint.user = "o:ps";
    Answers<PrometheusAnswer> third;
    PrometheusClient odd(http, endpoint);
    odd.query("up", third.next());
    QVERIFY(third.wait());
    QCOMPARE(third.errorKind(), ErrorKind::Input);
    QVERIFY(third.errorText().find("p4ss") == std::string::npos);
  }

  void saysWhoDoesNotAnswer() {
    HttpClient http;
    PrometheusClient nobody(http, {"http://127.95.1.9:9", {}, {}, {}, {}, 2s});
    Answers<PrometheusAnswer> gone;
    nobody.query("up", gone.next());
    QVERIFY(gone.wait());
    QCOMPARE(gone.errorKind(), ErrorKind::Unreachable);
    ScriptedServer silent([](QTcpSocket*, const QByteArray&) {});
    PrometheusClient slow(http, {"http://" + silent.authority(), {}, {}, {}, {}, 100ms});
    Answers<PrometheusAnswer> late;
    slow.query("up", late.next());
    QVERIFY(late.wait());
    QCOMPARE(late.errorKind(), ErrorKind::Timeout);
  }

  void refusesWhatIsTooMuch() {
    QByteArray many = R"({"metric":{},"value":[1,"1"]})";
    for (int i = 0; i < 14; ++i)
      many += "," + many;
    QVERIFY(readingOf(200, vectorOf(many)).find("answers with 16384 series") != std::string::npos);
    QVERIFY(readingOf(200, QByteArray(100'000, '[')).find("makes no sense") != std::string::npos);
    FakePrometheus server(200, QByteArray(9 << 20, ' '));
    HttpClient http;
    PrometheusClient client(http, server.endpoint());
    Answers<PrometheusAnswer> answers;
    client.query("up", answers.next());
    QVERIFY(answers.wait());
    QCOMPARE(answers.errorKind(), ErrorKind::Internal);
  }

  void destroyedClientsStaySilent() {
    ScriptedServer server([](QTcpSocket*, const QByteArray&) {});
    HttpClient http;
    Answers<PrometheusAnswer> answers;
    {
      PrometheusClient client(http, {"http://" + server.authority(), {}, {}, {}, {}, 1s});
      client.query("up", answers.next());
      client.queryRange("up", WallTime(), WallTime(), 0s, answers.next());
      QVERIFY(QTest::qWaitFor([&] { return server.connections() == 1; }, 3000));
    }
    QVERIFY(!QTest::qWaitFor([&] { return answers.count() > 1; }, 100));
  }

  void survivesAnyAnswer() {
    std::mt19937_64 random(testSeed());
    const QByteArray good =
        R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":"b"},"values":[[1,"0"],)"
        R"([2,"NaN"]]},{"metric":{},"value":[3,"1e3"]}]},"warnings":["x"],"errorType":"timeout","error":"e"})";
    const QByteArray pieces[] = {"null", "[]", "{}", "\"1\"", "1", ",", ":", "\"", "{\"a\":", "]", "}", "-"};
    for (int round = 0; round < 20'000; ++round) {
      QByteArray text = good;
      for (auto changes = random() % 4; changes > 0; --changes) {
        const auto at = static_cast<qsizetype>(random() % static_cast<std::uint64_t>(text.size()));
        text.replace(at, static_cast<qsizetype>(random() % 6), pieces[random() % std::size(pieces)]);
      }
      const auto answer = parsePrometheusAnswer(random() % 2 ? 200 : 400, text.toStdString());
      if (answer)
        for (const auto& series : answer->series)
          for (const auto& point : series.points)
            QVERIFY(!point.value || std::isfinite(*point.value));
    }
  }

  void scrapesWhatAServiceExposes() {
    FakePrometheus server(200, "# TYPE a counter\na{code=\"500\"} 3\n");
    HttpClient http;
    Answers<Exposition> answers;
    const std::string url = server.endpoint().baseUrl + "/metrics";
    scrapeMetrics(http, url, 2s, answers.next());
    QVERIFY(answers.wait());
    QVERIFY2(answers.at(0).has_value(), answers.errorText().c_str());
    QCOMPARE(answers.at(0)->values.at({"a", {{"code", "500"}}}), 3.0);
    QVERIFY(server.asked.startsWith("GET /metrics HTTP/1.1\r\n"));
    FakePrometheus broken(200, "a 1\nb\n");
    Answers<Exposition> second;
    scrapeMetrics(http, broken.endpoint().baseUrl + "/metrics", 2s, second.next());
    QVERIFY(second.wait());
    QCOMPARE(second.errorText(),
             broken.endpoint().baseUrl + "/metrics:2:2: expected a value before the line's end");
    for (const auto& [status, kind] :
         {std::pair(404, ErrorKind::NotFound), std::pair(401, ErrorKind::Refused),
          std::pair(500, ErrorKind::Internal)}) {
      FakePrometheus other(status, "");
      Answers<Exposition> third;
      scrapeMetrics(http, other.endpoint().baseUrl + "/m", 2s, third.next());
      QVERIFY(third.wait());
      QCOMPARE(third.errorKind(), kind);
    }
  }
};

QTEST_GUILESS_MAIN(TestPrometheusClient)
#include "tst_prometheus_client.moc"
