// A real HAProxy for tests, and the waits that go with it.
#pragma once

#include "answers.h"
#include "core/remote/haproxy/haproxy_config.h"
#include "core/remote/haproxy/router_ops.h"

#include <QFile>
#include <QHostAddress>
#include <QProcess>
#include <QTcpServer>
#include <QTemporaryDir>

namespace ratdeck {

// HAProxy in a folder of its own, on ports that the kernel gave.
class RunningHaproxy {
public:
  explicit RunningHaproxy(std::vector<HaproxyConfigServer> servers, HaproxyMode mode = HaproxyMode::Http) {
    QTcpServer asking; // the port is bound again at once, in a range of this test alone
    asking.listen(QHostAddress(QStringLiteral("127.95.4.1")), 0);
    port = asking.serverPort();
    asking.close();
    HaproxyConfig config;
    config.statsSocket = socket();
    config.maxConnections = 500;
    config.backends.push_back(
        {"web", {"127.95.4.1:" + std::to_string(port)}, mode, std::move(servers), {}, {}});
    QFile file(m_folder.filePath(QStringLiteral("haproxy.cfg")));
    const auto text = writeHaproxyConfig(config);
    if (!text || !file.open(QIODevice::WriteOnly) || file.write(QByteArray::fromStdString(*text)) < 0)
      return;
    file.close();
    m_process.setProcessChannelMode(QProcess::MergedChannels);
    m_process.start(QStringLiteral("haproxy"),
                    {QStringLiteral("-db"), QStringLiteral("-f"), file.fileName()});
    isUp = m_process.waitForStarted(5000) &&
           QTest::qWaitFor([this] { return QFile::exists(QString::fromStdString(socket())); }, 5000);
  }
  ~RunningHaproxy() {
    m_process.kill();
    m_process.waitForFinished(5000);
  }
  std::string socket() const { return m_folder.filePath(QStringLiteral("stats.sock")).toStdString(); }
  std::uint16_t port = 0;
  bool isUp = false;

private:
  QTemporaryDir m_folder;
  QProcess m_process;
};

// Runs the event loop until the condition holds; looks at it after each event and each millisecond.
template <class Condition>
bool until(Condition condition, int milliseconds = 10000) {
  QEventLoop loop;
  QTimer deadline;
  deadline.setSingleShot(true);
  QObject::connect(&deadline, &QTimer::timeout, &loop, &QEventLoop::quit);
  deadline.start(milliseconds);
  QTimer tick;
  tick.start(1);
  while (!condition() && deadline.isActive())
    loop.processEvents(QEventLoop::WaitForMoreEvents);
  return condition();
}

inline QByteArray settled(const std::function<void(Answer<Done>)>& operation) {
  Answers<Done> answers;
  operation(answers.next());
  if (!answers.wait())
    return "no answer";
  return answers.at(0) ? QByteArray("done") : QByteArray::fromStdString(answers.errorText());
}

} // namespace ratdeck
