#include "answers.h"
#include "core/remote/haproxy/router_ops.h"
#include "core/remote/haproxy/runtime_client.h"

#include "scripted_server.h"

#include <QTemporaryDir>

using namespace ratdeck;

namespace {

bool mentions(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// Answers every command line with the given bytes and closes, as HAProxy does.
ScriptedServer::Script saying(const QByteArray& answer) {
  return [answer](QTcpSocket* socket, const QByteArray& received) {
    if (!received.endsWith('\n'))
      return;
    socket->write(answer);
    socket->disconnectFromHost();
  };
}

} // namespace

class TestHaproxyRuntime : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void runsCommandsInOrderEachOnItsOwnConnection() {
    ScriptedServer server([](QTcpSocket* socket, const QByteArray& received) {
      if (!received.endsWith('\n'))
        return;
      socket->write("said " + received.trimmed() + "\n\n");
      socket->disconnectFromHost();
    });
    HaproxyRuntimeClient client(server.authority());
    QByteArray order;
    int left = 3;
    for (const char* command : {"show one", "two", "show three"})
      client.run(command, [&](Result<std::string> answer) {
        order += QByteArray::fromStdString(answer ? *answer : answer.error().message) + "; ";
        --left;
      });
    QVERIFY(order.isEmpty());
    QVERIFY(QTest::qWaitFor([&] { return left == 0; }, 5000));
    QCOMPARE(order, QByteArray("said show one\n; said two; said show three\n; "));
    QCOMPARE(server.connections(), 3);
  }

  void speaksOverAUnixSocket() {
    QTemporaryDir folder;
    const auto path = folder.filePath(QStringLiteral("stats.sock"));
    QLocalServer server;
    QVERIFY(server.listen(path));
    QObject::connect(&server, &QLocalServer::newConnection, &server, [&] {
      auto* socket = server.nextPendingConnection();
      QObject::connect(socket, &QLocalSocket::readyRead, socket, [socket] {
        if (!socket->readAll().endsWith('\n'))
          return;
        socket->write("\n");
        socket->disconnectFromServer();
      });
    });
    HaproxyRuntimeClient client(path.toStdString());
    Answers<std::string> answers;
    client.run("enable server web/a", answers.next());
    QVERIFY(answers.wait());
    QVERIFY2(answers.at(0).has_value(), answers.errorText().c_str());
    QCOMPARE(*answers.at(0), std::string());
  }

  void namesWhatWentWrong_data() {
    QTest::addColumn<QByteArray>("command");
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<int>("kind");
    const auto row = [](const char* name, const char* command, QByteArray answer, ErrorKind kind) {
      QTest::newRow(name) << QByteArray(command) << std::move(answer) << static_cast<int>(kind);
    };
    row("closed without an answer", "show stat", "", ErrorKind::Unreachable);
    row("cut within a line", "show stat", "# pxname,svn", ErrorKind::Internal);
    row("cut between two lines", "show stat", "# pxname,svname,\nweb,a,\n", ErrorKind::Internal);
    row("never ends", "show stat", QByteArray(17 << 20, 'x'), ErrorKind::Internal);
    row("two commands in one", "show stat; shutdown frontend web", "\n", ErrorKind::Input);
    row("two lines", "show stat\nshow info", "\n", ErrorKind::Input);
    row("no command", "", "\n", ErrorKind::Input);
  }

  void namesWhatWentWrong() {
    QFETCH(QByteArray, command);
    QFETCH(QByteArray, answer);
    QFETCH(int, kind);
    ScriptedServer server(saying(answer));
    HaproxyRuntimeClient client(server.authority(), 5s);
    Answers<std::string> answers;
    client.run(command.toStdString(), answers.next());
    QCOMPARE(answers.count(), 0u);
    QVERIFY(answers.wait());
    QVERIFY(!answers.at(0).has_value());
    QCOMPARE(static_cast<int>(answers.errorKind()), kind);
  }

