// What the relay asks and how it reads the answers, against small servers on loopback and a real gRPC.
#include "app/relay/command.h"
#include "app/relay/hpack.h"
#include "app/relay/http_get.h"
#include "core/base/duration.h"
#include "core/base/json.h"
#include "tests/unit/remote/fake_health.h"
#include "tests/unit/remote/scripted_server.h"

#include <QFile>
#include <QFileInfo>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <csignal>
#include <future>
#include <sys/statvfs.h>

using namespace ratdeck;
using Words = std::vector<std::string>;

namespace {

// The relay blocks: it runs on a thread of its own while the test's servers answer on this one.
Json answerTo(const Words& words) {
  auto outcome = std::async(std::launch::async, [words] { return relay::run(words); });
  if (!QTest::qWaitFor([&] { return outcome.wait_for(0ms) == std::future_status::ready; }, 10000))
    qFatal("the relay does not end");
  const auto result = outcome.get();
  const auto json = parseJson(result.text);
  return json && result.exitCode == 0 ? *json : Json{{"exit", result.exitCode}, {"text", result.text}};
}

// "unreachable: connection refused"; "" of what is no error.
QString troubleIn(const Json& answer) {
  const Json& error = memberAt(answer, "error");
  return error.is_null() ? QString()
                         : QString::fromStdString(textAt(error, "kind") + ": " + textAt(error, "message"));
}

ScriptedServer::Script says(const QByteArray& answer) {
  return [answer](QTcpSocket* socket, const QByteArray& received) {
    if (!received.contains("\r\n\r\n"))
      return;
    socket->write(answer);
    socket->disconnectFromHost();
  };
}

Json get(const ScriptedServer& server, const std::string& path = "/", const std::string& bytes = "1000",
         const Words& headers = {}) {
  Words words = {"get", "5000", server.authority(), path, bytes};
  words.insert(words.end(), headers.begin(), headers.end());
  return answerTo(words);
}

// The pieces one after the other, then the end.
Result<relay::HttpReply> readPieces(std::vector<std::string> pieces, std::size_t mostBody = 1000) {
  std::size_t next = 0;
  return relay::readHttpReply(
      [&]() -> Result<std::string> { return next < pieces.size() ? pieces[next++] : std::string(); },
      mostBody);
}

QString text(const Result<relay::HttpReply>& reply) {
  if (!reply)
    return QStringLiteral("error: ") + QString::fromStdString(reply.error().message);
  return QString::number(reply->status) + QLatin1Char(' ') + QString::fromStdString(reply->body) +
         (reply->isCut ? QStringLiteral(" (cut)") : QString());
}

std::string bytes(const char* hex) {
  return QByteArray::fromHex(hex).toStdString();
}

QString fieldsOf(relay::HpackReader& reader, const char* hex) {
  const auto fields = reader.read(bytes(hex));
  if (!fields)
    return QStringLiteral("error");
  QStringList lines;
  for (const auto& [name, value] : *fields)
    lines += QString::fromStdString(name + "=" + value);
  return lines.join(QLatin1Char(' '));
}

} // namespace

