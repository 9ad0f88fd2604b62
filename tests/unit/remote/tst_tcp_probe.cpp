#include "answers.h"
#include "core/base/duration.h"
#include "core/remote/tcp_probe.h"
#include "scripted_server.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace ratdeck;

class TestTcpProbe : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void saysHowLongItTookToConnect() {
    ScriptedServer server([](QTcpSocket*, const QByteArray&) {});
    TcpProber prober;
    Answers<TcpProbeResult> answers;
    prober.connect("127.95.1.1", server.port(), 2s, answers.next());
    QCOMPARE(answers.count(), 0u);
    QVERIFY(answers.wait());
    QVERIFY2(answers.at(0).has_value(), answers.errorText().c_str());
    QVERIFY(answers.at(0)->took > 0s && answers.at(0)->took < 2s);
    QVERIFY(!QTest::qWaitFor([&] { return answers.count() > 1; }, 50));
  }

  void aClosedPortIsUnreachable() {
    std::uint16_t port = 0;
    {
      ScriptedServer gone([](QTcpSocket*, const QByteArray&) {});
      port = gone.port();
    }
    TcpProber prober;
    Answers<TcpProbeResult> answers;
    prober.connect("127.95.1.1", port, 2s, answers.next());
    QCOMPARE(answers.count(), 0u);
    QVERIFY(answers.wait());
    QCOMPARE(answers.errorKind(), ErrorKind::Unreachable);
    QVERIFY2(answers.errorText().find("refused") != std::string::npos, answers.errorText().c_str());
  }

  // A listener whose queue is full leaves the connection unanswered.
  void aFullListenerTimesOutAndACancelledProbeStaysSilent() {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(0x7f5f0101); // 127.95.1.1
    QVERIFY(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    QVERIFY(::listen(listener, 0) == 0);
    socklen_t length = sizeof address;
    QVERIFY(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) == 0);
    TcpProber prober;
    Answers<TcpProbeResult> filling;
    for (int i = 0; i < 4; ++i)
      prober.connect("127.95.1.1", ntohs(address.sin_port), 300ms, filling.next());
    Answers<TcpProbeResult> cancelled;
    prober.cancel(prober.connect("127.95.1.1", ntohs(address.sin_port), 200ms, cancelled.next()));
    QVERIFY(filling.wait(4));
    int timedOut = 0;
    for (std::size_t i = 0; i < 4; ++i)
      timedOut += !filling.at(i) && filling.at(i).error().kind == ErrorKind::Timeout;
    ::close(listener);
    QVERIFY(timedOut >= 1);
    QCOMPARE(cancelled.count(), 0u);
  }

  void anAnswerMayDestroyTheProber() {
    ScriptedServer server([](QTcpSocket*, const QByteArray&) {});
    auto prober = std::make_unique<TcpProber>();
    int answered = 0;
    for (int i = 0; i < 3; ++i)
      prober->connect("127.95.1.1", server.port(), 2s, [&](Result<TcpProbeResult>) {
        ++answered;
        prober.reset();
      });
    QVERIFY(QTest::qWaitFor([&] { return answered == 1; }, 3000));
    QVERIFY(!QTest::qWaitFor([&] { return answered > 1; }, 50));
  }
};

QTEST_GUILESS_MAIN(TestTcpProbe)
#include "tst_tcp_probe.moc"