  void silenceEndsAtTheTimeoutAndTheNextCommandRuns() {
    ScriptedServer server([](QTcpSocket* socket, const QByteArray& received) {
      if (received != "mute\n") {
        socket->write("\n");
        socket->disconnectFromHost();
      }
    });
    HaproxyRuntimeClient client(server.authority(), 200ms);
    Answers<std::string> answers;
    client.run("mute", answers.next());
    client.run("enable server web/a", answers.next());
    QVERIFY(answers.wait(2));
    QCOMPARE(answers.errorKind(), ErrorKind::Timeout);
    QVERIFY(answers.at(1).has_value());
  }

  void nobodyThereIsUnreachable() {
    Answers<std::string> answers;
    HaproxyRuntimeClient missing("/nonexistent/stats.sock");
    missing.run("show stat", answers.next());
    QCOMPARE(answers.count(), 0u);
    QVERIFY(answers.wait());
    QCOMPARE(answers.errorKind(), ErrorKind::Unreachable);
    QVERIFY2(mentions(answers.errorText(), "is the router running?"), answers.errorText().c_str());
    Answers<std::string> senseless;
    HaproxyRuntimeClient odd("nowhere");
    odd.run("show stat", senseless.next());
    QVERIFY(senseless.wait());
    QCOMPARE(senseless.errorKind(), ErrorKind::Input);
  }

  void destroyedClientsStaySilent() {
    ScriptedServer server([](QTcpSocket*, const QByteArray&) {});
    Answers<std::string> answers;
    {
      HaproxyRuntimeClient client(server.authority());
      client.run("a", answers.next());
      client.run("b", answers.next());
      HaproxyRouterOps ops(server.authority());
      ops.servers("web", [next = answers.next()](auto) { next(std::string("answered")); });
      QVERIFY(QTest::qWaitFor([&] { return server.connections() == 2; }, 3000));
    }
    QVERIFY(!QTest::qWaitFor([&] { return answers.count() > 0; }, 100));
  }

  void anAnswerMayDestroyItsClient() {
    ScriptedServer server(saying("fine\n"));
    auto client = std::make_unique<HaproxyRuntimeClient>(server.authority());
    int answered = 0;
    for (int i = 0; i < 2; ++i)
      client->run("go", [&](Result<std::string>) {
        ++answered;
        client.reset();
      });
    QVERIFY(QTest::qWaitFor([&] { return answered == 1; }, 3000));
    QVERIFY(!QTest::qWaitFor([&] { return answered > 1; }, 50));
  }

  void operationsRefuseNamesThatWouldSmuggle() {
    ScriptedServer server(saying("\n"));
    HaproxyRouterOps ops(server.authority());
    Answers<Done> answers;
    ops.enableServer({"web", "a; shutdown frontend web"}, answers.next());
    ops.drainServer({"web b", "a"}, answers.next());
    ops.addServer({"web", "a"}, "127.95.1.1:80 backup", {}, answers.next());
    ops.addServer({"web", "a"}, "127.95.1.1:80", {.weight = 0}, answers.next());
    ops.removeServer({"", "a"}, {}, answers.next());
    QCOMPARE(answers.count(), 0u);
    QVERIFY(answers.wait(5));
    for (std::size_t i = 0; i < 5; ++i) {
      QVERIFY(!answers.at(i).has_value());
      QCOMPARE(answers.at(i).error().kind, ErrorKind::Input);
    }
    QCOMPARE(server.connections(), 0);
  }

  // HAProxy agrees (an empty line) and does nothing: only the state read back tells.
  void anEmptyAgreementIsNotBelieved() {
    const QByteArray drained =
        "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight "
        "srv_port\n2 web 1 a 127.95.1.1 2 8 100 80\n\n";
    ScriptedServer server([&](QTcpSocket* socket, const QByteArray& received) {
      if (!received.endsWith('\n'))
        return;
      socket->write(received.startsWith("show") ? drained : QByteArray("\n"));
      socket->disconnectFromHost();
    });
    HaproxyRouterOps ops(server.authority());
    Answers<Done> answers;
    ops.enableServer({"web", "a"}, answers.next());
    QVERIFY(answers.wait());
    QVERIFY(!answers.at(0).has_value());
    QCOMPARE(answers.errorKind(), ErrorKind::Refused);
    QVERIFY2(mentions(answers.errorText(), "it is draining"), answers.errorText().c_str());
  }
};

QTEST_GUILESS_MAIN(TestHaproxyRuntime)
#include "tst_haproxy_runtime.moc"