class TestRelay : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void anAnswerIsGivenAsItCame() {
    ScriptedServer server(says("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nfull"));
    const Json answer = get(server, "/ready?x=1", "1000", {"Accept: text/plain"});
    QCOMPARE(integerAt(answer, "status"), 503);
    QCOMPARE(textAt(answer, "body"), std::string("full"));
    QVERIFY(!boolAt(answer, "cut", true));
    QVERIFY(numberAt(answer, "took_ms", -1) >= 0);
    const QByteArray asked = server.received().at(0);
    QVERIFY2(asked.startsWith("GET /ready?x=1 HTTP/1.1\r\nHost: "), asked.constData());
    QVERIFY(asked.contains("\r\nAccept: text/plain\r\n"));
    QVERIFY(asked.contains("\r\nConnection: close\r\n"));
  }

  void aBodyIsReadWhicheverWayItEnds() {
    QCOMPARE(text(readPieces({"HTTP/1.1 200 OK\r\n\r\nall ", "the rest"})),
             QStringLiteral("200 all the rest"));
    QCOMPARE(text(readPieces({"HTTP/1.0 200 OK\r\ncontent-LENGTH: 3\r\n\r\nabcdef"})),
             QStringLiteral("200 abc"));
    QCOMPARE(text(readPieces({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nWi",
                              "ki\r\n5;x=y\r\n", "pedia\r\n0\r\n\r\n"})),
             QStringLiteral("200 Wikipedia"));
    QCOMPARE(text(readPieces({"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No\r\nContent-Length: 9\r\n\r\n"})),
             QStringLiteral("204 "));
    QCOMPARE(text(readPieces({"H", "TTP/1.1 20", "0 OK\r\nContent-Length: 0\r", "\n\r", "\n"})),
             QStringLiteral("200 "));
  }

  void aBodyIsBounded() {
    QCOMPARE(text(readPieces({"HTTP/1.1 200 OK\r\n\r\n", "abcdef"}, 4)), QStringLiteral("200 abcd (cut)"));
    QCOMPARE(text(readPieces({"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd"}, 4)),
             QStringLiteral("200 abcd"));
    QCOMPARE(text(readPieces({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n"}, 4)),
             QStringLiteral("200 abcd (cut)"));
    QVERIFY(!readPieces({"HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x')}));
  }

  void whatIsCutShortOrNoHttpIsAnError() {
    QCOMPARE(text(readPieces({"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"})),
             QStringLiteral("error: the answer was cut short"));
    QCOMPARE(text(readPieces({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nWi"})),
             QStringLiteral("error: the answer was cut short"));
    QCOMPARE(text(readPieces({"HTTP/1.1 200"})), QStringLiteral("error: the answer was cut short"));
    QCOMPARE(text(readPieces({})), QStringLiteral("error: closed without an answer"));
    QCOMPARE(text(readPieces({"SSH-2.0-OpenSSH\r\n\r\n"})), QStringLiteral("error: the answer is not HTTP"));
    QCOMPARE(text(readPieces({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"})),
             QStringLiteral("error: the answer is not HTTP"));
  }

  void nothingIsSmuggledIntoARequest() {
    ScriptedServer server(says("HTTP/1.1 200 OK\r\n\r\n"));
    for (const char* path : {"relative", "/a b", "/a\r\nX: y", ""})
      QCOMPARE(troubleIn(get(server, path)),
               QStringLiteral("input: a path or a header that cannot stand in a request"));
    for (const char* header : {"X: y\r\nZ: z", "no colon"})
      QVERIFY(troubleIn(get(server, "/", "10", {header})).startsWith(QLatin1String("input: ")));
    QCOMPARE(server.connections(), 0);
  }

  void aTokenIsReadFromAFileThatIsGoneThen() {
    ScriptedServer server(says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"));
    QTemporaryDir folder;
    const auto path = folder.filePath(QStringLiteral("token"));
    const auto getAs = [&](const QByteArray& token) {
      QFile file(path);
      if (!token.isEmpty() && file.open(QIODevice::WriteOnly))
        file.write(token);
      file.close();
      return answerTo(
          {"get-as", "5000", path.toStdString(), server.authority(), "/runs", "1000", "Accept: text/plain"});
    };
    QCOMPARE(integerAt(getAs("s3cret"), "status"), 200);
    const QByteArray asked = server.received().at(0);
    QVERIFY2(asked.startsWith("GET /runs HTTP/1.1\r\n") && asked.contains("\r\nAccept: text/plain\r\n") &&
                 asked.contains("\r\nAuthorization: Bearer s3cret\r\n"),
             asked.constData());
    QVERIFY(!QFileInfo::exists(path));
    QCOMPARE(troubleIn(getAs("")), QStringLiteral("input: the token to ask with cannot be read"));
    const auto smuggled = getAs("s3cret\r\nX: y");
    QCOMPARE(troubleIn(smuggled), QStringLiteral("input: a path or a header that cannot stand in a request"));
    QVERIFY(!QFileInfo::exists(path));
    QCOMPARE(server.connections(), 1);
    get(server, "/runs"); // the control: without the file nothing is sent
    QVERIFY(!server.received().at(1).contains("Authorization"));
  }

  void theRoomOnADiskIsToldAsTheKernelDoes() {
    struct statvfs info {};
    QCOMPARE(::statvfs("/", &info), 0);
    const auto here = static_cast<double>(info.f_bavail) * static_cast<double>(info.f_frsize);
    const double told = numberAt(answerTo({"free", "1000", "/"}), "free", -1);
    QVERIFY2(std::abs(told - here) < 1e9, std::to_string(told).c_str()); // others write meanwhile
    QCOMPARE(troubleIn(answerTo({"free", "1000", "/no/such/folder"})),
             QStringLiteral("unreachable: the folder cannot be asked: /no/such/folder"));
  }

  void whoDoesNotAnswerIsSaid() {
    ScriptedServer mute([](QTcpSocket*, const QByteArray&) {});
    QCOMPARE(troubleIn(answerTo({"get", "60", mute.authority(), "/", "10"})),
             QStringLiteral("timeout: no answer within 60 ms"));
    QCOMPARE(troubleIn(answerTo({"connect", "1000", "127.95.1.9:9"})),
             QStringLiteral("unreachable: connection refused"));
    QCOMPARE(troubleIn(answerTo({"connect", "1000", "localhost:9"})),
             QStringLiteral("input: \"localhost:9\" is not ADDRESS:PORT"));
    QCOMPARE(troubleIn(answerTo({"connect", "1000", "127.0.0.1:99999"})),
             QStringLiteral("input: \"127.0.0.1:99999\" is not ADDRESS:PORT"));
  }

  void aConnectionIsEnough() {
    ScriptedServer server([](QTcpSocket*, const QByteArray&) {});
    QCOMPARE(troubleIn(answerTo({"connect", "1000", server.authority()})), QString());
    ScriptedServer v6([](QTcpSocket*, const QByteArray&) {}, "::1");
    if (!v6.isListening())
      QSKIP("no IPv6 here");
    QCOMPARE(troubleIn(answerTo({"connect", "1000", "[::1]:" + std::to_string(v6.port())})), QString());
  }

  void aHealthServiceIsUnderstoodInAllItsAnswers() {
    FakeHealth service;
    RunningServer server(&service);
    const auto ask = [&](const std::string& name, const char* timeout = "5000") {
      const Json answer = answerTo({"health", timeout, server.address(), name});
      const auto trouble = troubleIn(answer);
      return trouble.isEmpty() ? QString::fromStdString(textAt(answer, "health")) : trouble;
    };
    QCOMPARE(ask(""), QStringLiteral("serving"));
    QCOMPARE(ask(std::string(300, 'n')), QStringLiteral("serving"));
    QCOMPARE(ask("draining"), QStringLiteral("not serving"));
    QCOMPARE(ask("odd"), QStringLiteral("unknown"));
    QCOMPARE(ask("strange"), QStringLiteral("service unknown"));
    QCOMPARE(ask("absent"), QStringLiteral("service unknown"));
    QCOMPARE(ask("locked"), QStringLiteral("refused: gRPC wants credentials: no token"));
    QVERIFY(ask("broken").startsWith(QLatin1String("internal: gRPC failed with code 13: it broke")));
    QVERIFY(ask("mute", "80").startsWith(QLatin1String("timeout: ")));
    QCOMPARE(service.calls.load(), 9);
  }

  void aServerWithoutAHealthServiceIsReachable() {
    RunningServer server(nullptr);
    QCOMPARE(textAt(answerTo({"health", "5000", server.address(), ""}), "health"),
             std::string("unimplemented"));
  }

  void whatSpeaksNoGrpcIsNotHealthy() {
    ScriptedServer web(says("HTTP/1.1 400 Bad Request\r\n\r\n"));
    QCOMPARE(troubleIn(answerTo({"health", "5000", web.authority(), ""})),
             QStringLiteral("internal: the answer is not HTTP/2"));
    ScriptedServer closing([](QTcpSocket* socket, const QByteArray&) { socket->disconnectFromHost(); });
    QCOMPARE(troubleIn(answerTo({"health", "5000", closing.authority(), ""})).section(QLatin1Char(':'), 0, 0),
             QStringLiteral("unreachable"));
    // Settings, then headers that say 200 and end without a gRPC status.
    ScriptedServer plain([](QTcpSocket* socket, const QByteArray& received) {
      if (received.size() > 60)
        socket->write(QByteArray::fromHex("000000040000000000"
                                          "000001010500000001"
                                          "88"));
    });
    QCOMPARE(troubleIn(answerTo({"health", "5000", plain.authority(), ""})),
             QStringLiteral("internal: no gRPC server: HTTP status 200"));
    // A frame of 16 MB is announced.
    ScriptedServer vast([](QTcpSocket* socket, const QByteArray&) {
      socket->write(QByteArray::fromHex("ffffff040000000000"));
    });
    QCOMPARE(troubleIn(answerTo({"health", "5000", vast.authority(), ""})),
             QStringLiteral("internal: the answer is not HTTP/2"));
  }

  // RFC 7541, C.3 and C.4: three requests on one connection, plain and coded.
  void headerListsAreReadAsTheStandardWritesThem() {
    const auto first = QStringLiteral(":method=GET :scheme=http :path=/ :authority=www.example.com");
    const auto second = first + QStringLiteral(" cache-control=no-cache");
    const auto third = QStringLiteral(
        ":method=GET :scheme=https :path=/index.html :authority=www.example.com custom-key=custom-value");
    relay::HpackReader plain;
    QCOMPARE(fieldsOf(plain, "828684410f7777772e6578616d706c652e636f6d"), first);
    QCOMPARE(fieldsOf(plain, "828684be58086e6f2d6361636865"), second);
    QCOMPARE(fieldsOf(plain, "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565"), third);
    relay::HpackReader coded;
    QCOMPARE(fieldsOf(coded, "828684418cf1e3c2e5f23a6ba0ab90f4ff"), first);
    QCOMPARE(fieldsOf(coded, "828684be5886a8eb10649cbf"), second);
    QCOMPARE(fieldsOf(coded, "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf"), third);
    relay::HpackReader other; // what another connection remembered is not known here
    QCOMPARE(fieldsOf(other, "828684be"), QStringLiteral("error"));
    for (const char* odd : {"80", "41", "410f77", "ffffffffffff", "3fffffffff7f", "4181ff", "0085ffffffffff"})
      QCOMPARE(fieldsOf(other, odd), QStringLiteral("error"));
  }

  // Codes of appendix B: a tab has 24 bits, a '1' five; what is left over must be ones, and less than a byte.
  void codesAreReadByTheirLength() {
    QCOMPARE(*relay::readHuffman(bytes("ffffea")), std::string("\t"));
    QCOMPARE(*relay::readHuffman(bytes("0842108421")), std::string("11111111"));
    QCOMPARE(*relay::readHuffman(bytes("0f")), std::string("1"));
    QVERIFY(!relay::readHuffman(bytes("08")));
    QVERIFY(!relay::readHuffman(bytes("0fff")));
    QVERIFY(!relay::readHuffman(bytes("fffffffc")));
  }

  void whatIsWrittenIsReadBack() {
    const std::vector<relay::HeaderField> fields = {
        {":method", "POST"}, {"x", ""}, {"long", std::string(127, 'a')}, {"longer", std::string(1000, 'b')}};
    relay::HpackReader reader;
    const auto back = reader.read(relay::writeHpack(fields));
    QVERIFY(back.has_value());
    QCOMPARE(*back, fields);
  }

  void haproxysAnswerIsGivenWhole() {
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("haproxy.sock"));
    QLocalServer server;
    QVERIFY(server.listen(path));
    QByteArray asked;
    connect(&server, &QLocalServer::newConnection, &server, [&] {
      auto* socket = server.nextPendingConnection();
      connect(socket, &QLocalSocket::readyRead, socket, [socket, &asked] {
        asked += socket->readAll();
        if (!asked.endsWith('\n'))
          return;
        socket->write("# a,b\n1,2\n\n");
        socket->disconnectFromServer();
      });
    });
    const Json answer = answerTo({"haproxy", "2000", path.toStdString(), "show stat"});
    QCOMPARE(textAt(answer, "answer"), std::string("# a,b\n1,2\n\n"));
    QCOMPARE(asked, QByteArray("show stat\n"));
    server.close();
    QVERIFY(troubleIn(answerTo({"haproxy", "2000", path.toStdString(), "show stat"}))
                .startsWith(QLatin1String("unreachable: ")));
  }

  void badWordsAreRefused() {
    for (const Words& words :
         {Words{}, Words{"get"}, Words{"wait", "0"}, Words{"wait"}, Words{"connect", "0", "127.0.0.1:1"},
          Words{"connect", "x", "127.0.0.1:1"}, Words{"connect", "600001", "127.0.0.1:1"},
          Words{"connect", "10", "127.0.0.1:1", "more"}, Words{"remove", "10", "/"}})
      QCOMPARE(relay::run(words).exitCode, 2);
  }

  void itEndsWhenNobodyAsksAndWhenItIsTold() {
    QProcess told;
    told.start(QStringLiteral(RELAY_PROGRAM), {QStringLiteral("wait"), QStringLiteral("60")});
    QVERIFY(told.waitForStarted());
    QVERIFY(!told.waitForFinished(200));
    told.terminate();
    QVERIFY(told.waitForFinished(5000));
    QCOMPARE(told.exitCode(), 0);
    QProcess left;
    left.start(QStringLiteral(RELAY_PROGRAM), {QStringLiteral("wait"), QStringLiteral("60")});
    QVERIFY(left.waitForStarted());
    QVERIFY(!left.waitForFinished(200)); // the signals are awaited
    ::kill(static_cast<pid_t>(left.processId()), SIGHUP);
    QVERIFY(!left.waitForFinished(500)); // others may need it
    QVERIFY(left.waitForFinished(5000));
    QCOMPARE(left.exitStatus(), QProcess::NormalExit);
    QProcess alone;
    alone.start(QStringLiteral(RELAY_PROGRAM), {QStringLiteral("wait"), QStringLiteral("1")});
    QVERIFY(alone.waitForStarted());
    QVERIFY(alone.waitForFinished(5000));
    QCOMPARE(alone.exitStatus(), QProcess::NormalExit);
  }

  void signsOfLifeKeepItUp() {
    QProcess kept;
    kept.start(QStringLiteral(RELAY_PROGRAM), {QStringLiteral("wait"), QStringLiteral("1")});
    QVERIFY(kept.waitForStarted());
    for (int i = 0; i < 4; ++i) {
      QVERIFY(!kept.waitForFinished(500));
      ::kill(static_cast<pid_t>(kept.processId()), SIGUSR1);
    }
    QVERIFY(kept.waitForFinished(5000));
  }

  void whatComesAfterAFarewellDoesNotKeepItUpForLong() {
    QProcess left;
    left.start(QStringLiteral(RELAY_PROGRAM), {QStringLiteral("wait"), QStringLiteral("60")});
    QVERIFY(left.waitForStarted());
    QVERIFY(!left.waitForFinished(200)); // the signals are awaited
    ::kill(static_cast<pid_t>(left.processId()), SIGHUP);
    QVERIFY(!left.waitForFinished(500));
    ::kill(static_cast<pid_t>(left.processId()), SIGUSR1);
    QVERIFY(!left.waitForFinished(3000)); // longer than the farewell
    QVERIFY(left.waitForFinished(10000));
    QCOMPARE(left.exitStatus(), QProcess::NormalExit);
  }

  void itIsSmallEnoughToBeSentAsOneFile() {
    QVERIFY2(QFileInfo(QStringLiteral(RELAY_PROGRAM)).size() < 1 << 20, RELAY_PROGRAM);
  }
};

QTEST_GUILESS_MAIN(TestRelay)
#include "tst_relay.moc"
