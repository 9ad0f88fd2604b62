// Debian's own Prometheus for a test: it scrapes one address five times a second, and asks for a user and a
// password unless it is open. On a loopback address that follows from this process's id, so that no two tests
// meet.
#pragma once

#include "core/base/secret.h"

#include <QCoreApplication>
#include <QFile>
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>

#include <string>

namespace ratdeck::test {

class RunningPrometheus {
public:
  static bool isInstalled() {
    return !QStandardPaths::findExecutable(QStringLiteral("prometheus")).isEmpty();
  }
  static constexpr const char* user = "ops";
  static Secret password() { return Secret("p4ss:word"); }

  explicit RunningPrometheus(const std::string& scraped, bool isOpen = false) {
    const auto id = QCoreApplication::applicationPid();
    address = "127.98." + std::to_string(id / 254 % 254) + "." + std::to_string(id % 254 + 1) +
              (isOpen ? ":9091" : ":9090");
    const bool isWritten =
        write(QStringLiteral("config.yml"),
              "global: {scrape_interval: 200ms, scrape_timeout: 200ms}\n"
              "scrape_configs:\n  - job_name: web\n    static_configs: [{targets: ['" +
                  scraped + "']}]\n") &&
        write(QStringLiteral("web.yml"),
              isOpen ? ""
                     : "basic_auth_users: {ops: '$2b$04$abcdefghijklmnopqrstuuhu.zbHe1HtJfksqN2x6Oh3"
                       "kNfrHr9Ze'}\n");
    if (!isWritten)
      return;
    m_process.setProcessChannelMode(QProcess::MergedChannels);
    m_process.start(QStringLiteral("prometheus"),
                    {QStringLiteral("--config.file=") + path(QStringLiteral("config.yml")),
                     QStringLiteral("--web.config.file=") + path(QStringLiteral("web.yml")),
                     QStringLiteral("--storage.tsdb.path=") + path(QStringLiteral("data")),
                     QStringLiteral("--web.listen-address=") + QString::fromStdString(address),
                     QStringLiteral("--log.level=warn")});
    isUp = m_process.waitForStarted(5000);
  }
  ~RunningPrometheus() { kill(); }

  std::string url() const { return "http://" + address; }
  // At once, as a machine that is gone.
  void kill() {
    m_process.kill();
    m_process.waitForFinished(5000);
  }
  QByteArray output() { return m_process.readAll(); }

  std::string address;
  bool isUp = false;

private:
  QString path(const QString& name) const { return m_folder.filePath(name); }
  bool write(const QString& name, const std::string& text) {
    QFile file(path(name));
    return file.open(QIODevice::WriteOnly) && file.write(QByteArray::fromStdString(text)) >= 0;
  }

  QTemporaryDir m_folder;
  QProcess m_process;
};

} // namespace ratdeck::test
