#include "answers.h"
#include "core/base/duration.h"
#include "core/remote/grpc/health_client.h"
#include "fake_health.h"
#include "scripted_server.h"

#include <QElapsedTimer>

#include <thread>

using namespace ratdeck;

namespace {

QByteArray outcome(const Result<GrpcHealth>& result) {
  static const std::map<ErrorKind, QByteArray> kinds{{ErrorKind::Unreachable, "unreachable"},
                                                     {ErrorKind::Timeout, "timeout"},
                                                     {ErrorKind::Refused, "refused"},
                                                     {ErrorKind::Internal, "internal"}};
  return result ? QByteArray(toString(*result)) : "error " + kinds.at(result.error().kind);
}

} // namespace

class TestHealthClient : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void readsWhatTheServerSays_data() {
    QTest::addColumn<QByteArray>("service");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("server") << QByteArray("") << QByteArray("serving");
    QTest::newRow("draining") << QByteArray("draining") << QByteArray("not serving");
    QTest::newRow("odd") << QByteArray("odd") << QByteArray("unknown");
    QTest::newRow("strange") << QByteArray("strange") << QByteArray("service unknown");
    QTest::newRow("absent") << QByteArray("absent") << QByteArray("service unknown");
    QTest::newRow("locked") << QByteArray("locked") << QByteArray("error refused");
    QTest::newRow("broken") << QByteArray("broken") << QByteArray("error internal");
    QTest::newRow("mute") << QByteArray("mute") << QByteArray("error timeout");
  }

  void readsWhatTheServerSays() {
    QFETCH(QByteArray, service);
    QFETCH(QByteArray, expected);
    FakeHealth fake;
    RunningServer server(&fake);
    GrpcHealthClient client;
    Answers<GrpcHealth> answers;
    client.check(server.address(), service.toStdString(), service == "mute" ? 200ms : 5s, answers.next());
    QCOMPARE(answers.count(), 0u);
    QVERIFY(answers.wait());
    QVERIFY2(outcome(answers.at(0)) == expected, answers.errorText().c_str());
    QVERIFY(answers.errorText().find('\n') == std::string::npos);
    QCOMPARE(fake.calls.load(), 1); // no retries
  }

  void aServerWithoutTheServiceIsUnimplemented() {
    RunningServer server(nullptr);
    GrpcHealthClient client;
    Answers<GrpcHealth> answers;
    client.check(server.address(), "", 5s, answers.next());
    QVERIFY(answers.wait());
    QVERIFY2(outcome(answers.at(0)) == "unimplemented", answers.errorText().c_str());
  }

  void aDeadServerIsUnreachableAndItsSuccessorIsSeenAtOnce() {
    FakeHealth fake;
    std::string address;
    GrpcHealthClient client;
    Answers<GrpcHealth> answers;
    {
      RunningServer server(&fake);
      address = server.address();
      client.check(address, "", 5s, answers.next());
      QVERIFY(answers.wait(1));
    }
    client.check(address, "", 5s, answers.next());
    QVERIFY(answers.wait(2));
    RunningServer successor(&fake, address.c_str());
    QVERIFY(successor.server != nullptr);
    client.check(address, "", 5s, answers.next());
    QVERIFY(answers.wait(3));
    QCOMPARE(outcome(answers.at(0)), QByteArray("serving"));
    QCOMPARE(outcome(answers.at(1)), QByteArray("error unreachable"));
    QCOMPARE(outcome(answers.at(2)), QByteArray("serving"));
  }

  void whatDoesNotSpeakGrpcIsAnError_data() {
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<bool>("closes");
    QTest::newRow("HTTP/1.1") << QByteArray("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n") << false;
    QTest::newRow("noise") << QByteArray(5000, '\x7f') << false;
    QTest::newRow("closes") << QByteArray() << true;
    QTest::newRow("silent") << QByteArray() << false;
  }

  void whatDoesNotSpeakGrpcIsAnError() {
    QFETCH(QByteArray, answer);
    QFETCH(bool, closes);
    ScriptedServer server([&](QTcpSocket* socket, const QByteArray&) {
      socket->write(answer);
      if (closes)
        socket->disconnectFromHost();
    });
    GrpcHealthClient client;
    Answers<GrpcHealth> answers;
    client.check(server.authority(), "", 500ms, answers.next());
    QVERIFY(answers.wait());
    QVERIFY(!answers.at(0).has_value());
    QVERIFY(answers.errorKind() == ErrorKind::Unreachable || answers.errorKind() == ErrorKind::Timeout);
  }

  void cancelledAndOrphanedChecksStaySilent() {
    FakeHealth fake;
    RunningServer server(&fake);
    Answers<GrpcHealth> silent;
    {
      GrpcHealthClient client;
      const auto id = client.check(server.address(), "mute", 5s, silent.next());
      for (int i = 0; i < 10; ++i)
        client.check(server.address(), i % 2 == 0 ? "mute" : "", 5s, silent.next());
      QElapsedTimer timer;
      timer.start();
      while (fake.calls < 11 && timer.elapsed() < 5000) // without turning this thread's event loop
        std::this_thread::yield();
      client.cancel(id);
      client.cancel(id);
    }
    QVERIFY(!QTest::qWaitFor([&] { return silent.count() > 0; }, 100));
  }

  void anAnswerMayDestroyTheClient() {
    FakeHealth fake;
    RunningServer server(&fake);
    auto client = std::make_unique<GrpcHealthClient>();
    int answered = 0;
    for (int i = 0; i < 3; ++i)
      client->check(server.address(), "", 5s, [&](Result<GrpcHealth>) {
        ++answered;
        client.reset();
      });
    QVERIFY(QTest::qWaitFor([&] { return answered == 1; }, 5000));
    QVERIFY(!QTest::qWaitFor([&] { return answered > 1; }, 50));
  }

  void hundredsSideBySideAllAnswer() {
    FakeHealth fake;
    RunningServer server(&fake);
    GrpcHealthClient client;
    Answers<GrpcHealth> answers;
    for (int i = 0; i < 100; ++i)
      client.check(server.address(), "", 20s, answers.next());
    QVERIFY(answers.wait(100, 20000));
    for (std::size_t i = 0; i < 100; ++i)
      QCOMPARE(outcome(answers.at(i)), QByteArray("serving"));
  }
};

QTEST_GUILESS_MAIN(TestHealthClient)
#include "tst_health_client.moc"
