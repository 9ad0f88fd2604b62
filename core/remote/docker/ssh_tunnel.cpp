#include "core/remote/docker/ssh_tunnel.h"

#include "core/remote/docker/docker_answer.h"
#include "core/remote/outbox.h"

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTimer>

#include <csignal>
#include <sys/prctl.h>

namespace ratdeck {

namespace {

constexpr int lookEveryMilliseconds = 20;
constexpr qsizetype longestComplaint = 4000;
constexpr qsizetype lastLines = 2; // the verdict is the last one, what led to it stands before

// What is ours to insist on; everything else is the user's configuration.
const std::vector<std::string> fixedArguments = {
    "-N", "-T", "-a", "-x", "-o", "BatchMode=yes", "-o", "ExitOnForwardFailure=yes", "-o",
    "StreamLocalBindMask=0177", "-o", "ServerAliveInterval=10", "-o", "ServerAliveCountMax=3", "-o",
    // A shared connection of the user would keep the forwarding after our end.
    "ControlMaster=no", "-o", "ControlPath=none", "-o", "PermitLocalCommand=no"};

QStringList argumentsFor(const DockerEndpoint& endpoint, const SshTunnel::Options& options,
                         const std::string& socket) {
  std::vector<std::string> words = options.arguments;
  words.insert(words.end(), fixedArguments.begin(), fixedArguments.end());
  words.insert(words.end(), {"-L", socket + ":" + endpoint.socket});
  if (endpoint.port != 0)
    words.insert(words.end(), {"-p", std::to_string(endpoint.port)});
  if (!endpoint.user.empty())
    words.insert(words.end(), {"-l", endpoint.user});
  words.insert(words.end(), {"--", endpoint.host});
  QStringList list;
  for (const std::string& word : words)
    list.append(QString::fromStdString(word));
  return list;
}

} // namespace

struct SshTunnel::Impl {
  Impl(const DockerEndpoint& endpoint, Options options);
  ~Impl();
  void start();
  void look();
  void onEnd();
  void settle(const Result<std::string>& result);
  std::string complaint();
  Error endError();

  DockerEndpoint m_endpoint;
  Options m_options;
  QTemporaryDir m_folder; // 0700
  QString m_socket;
  std::unique_ptr<QProcess> m_process;
  QByteArray m_words;
  bool m_isOpen = false;
  std::vector<Answer<std::string>> m_waiting;
  QTimer m_looking;
  QTimer m_patience;
  Outbox m_outbox;
};

SshTunnel::Impl::Impl(const DockerEndpoint& endpoint, Options options)
    : m_endpoint(endpoint), m_options(std::move(options)),
      m_socket(m_folder.filePath(QStringLiteral("docker.sock"))) {
  m_looking.setInterval(lookEveryMilliseconds);
  QObject::connect(&m_looking, &QTimer::timeout, &m_looking, [this] { look(); });
  m_patience.setSingleShot(true);
  QObject::connect(&m_patience, &QTimer::timeout, &m_patience, [this] {
    const std::string words = complaint();
    m_process.reset(); // kills it
    settle(failure(ErrorKind::Timeout, "ssh to " + m_endpoint.host + " brought no tunnel in time: " + words,
                   "try `ssh " + m_endpoint.host + " true` by hand"));
  });
}

SshTunnel::Impl::~Impl() {
  if (!m_process)
    return;
  m_process->disconnect();
  m_process->terminate();
  if (!m_process->waitForFinished(500)) {
    m_process->kill();
    m_process->waitForFinished(1000);
  }
}

void SshTunnel::Impl::start() {
  if (!m_folder.isValid())
    return settle(failure(ErrorKind::Internal,
                          "no private folder for ssh's socket: " + m_folder.errorString().toStdString()));
  QFile::remove(m_socket); // what an ssh that was killed left behind
  m_words.clear();
  m_process = std::make_unique<QProcess>();
  m_process->setStandardInputFile(QProcess::nullDevice());
  m_process->setStandardOutputFile(QProcess::nullDevice());
  m_process->setChildProcessModifier([] { ::prctl(PR_SET_PDEATHSIG, SIGTERM); });
  QObject::connect(
      m_process.get(), &QProcess::finished, &m_looking, [this] { onEnd(); }, Qt::QueuedConnection);
  QObject::connect(
      m_process.get(), &QProcess::errorOccurred, &m_looking,
      [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
          settle(failure(ErrorKind::NotFound, m_options.program + " cannot be started",
                         "install openssh-client"));
      },
      Qt::QueuedConnection);
  m_process->start(QString::fromStdString(m_options.program),
                   argumentsFor(m_endpoint, m_options, m_socket.toStdString()));
  m_looking.start();
  m_patience.start(toTimerMilliseconds(m_options.timeout));
}

// ssh binds its end after it has been let in.
void SshTunnel::Impl::look() {
  if (!QFile::exists(m_socket))
    return;
  m_isOpen = true;
  settle(m_socket.toStdString());
}

void SshTunnel::Impl::onEnd() {
  if (!m_process || m_process->state() != QProcess::NotRunning)
    return;
  m_isOpen = false;
  settle(failure(endError()));
}

Error SshTunnel::Impl::endError() {
  const std::string words = complaint();
  const auto says = [&](const char* part) {
    return words.find(part) != std::string::npos;
  };
  const bool isRefusal = says("Permission denied") || says("Host key verification failed");
  return {isRefusal ? ErrorKind::Refused : ErrorKind::Unreachable,
          "ssh to " + m_endpoint.host + " has ended: " + (words.empty() ? "it gave no reason" : words),
          "try `ssh " + m_endpoint.host + " true` by hand",
          {}};
}

std::string SshTunnel::Impl::complaint() {
  if (m_process)
    m_words += m_process->readAllStandardError();
  m_words = m_words.right(longestComplaint);
  const auto lines = m_words.trimmed().split('\n');
  return dockerWords(lines.mid(std::max<qsizetype>(0, lines.size() - lastLines)).join(' ').toStdString());
}

void SshTunnel::Impl::settle(const Result<std::string>& result) {
  m_looking.stop();
  m_patience.stop();
  for (auto& done : std::exchange(m_waiting, {}))
    m_outbox.post([done = std::move(done), result] { done(result); }); // may destroy this tunnel
}

SshTunnel::SshTunnel(const DockerEndpoint& endpoint, Options options)
    : m_impl(std::make_unique<Impl>(endpoint, std::move(options))) {}
SshTunnel::~SshTunnel() = default;

void SshTunnel::open(Answer<std::string> done) {
  m_impl->m_waiting.push_back(std::move(done));
  if (isOpen())
    m_impl->settle(m_impl->m_socket.toStdString());
  else if (!m_impl->m_looking.isActive())
    m_impl->start();
}

bool SshTunnel::isOpen() const {
  return m_impl->m_isOpen;
}

std::string SshTunnel::complaint() {
  return m_impl->complaint();
}

} // namespace ratdeck
