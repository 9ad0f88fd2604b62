#include "answers.h"
#include "core/remote/http/http_client.h"
#include "core/remote/rat/rat_client.h"
#include "scripted_server.h"

#include <QUrl>
#include <QUrlQuery>

#include <curl/curl.h>

using namespace ratdeck;

namespace {

QByteArray httpAnswer(int status, const QByteArray& body) {
  return "HTTP/1.1 " + QByteArray::number(status) +
         " X\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body;
}

// A ratd with so many runs of each status; `total` is the page's length, as with an auth plugin.
class FakeRatd {
public:
  FakeRatd(int pending, int running)
      : m_server([this](QTcpSocket* socket, const QByteArray& received) { onBytes(socket, received); }) {
    m_counts = {{QStringLiteral("pending"), pending}, {QStringLiteral("running"), running}};
  }
  std::string baseUrl() const { return "http://" + m_server.authority(); }
  QByteArray asked;

private:
  void onBytes(QTcpSocket* socket, const QByteArray& received) {
    if (!received.endsWith("\r\n\r\n"))
      return;
    const auto path = received.mid(received.lastIndexOf("GET ")).split(' ').at(1);
    const QUrlQuery query(QUrl(QString::fromLatin1(path)).query());
    const auto status = query.queryItemValue(QStringLiteral("status"));
    const int limit = query.queryItemValue(QStringLiteral("limit")).toInt();
    const int offset = query.queryItemValue(QStringLiteral("offset")).toInt();
    asked += status.toLatin1() + "+" + QByteArray::number(offset) + " ";
    QByteArrayList runs;
    for (int i = offset; i < m_counts[status] && i < offset + limit; ++i)
      runs << "{\"id\":\"" + status.toLatin1() + QByteArray::number(i) + "\",\"status\":\"" +
                  status.toLatin1() + "\",\"started_at\":\"2026-07-01T12:00:00Z\",\"pipeline\":\"orders\"}";
    const auto total = QByteArray::number(runs.size());
    socket->write(httpAnswer(200, "{\"runs\":[" + runs.join(',') + "],\"total\":" + total + "}"));
  }

  std::map<QString, int> m_counts;
  ScriptedServer m_server;
};

} // namespace

