#include "answers.h"
#include "core/remote/http/http_client.h"
#include "scripted_server.h"

#include <QTemporaryDir>
#include <QTimer>

#include <curl/curl.h>
#include <sys/socket.h>

using namespace ratdeck;

namespace {

const QByteArray okAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Rat-Version: 2.0.0\r\n\r\nready";

HttpRequest requestTo(const ScriptedServer& server, const std::string& path = "/health") {
  HttpRequest request;
  request.url = "http://" + server.authority() + path;
  request.timeout = 3s;
  return request;
}

bool mentions(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

class TestHttpClient : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void initTestCase() { curl_global_init(CURL_GLOBAL_DEFAULT); }

  void answersAfterTheCallAndOnce() {
    ScriptedServer server(answering(okAnswer));
    HttpClient client;
    Answers<HttpResponse> answers;
    client.send(requestTo(server), answers.next());
    QCOMPARE(answers.count(), 0u);
    QVERIFY(answers.wait());
    const auto& response = answers.at(0);
    QVERIFY2(response.has_value(), answers.errorText().c_str());
    QCOMPARE(response->status, 200);
    QCOMPARE(response->body, std::string("ready"));
    QCOMPARE(response->header("x-rat-version"), std::string_view("2.0.0"));
    QVERIFY(response->took > 0s && response->took < 3s);
    QVERIFY(!QTest::qWaitFor([&] { return answers.count() > 1; }, 50));
  }

  void sendsMethodHeadersTokenAndBody() {
    ScriptedServer server([](QTcpSocket* socket, const QByteArray& received) {
      if (received.endsWith("{\"a\":1}"))
        socket->write("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
    });
    HttpClient client;
    Answers<HttpResponse> answers;
    auto request = requestTo(server, "/v1/instances/x");
    request.method = "PUT";
    request.headers = {{"Content-Type", "application/json"}, {"X-Empty", ""}};
    request.bearerToken = Secret("t0ken");
    request.body = "{\"a\":1}";
    client.send(request, answers.next());
    QVERIFY(answers.wait());
    QVERIFY2(answers.at(0).has_value(), answers.errorText().c_str());
    QCOMPARE(answers.at(0)->status, 201);
    const auto text = server.received().at(0);
    QVERIFY(text.startsWith("PUT /v1/instances/x HTTP/1.1\r\n"));
    QVERIFY(text.contains("Authorization: Bearer t0ken\r\n"));
    QVERIFY(text.contains("Content-Type: application/json\r\n"));
    QVERIFY(text.contains("X-Empty:\r\n"));
    QVERIFY(text.contains("Content-Length: 7\r\n"));
    QVERIFY(!text.contains("Expect"));
  }

  void speaksOverAUnixSocketAsLocalhost() {
    QTemporaryDir folder;
    const auto path = folder.filePath(QStringLiteral("s.sock"));
    QLocalServer server;
    QVERIFY(server.listen(path));
    QByteArray received;
    QObject::connect(&server, &QLocalServer::newConnection, &server, [&] {
      auto* socket = server.nextPendingConnection();
      QObject::connect(socket, &QLocalSocket::readyRead, socket, [&received, socket] {
        received += socket->readAll();
        if (received.endsWith("\r\n\r\n"))
          socket->write(okAnswer);
      });
    });
    HttpClient client;
    Answers<HttpResponse> answers;
    HttpRequest request;
    request.url = "/v1/info?x=1";
    request.unixSocket = path.toStdString();
    client.send(request, answers.next());
    QVERIFY(answers.wait());
    QVERIFY2(answers.at(0).has_value(), answers.errorText().c_str());
    QVERIFY(received.startsWith("GET /v1/info?x=1 HTTP/1.1\r\n"));
    QVERIFY(received.contains("Host: localhost\r\n"));
  }

  void reusesAConnectionUnlessAFreshOneIsWanted() {
    ScriptedServer server(answering(okAnswer));
    HttpClient client;
    Answers<HttpResponse> answers;
    for (std::size_t i = 1; i <= 3; ++i) {
      client.send(requestTo(server), answers.next());
      QVERIFY(answers.wait(i));
    }
    QCOMPARE(server.connections(), 1);
    auto fresh = requestTo(server);
    fresh.freshConnection = true;
    for (std::size_t i = 4; i <= 6; ++i) {
      client.send(fresh, answers.next());
      QVERIFY(answers.wait(i));
    }
    QCOMPARE(server.connections(), 4);
  }

  void connectsFromTheAddressAskedFor() {
    QHostAddress peer;
    ScriptedServer server([&](QTcpSocket* socket, const QByteArray& received) {
      peer = socket->peerAddress();
      if (received.endsWith("\r\n\r\n"))
        socket->write(okAnswer);
    });
    HttpClient client;
    Answers<HttpResponse> answers;
    auto request = requestTo(server);
    request.sourceAddress = "127.95.1.9";
    client.send(request, answers.next());
    QVERIFY(answers.wait());
    QVERIFY2(answers.at(0).has_value(), answers.errorText().c_str());
    QCOMPARE(peer, QHostAddress(QStringLiteral("127.95.1.9")));
  }

  void hundredsSideBySideAllAnswer() {
    ScriptedServer server(answering(okAnswer));
    HttpClient client;
    Answers<HttpResponse> answers;
    for (int i = 0; i < 300; ++i) {
      auto request = requestTo(server);
      request.freshConnection = i % 2 == 0;
      request.timeout = 20s;
      client.send(request, answers.next());
    }
    QVERIFY(answers.wait(300, 20000));
    for (std::size_t i = 0; i < 300; ++i)
      QVERIFY2(answers.at(i).has_value(), answers.at(i) ? "" : answers.at(i).error().message.c_str());
  }

  void anErrorStatusIsAnAnswerAndARedirectIsNotFollowed() {
    ScriptedServer server(
        answering("HTTP/1.1 302 Found\r\nLocation: http://127.95.1.1:1/\r\nContent-Length: 0\r\n\r\n"));
    ScriptedServer down(answering("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy"));
    HttpClient client;
    Answers<HttpResponse> answers;
    client.send(requestTo(server), answers.next());
    QVERIFY(answers.wait(1));
    client.send(requestTo(down), answers.next());
    QVERIFY(answers.wait(2));
    QCOMPARE(answers.at(0)->status, 302);
    QCOMPARE(answers.at(1)->status, 503);
    QCOMPARE(answers.at(1)->body, std::string("busy"));
  }

  void namesWhatWentWrong_data() {
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<QString>("end");
    QTest::addColumn<int>("kind");
    QTest::addColumn<QString>("words");
    const auto row = [](const char* name, const char* answer, const char* end, ErrorKind kind,
                        const char* words) {
      QTest::newRow(name) << QByteArray(answer) << QString::fromLatin1(end) << static_cast<int>(kind)
                          << QString::fromLatin1(words);
    };
    row("closed at once", "", "close", ErrorKind::Unreachable, "without an answer");
    row("reset", "", "reset", ErrorKind::Unreachable, "broke");
    row("half a body", "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf", "close", ErrorKind::Unreachable,
        "cut after 4");
    row("half a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf", "close",
        ErrorKind::Unreachable, "cut");
    row("not HTTP", "SSH-2.0-OpenSSH\r\n", "close", ErrorKind::Internal, "does not answer in HTTP");
    row("too large", "HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n", "flood", ErrorKind::Internal,
        "larger than 1000 bytes");
    row("silence", "", "stay", ErrorKind::Timeout, "within 300 ms");
    row("half headers", "HTTP/1.1 200 OK\r\nContent-", "stay", ErrorKind::Timeout, "within 300 ms");
    row("slow drip", "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", "drip", ErrorKind::Timeout,
        "within 300 ms");
  }

  void namesWhatWentWrong() {
    QFETCH(QByteArray, answer);
    QFETCH(QString, end);
    QFETCH(int, kind);
    QFETCH(QString, words);
    ScriptedServer server([&](QTcpSocket* socket, const QByteArray& received) {
      if (!received.endsWith("\r\n\r\n"))
        return;
      socket->write(answer);
      if (end == QLatin1String("flood"))
        socket->write(QByteArray(2000, 'x'));
      if (end == QLatin1String("close"))
        socket->disconnectFromHost();
      if (end == QLatin1String("drip")) {
        auto* timer = new QTimer(socket);
        QObject::connect(timer, &QTimer::timeout, socket, [socket] { socket->write("x"); });
        timer->start(20);
      }
      if (end == QLatin1String("reset")) {
        const linger hard{1, 0};
        setsockopt(static_cast<int>(socket->socketDescriptor()), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        socket->abort();
      }
    });
    HttpClient client;
    Answers<HttpResponse> answers;
    auto request = requestTo(server);
    request.timeout = 300ms;
    request.maxBody = 1000;
    client.send(request, answers.next());
    QVERIFY(answers.wait());
    QVERIFY(!answers.at(0).has_value());
    QVERIFY2(mentions(answers.errorText(), words.toStdString()), answers.errorText().c_str());
    QCOMPARE(static_cast<int>(answers.errorKind()), kind);
  }

  void refusedAndMissingSocketsAreUnreachable() {
    std::string authority;
    {
      ScriptedServer gone(answering(okAnswer));
      authority = gone.authority();
    }
    HttpClient client;
    Answers<HttpResponse> refused;
    HttpRequest request;
    request.url = "http://" + authority + "/";
    client.send(request, refused.next());
    Answers<HttpResponse> missing;
    request.unixSocket = "/nonexistent/s.sock";
    client.send(request, missing.next());
    QVERIFY(refused.wait() && missing.wait());
    QCOMPARE(refused.errorKind(), ErrorKind::Unreachable);
    QVERIFY2(mentions(refused.errorText(), "Connection refused"), refused.errorText().c_str());
    QCOMPARE(missing.errorKind(), ErrorKind::Unreachable);
    QVERIFY2(mentions(missing.errorText(), "/nonexistent/s.sock"), missing.errorText().c_str());
  }

  void refusesRequestsThatWouldSmuggle() {
    ScriptedServer server(answering(okAnswer));
    HttpClient client;
    std::vector<HttpRequest> requests(6, requestTo(server));
    requests[0].method = "GET /x HTTP/1.1\r\nA";
    requests[1].headers = {{"X-A", "b\r\nX-C: d"}};
    requests[2].headers = {{"X A", "b"}};
    requests[3].url = "http://" + server.authority() + "/a b";
    requests[4].url = "file:///etc/hostname";
    requests[5].url = "http://user:hidden@" + server.authority() + "/";
    for (const auto& request : requests) {
      Answers<HttpResponse> answers;
      client.send(request, answers.next());
      QCOMPARE(answers.count(), 0u);
      QVERIFY(answers.wait());
      QVERIFY(!answers.at(0).has_value());
      QCOMPARE(answers.errorKind(), ErrorKind::Input);
      QVERIFY(!mentions(answers.errorText(), "hidden"));
    }
    QCOMPARE(server.connections(), 0);
  }

  void cancelledOrOrphanedCallsStaySilent() {
    ScriptedServer slow([](QTcpSocket*, const QByteArray&) {});
    ScriptedServer server(answering(okAnswer));
    Answers<HttpResponse> silent;
    {
      HttpClient client;
      const auto id = client.send(requestTo(slow), silent.next());
      QVERIFY(QTest::qWaitFor([&] { return slow.connections() == 1; }, 3000));
      client.cancel(id);
      client.cancel(id);
      client.send(requestTo(slow), silent.next());
      QVERIFY(QTest::qWaitFor([&] { return slow.connections() == 2; }, 3000));
      client.send(requestTo(server), silent.next());
      client.send(HttpRequest{}, silent.next()); // its answer is on the way already
    }
    QVERIFY(!QTest::qWaitFor([&] { return silent.count() > 0; }, 100));
  }

  void anAnswerMayDestroyTheClientAndCancelOthers() {
    ScriptedServer server(answering(okAnswer));
    auto client = std::make_unique<HttpClient>();
    int answered = 0;
    for (int i = 0; i < 5; ++i)
      client->send(requestTo(server), [&](Result<HttpResponse>) {
        ++answered;
        client.reset();
      });
    QVERIFY(QTest::qWaitFor([&] { return answered > 0; }, 3000));
    QVERIFY(!QTest::qWaitFor([&] { return answered > 1; }, 50));

    HttpClient other;
    CallId second{};
    int firstAnswered = 0;
    int secondAnswered = 0;
    other.send(requestTo(server), [&](Result<HttpResponse>) {
      ++firstAnswered;
      other.cancel(second);
    });
    auto later = requestTo(server, "/second");
    second = other.send(later, [&](Result<HttpResponse>) { ++secondAnswered; });
    QVERIFY(QTest::qWaitFor([&] { return firstAnswered == 1; }, 3000));
    QVERIFY(secondAnswered <= 1);
  }

  void aStreamComesPieceByPieceAndThenEnds() {
    ScriptedServer server([](QTcpSocket* socket, const QByteArray&) {
      socket->write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
      socket->flush();
      QTimer::singleShot(30, socket, [socket] { socket->write("3\r\ntwo\r\n"); });
      QTimer::singleShot(60, socket, [socket] { socket->write("0\r\n\r\n"); });
    });
    HttpClient client;
    Answers<HttpResponse> answers;
    QStringList log;
    auto request = requestTo(server);
    request.maxBody = 4; // holds for what is kept, not for what is passed on
    client.stream(request,
                  {[&] { log += QStringLiteral("open"); },
                   [&](std::string_view piece) {
                     log += QString::fromStdString(std::string(piece));
                   }},
                  answers.next());
    QVERIFY(log.isEmpty());
    QVERIFY(answers.wait());
    QVERIFY2(answers.at(0).has_value(), answers.errorText().c_str());
    QCOMPARE(log.join(QLatin1Char(' ')), QStringLiteral("open one two"));
    QCOMPARE(answers.at(0)->status, 200);
    QCOMPARE(answers.at(0)->body, std::string());
  }

  void anErrorStatusOfAStreamIsKeptWhole() {
    ScriptedServer server(answering("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone"));
    HttpClient client;
    Answers<HttpResponse> answers;
    int calls = 0;
    client.stream(requestTo(server),
                  {[&] { ++calls; },
                   [&](std::string_view) {
                     ++calls;
                   }},
                  answers.next());
    QVERIFY(answers.wait());
    QCOMPARE(answers.at(0)->status, 404);
    QCOMPARE(answers.at(0)->body, std::string("gone"));
    QCOMPARE(calls, 0);
  }

  void aStreamMayBeSilentOnlyForItsIdleTimeout() {
    ScriptedServer mute([](QTcpSocket*, const QByteArray&) {});
    ScriptedServer dripping([](QTcpSocket* socket, const QByteArray&) {
      socket->write("HTTP/1.1 200 OK\r\n\r\n");
      auto* timer = new QTimer(socket);
      QObject::connect(timer, &QTimer::timeout, socket, [socket, left = 6]() mutable {
        if (left-- > 0)
          socket->write("x");
      });
      timer->start(50);
    });
    HttpClient client;
    Answers<HttpResponse> headless;
    auto request = requestTo(mute);
    request.timeout = 200ms;
    request.idleTimeout = 200ms;
    client.stream(request,
                  {{},
                   [](std::string_view) {
                   }},
                  headless.next());
    Answers<HttpResponse> dripped;
    std::size_t bytes = 0;
    request.url = "http://" + dripping.authority() + "/";
    client.stream(request,
                  {{},
                   [&](std::string_view piece) {
                     bytes += piece.size();
                   }},
                  dripped.next());
    QVERIFY(headless.wait() && dripped.wait());
    QCOMPARE(headless.errorKind(), ErrorKind::Timeout);
    QVERIFY2(mentions(headless.errorText(), "no answer"), headless.errorText().c_str());
    QCOMPARE(dripped.errorKind(), ErrorKind::Timeout);
    QVERIFY2(mentions(dripped.errorText(), "nothing for 200 ms"), dripped.errorText().c_str());
    QCOMPARE(bytes, 6u); // 300 ms of drops outlived a patience of 200 ms
  }

  void aStreamThatIsCutIsUnreachable() {
    ScriptedServer server(answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf", true));
    HttpClient client;
    Answers<HttpResponse> answers;
    std::string body;
    client.stream(requestTo(server),
                  {{},
                   [&](std::string_view piece) {
                     body += piece;
                   }},
                  answers.next());
    QVERIFY(answers.wait());
    QCOMPARE(answers.errorKind(), ErrorKind::Unreachable);
    QCOMPARE(body, std::string("half"));
  }

  void aStreamsListenerMayCancelItAndDestroyTheClient() {
    ScriptedServer server([](QTcpSocket* socket, const QByteArray&) {
      socket->write("HTTP/1.1 200 OK\r\n\r\nfirst");
      socket->flush();
      QTimer::singleShot(20, socket, [socket] { socket->write("second"); });
    });
    for (const bool destroys : {false, true}) {
      auto client = std::make_unique<HttpClient>();
      Answers<HttpResponse> silent;
      int pieces = 0;
      CallId id{};
      id = client->stream(requestTo(server),
                          {{},
                           [&](std::string_view) {
                             ++pieces;
                             destroys ? client.reset() : client->cancel(id);
                           }},
                          silent.next());
      QVERIFY(QTest::qWaitFor([&] { return pieces > 0; }, 3000));
      QVERIFY(!QTest::qWaitFor([&] { return pieces > 1 || silent.count() > 0; }, 60));
    }
  }

  void theEnvironmentsProxyIsNotUsed() {
    ScriptedServer server(answering(okAnswer));
    qputenv("http_proxy", "http://127.95.1.1:1");
    qputenv("ALL_PROXY", "http://127.95.1.1:1");
    HttpClient client;
    Answers<HttpResponse> answers;
    client.send(requestTo(server), answers.next());
    const bool isAnswered = answers.wait();
    qunsetenv("http_proxy");
    qunsetenv("ALL_PROXY");
    QVERIFY(isAnswered);
    QVERIFY2(answers.at(0).has_value(), answers.errorText().c_str());
  }
};

QTEST_GUILESS_MAIN(TestHttpClient)
#include "tst_http_client.moc"
