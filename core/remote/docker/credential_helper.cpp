#include "core/remote/docker/credential_helper.h"

#include "core/base/duration.h"
#include "core/remote/outbox.h"

#include <QFileInfo>
#include <QTimer>

#include <csignal>
#include <sys/prctl.h>

namespace ratdeck {

namespace {

constexpr qsizetype mostPrinted = 64 << 10;
constexpr const char* noneKept = "credentials not found in native keychain"; // the helpers' protocol

} // namespace

CredentialHelper::~CredentialHelper() {
  m_process.disconnect();
  if (m_process.state() == QProcess::NotRunning)
    return;
  m_process.kill();
  m_process.waitForFinished(1000);
}

void CredentialHelper::start(const QString& program, const std::string& registry, Duration timeout,
                             Answer<Found> done) {
  m_done = std::move(done);
  m_name = QFileInfo(program).fileName().toStdString();
  m_process.setStandardErrorFile(QProcess::nullDevice());
  m_process.setChildProcessModifier([] { ::prctl(PR_SET_PDEATHSIG, SIGTERM); });
  QObject::connect(&m_process, &QProcess::readyReadStandardOutput, &m_process, [this] { onPrinted(); });
  // Queued: the answer is never given from inside start().
  QObject::connect(
      &m_process, &QProcess::errorOccurred, &m_process,
      [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
          finish(failure(ErrorKind::NotFound, m_name + " cannot be started"));
      },
      Qt::QueuedConnection);
  QObject::connect(
      &m_process, &QProcess::finished, &m_process,
      [this](int code, QProcess::ExitStatus status) { onEnded(code, status); }, Qt::QueuedConnection);
  QTimer::singleShot(toTimerMilliseconds(timeout), &m_process, [this, timeout] {
    finish(failure(ErrorKind::Timeout, m_name + " gave no answer within " + toHumanString(timeout)));
  });
  m_process.start(program, {QStringLiteral("get")});
  m_process.write(QByteArray::fromStdString(registryKey(registry)));
  m_process.closeWriteChannel();
}

void CredentialHelper::onPrinted() {
  m_printed += m_process.readAllStandardOutput();
  if (m_printed.size() > mostPrinted)
    m_process.kill();
}

void CredentialHelper::onEnded(int exitCode, QProcess::ExitStatus status) {
  onPrinted();
  if (m_printed.size() > mostPrinted)
    return finish(failure(ErrorKind::Internal, m_name + " printed too much"));
  if (status != QProcess::NormalExit)
    return finish(failure(ErrorKind::Internal, m_name + " was ended by a signal"));
  if (exitCode != 0 && m_printed.trimmed() == noneKept)
    return finish(Found{});
  if (exitCode != 0)
    return finish(failure(ErrorKind::Internal, m_name + " failed with " + std::to_string(exitCode)));
  auto found = readHelperAnswer(m_printed.toStdString());
  if (!found)
    return finish(failure(found.error().kind, "the answer of " + m_name + ": " + found.error().message));
  finish(std::move(*found));
}

void CredentialHelper::finish(Result<Found> result) {
  if (!m_done)
    return;
  const Answer<Found> done = std::exchange(m_done, nullptr);
  done(std::move(result)); // may destroy this object
}

} // namespace ratdeck
