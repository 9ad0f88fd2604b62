#include "tests/e2e/docker/ssh_rig.h"

#include "tests/e2e/docker/docker_rig.h"

#include <QDir>
#include <QFile>

#include <csignal>
#include <unistd.h>

namespace ratdeck {

namespace {

const QString sshd = QStringLiteral("/usr/sbin/sshd");
const QString runFolder = QStringLiteral("/run/sshd"); // sshd wants it, empty

bool write(const QString& path, const QString& text) {
  QFile file(path);
  return file.open(QIODevice::WriteOnly | QIODevice::Truncate) && file.write(text.toUtf8()) >= 0;
}

QString read(const QString& path) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

bool makeKey(const QString& path) {
  return runTool(QStringLiteral("ssh-keygen"),
                 {QStringLiteral("-q"), QStringLiteral("-t"), QStringLiteral("ed25519"), QStringLiteral("-N"),
                  QString(), QStringLiteral("-f"), path})
      .has_value();
}

} // namespace

QString SshRig::whyNot() {
  if (::geteuid() != 0)
    return QStringLiteral("not root, so there is no ssh server of the test's own");
  return QFile::exists(sshd) ? QString() : QStringLiteral("openssh-server is not installed");
}

SshRig::SshRig() {
  const auto in = [this](const char* name) {
    return m_folder.filePath(QString::fromLatin1(name));
  };
  m_madeRunFolder = !QDir().exists(runFolder) && QDir().mkpath(runFolder);
  m_isReady =
      makeKey(in("host")) && makeKey(in("user")) && write(in("authorized"), read(in("user.pub"))) &&
      write(in("known"), QStringLiteral("rig ") + read(in("host.pub"))) &&
      write(in("sshd.conf"), QStringLiteral("HostKey %1\nAuthorizedKeysFile %2\nPidFile none\nUsePAM no\n"
                                            "StrictModes no\nPermitRootLogin prohibit-password\n")
                                 .arg(in("host"), in("authorized"))) &&
      write(in("ssh.conf"), QStringLiteral("Host *\nProxyCommand %1 -i -f %2 -E %3\nIdentityFile %4\n"
                                           "IdentitiesOnly yes\nUserKnownHostsFile %5\n"
                                           "GlobalKnownHostsFile none\nStrictHostKeyChecking yes\n")
                                .arg(sshd, in("sshd.conf"), in("sshd.log"), in("user"), in("known")));
}

SshRig::~SshRig() {
  if (m_madeRunFolder)
    QDir().rmdir(runFolder);
}

DockerEndpoint SshRig::endpointFor(const std::string& socket) const {
  DockerEndpoint endpoint;
  endpoint.transport = DockerTransport::Ssh;
  endpoint.host = "rig";
  endpoint.user = "root";
  endpoint.socket = socket;
  endpoint.origin = "the rig";
  return endpoint;
}

SshTunnel::Options SshRig::options() const {
  SshTunnel::Options options;
  options.arguments = {"-F", m_folder.filePath(QStringLiteral("ssh.conf")).toStdString()};
  return options;
}

void SshRig::forgetHost() {
  makeKey(m_folder.filePath(QStringLiteral("other")));
  write(m_folder.filePath(QStringLiteral("known")),
        QStringLiteral("rig ") + read(m_folder.filePath(QStringLiteral("other.pub"))));
}

void SshRig::forgetUser() {
  write(m_folder.filePath(QStringLiteral("authorized")), QString());
}

std::vector<int> SshRig::tunnels() const {
  const auto mark = m_folder.filePath(QStringLiteral("ssh.conf")).toUtf8();
  std::vector<int> pids;
  for (const QString& pid : QDir(QStringLiteral("/proc")).entryList({QStringLiteral("[0-9]*")}, QDir::Dirs))
    if (read(QStringLiteral("/proc/%1/cmdline").arg(pid)).toUtf8().split('\0').contains(mark))
      pids.push_back(pid.toInt());
  return pids;
}

int SshRig::cutConnections() const {
  int cut = 0;
  for (const int pid : tunnels())
    for (const auto& child :
         read(QStringLiteral("/proc/%1/task/%1/children").arg(pid)).split(QLatin1Char(' ')))
      cut += child.toInt() > 0 && ::kill(child.toInt(), SIGKILL) == 0;
  return cut;
}

} // namespace ratdeck