class TestRatClient : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void initTestCase() { curl_global_init(CURL_GLOBAL_DEFAULT); }

  void readsPendingAndRunningPageAfterPage() {
    FakeRatd ratd(3, 450);
    HttpClient http;
    RatClient client(http, {ratd.baseUrl(), {}, 5s});
    Answers<RatActiveRuns> answers;
    client.activeRuns(answers.next());
    QCOMPARE(answers.count(), 0u);
    QVERIFY(answers.wait());
    QVERIFY2(answers.at(0).has_value(), answers.errorText().c_str());
    QCOMPARE(answers.at(0)->count, 453);
    QCOMPARE(ratd.asked, QByteArray("pending+0 running+0 running+200 running+400 "));
    QCOMPARE(answers.at(0)->runs[0].id, std::string("pending0"));
    QCOMPARE(answers.at(0)->runs[0].pipeline, std::string("orders"));
    QCOMPARE(*answers.at(0)->runs[0].startedAt, fromRfc3339("2026-07-01T12:00:00Z"));
  }

  void aFullLastPageIsFollowedByAnEmptyOne() {
    FakeRatd ratd(0, 200);
    HttpClient http;
    RatClient client(http, {ratd.baseUrl(), {}, 5s});
    Answers<RatActiveRuns> answers;
    client.activeRuns(answers.next());
    QVERIFY(answers.wait());
    QCOMPARE(answers.at(0)->count, 200);
    QCOMPARE(ratd.asked, QByteArray("pending+0 running+0 running+200 "));
  }

  void moreRunsThanAnyoneHasAreAnError() {
    FakeRatd ratd(5001, 0);
    HttpClient http;
    RatClient client(http, {ratd.baseUrl(), {}, 5s});
    Answers<RatActiveRuns> answers;
    client.activeRuns(answers.next());
    QVERIFY(answers.wait(1, 30000));
    QVERIFY(!answers.at(0).has_value());
  }

  void countsOnlyWhatIsActive() {
    const auto page = parseRatRuns(R"({"runs":[{"id":"a","status":"success"},{"id":7,"status":"running"},
      {"id":"c","status":"pending","pipeline_name":"p","created_at":"2026-07-01T12:00:00Z"}],"total":3})");
    QVERIFY(page.has_value());
    QCOMPARE(page->length, 3);
    QCOMPARE(page->active.size(), 2u);
    QCOMPARE(page->active[0].id, std::string("7"));
    QVERIFY(!page->active[0].startedAt.has_value());
    QCOMPARE(page->active[1].pipeline, std::string("p"));
    QVERIFY(page->active[1].startedAt.has_value());
  }

  void aMissingListIsNotAnEmptyOne() {
    QVERIFY(parseRatRuns(R"({"runs":null,"total":0})").has_value());
    for (const char* body : {"", "[]", "null", "{}", R"({"total":0})", R"({"runs":{}})", R"({"runs":[3]})",
                             R"({"runs":[{"status":"running"}]})", "{\"runs\":[", "\xff\xfe"})
      QVERIFY2(!parseRatRuns(body).has_value(), body);
    std::string deep = "{\"runs\":";
    deep.append(100000, '[');
    QVERIFY(!parseRatRuns(deep).has_value());
  }

  void refusalsAreNamedInAllTheirShapes_data() {
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("plain")
        << 401 << QByteArray("missing bearer token\n")
        << QByteArray("ratd wants to know who asks (401): missing bearer token; give a token that "
                      "may list the runs");
    QTest::newRow("word")
        << 401 << QByteArray(R"({"error":"unauthorized"})")
        << QByteArray("ratd wants to know who asks (401): unauthorized; give a token that may list "
                      "the runs");
    QTest::newRow("object") << 401
                            << QByteArray(R"({"error":{"code":"X","type":"auth","message":"token expired"}})")
                            << QByteArray(
                                   "ratd wants to know who asks (401): token expired; give a token that may "
                                   "list the runs");
    QTest::newRow("rate") << 429 << QByteArray()
                          << QByteArray("ratd limits the rate of requests (429): no reason given");
    QTest::newRow("broken") << 500 << QByteArray("{\"error\":")
                            << QByteArray("ratd answered 500: {\"error\":");
  }

  void refusalsAreNamedInAllTheirShapes() {
    QFETCH(int, status);
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, text);
    ScriptedServer server(answering(httpAnswer(status, body)));
    HttpClient http;
    RatClient client(http, {"http://" + server.authority(), Secret("s3cret"), 5s});
    Answers<RatActiveRuns> answers;
    client.activeRuns(answers.next());
    QVERIFY(answers.wait());
    QVERIFY(!answers.at(0).has_value());
    QCOMPARE(QByteArray::fromStdString(answers.errorText()), text);
    QVERIFY(server.received().at(0).contains("Authorization: Bearer s3cret\r\n"));
  }

  void readsWhenTheReaperMarksRunsFailed() {
    ScriptedServer server(answering(httpAnswer(
        200,
        R"({"config":{"runs_max_per_pipeline":100,"stuck_run_timeout_minutes":30,"reaper_interval_minutes":15}})")));
    HttpClient http;
    RatClient client(http, {"http://" + server.authority(), Secret("s3cret"), 5s});
    Answers<RatReaper> answers;
    client.reaper(answers.next());
    QVERIFY(answers.wait());
    QCOMPARE(answers.at(0)->longest(), std::chrono::minutes(45));
    QVERIFY(server.received().at(0).startsWith("GET /api/v1/admin/retention/config HTTP/1.1\r\n"));
    QVERIFY(server.received().at(0).contains("Authorization: Bearer s3cret\r\n"));
  }

  void whatTheReaperDoesNotSayIsAsRatdHasItByDefault() {
    QCOMPARE(parseRatReaper(R"({"config":{}})")->longest(), std::chrono::minutes(180));
    QCOMPARE(parseRatReaper(R"({"config":{"reaper_interval_minutes":"x"}})")->longest(),
             std::chrono::minutes(180));
    for (const char* body : {"", "[]", "{}", R"({"stuck_run_timeout_minutes":1})", R"({"config":[]})"})
      QVERIFY2(!parseRatReaper(body).has_value(), body);
  }

  void destroyedClientsStaySilent() {
    ScriptedServer server([](QTcpSocket*, const QByteArray&) {});
    HttpClient http;
    Answers<RatActiveRuns> answers;
    {
      RatClient client(http, {"http://" + server.authority(), {}, 1s});
      client.activeRuns(answers.next());
      QVERIFY(QTest::qWaitFor([&] { return server.connections() == 1; }, 3000));
    }
    QVERIFY(!QTest::qWaitFor([&] { return answers.count() > 0; }, 100));
  }
};

QTEST_GUILESS_MAIN(TestRatClient)
#include "tst_rat_client.moc"
