#include "tests/e2e/postgres_rig.h"

#include <QTest>

#include <QDeadlineTimer>
#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <csignal>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ratdeck {

namespace {

QString programs() {
  return QStringLiteral("/usr/lib/postgresql/15/bin");
}

// PostgreSQL refuses to run as root.
struct User {
  uid_t uid = 0;
  gid_t gid = 0;
};
User userOf() {
  if (::getuid() != 0)
    return {::getuid(), ::getgid()};
  const passwd* known = ::getpwnam("postgres");
  return known ? User{known->pw_uid, known->pw_gid} : User{65534, 65534};
}

void lowerRights(QProcess& process) {
  process.setChildProcessModifier([user = userOf()] {
    ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
    if (::getuid() == 0 && (::setgid(user.gid) != 0 || ::setuid(user.uid) != 0))
      ::_exit(126);
  });
}

QString runAsUser(const QString& program, const QStringList& arguments) {
  QProcess process;
  lowerRights(process);
  process.setWorkingDirectory(QStringLiteral("/"));
  process.start(program, arguments);
  const bool isGood = process.waitForFinished(60000) && process.exitCode() == 0;
  return isGood ? QString()
                : program + QStringLiteral(": ") + QString::fromLocal8Bit(process.readAllStandardError());
}

} // namespace

QString PostgresRig::whyNot() {
  return QFileInfo::exists(programs() + QStringLiteral("/postgres"))
             ? QString()
             : QStringLiteral("PostgreSQL 15 is not installed: apt-get install postgresql");
}

QString PostgresRig::psql() {
  return programs() + QStringLiteral("/psql");
}

PostgresRig::PostgresRig() : m_folder(QStringLiteral("/tmp/rd-pg-XXXXXX")) {}

PostgresRig::~PostgresRig() {
  stopWriting();
  if (m_server.state() == QProcess::NotRunning)
    return;
  ::kill(static_cast<pid_t>(m_server.processId()), SIGINT);
  if (!m_server.waitForFinished(10000))
    m_server.kill();
  m_server.waitForFinished(5000);
}

QString PostgresRig::start() {
  const auto user = userOf();
  const auto data = m_folder.path() + QStringLiteral("/data");
  for (const auto& folder : {data, socketFolder()}) {
    QDir().mkpath(folder);
    if (::chown(folder.toLocal8Bit(), user.uid, user.gid) != 0)
      return QStringLiteral("cannot give %1 away").arg(folder);
  }
  ::chmod(m_folder.path().toLocal8Bit(), 0755);
  ::chmod(socketFolder().toLocal8Bit(), 0777);
  if (auto problem = runAsUser(programs() + QStringLiteral("/initdb"),
                               {QStringLiteral("-D"), data, QStringLiteral("-U"), QStringLiteral("postgres"),
                                QStringLiteral("--auth=trust"), QStringLiteral("--no-sync"),
                                QStringLiteral("-E"), QStringLiteral("UTF8"), QStringLiteral("--locale=C")});
      !problem.isEmpty())
    return problem;
  lowerRights(m_server);
  m_server.setWorkingDirectory(QStringLiteral("/"));
  m_server.setProcessChannelMode(QProcess::MergedChannels);
  m_server.start(programs() + QStringLiteral("/postgres"),
                 {QStringLiteral("-D"), data, QStringLiteral("-k"), socketFolder(), QStringLiteral("-h"),
                  QString(), QStringLiteral("-F"), QStringLiteral("-c"),
                  QStringLiteral("unix_socket_permissions=0777")});
  const bool isUp = QTest::qWaitFor([this] { return ask("select 1") == "1"; }, 20000);
  return isUp ? QString() : QStringLiteral("postgres: ") + QString::fromLocal8Bit(m_server.readAll());
}

std::string PostgresRig::ask(const std::string& sql) const {
  QProcess process;
  process.setProcessChannelMode(QProcess::MergedChannels);
  process.start(psql(), {QStringLiteral("-X"), QStringLiteral("-h"), socketFolder(), QStringLiteral("-U"),
                         QStringLiteral("postgres"), QStringLiteral("-At"), QStringLiteral("-c"),
                         QString::fromStdString(sql)});
  process.waitForFinished(20000);
  return process.readAllStandardOutput().trimmed().toStdString();
}

void PostgresRig::startWriting(const std::string& table) {
  m_writer.setStandardErrorFile(QProcess::nullDevice());
  m_writer.start(psql(), {QStringLiteral("-X"), QStringLiteral("-h"), socketFolder(), QStringLiteral("-U"),
                          QStringLiteral("postgres"), QStringLiteral("-At")});
  QFile::remove(stopFile());
  m_writer.write(
      ("with row as (insert into " + table + " (note) select 'written' where pg_stat_file('" +
       stopFile().toStdString() +
       "', true) is null returning 1) select case when exists (select from row) then 'acknowledged' "
       "else 'stopped' end \\watch 0.02\n")
          .c_str());
}

bool PostgresRig::isWriting(const std::string& table) const {
  const auto before = ask("select count(*) from " + table);
  return QTest::qWaitFor([&] { return ask("select count(*) from " + table) != before; }, 500);
}

int PostgresRig::stopWriting() {
  if (m_writer.state() == QProcess::NotRunning)
    return 0;
  QFile stop(stopFile());
  stop.open(QIODevice::WriteOnly);
  QByteArray said; // a signal would cut off the row in hand: stored, and not acknowledged
  const QDeadlineTimer limit(5000);
  while (!said.contains("stopped") && !limit.hasExpired() && m_writer.state() == QProcess::Running) {
    m_writer.waitForReadyRead(100);
    said += m_writer.readAllStandardOutput();
  }
  ::kill(static_cast<pid_t>(m_writer.processId()), SIGINT); // ends the watch
  m_writer.closeWriteChannel();
  if (!m_writer.waitForFinished(5000)) {
    m_writer.kill();
    m_writer.waitForFinished(5000);
  }
  said += m_writer.readAllStandardOutput();
  return static_cast<int>(said.count("acknowledged"));
}

} // namespace ratdeck
