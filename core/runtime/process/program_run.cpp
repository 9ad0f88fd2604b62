#include "core/runtime/process/program_run.h"

#include "core/remote/outbox.h"

#include <QTimer>

namespace ratdeck {

namespace {

constexpr std::size_t longestComplaint = 2000;

std::string tailOf(const QByteArray& bytes) {
  std::string text = bytes.toStdString();
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  return text.size() <= longestComplaint ? text : text.substr(text.size() - longestComplaint);
}

} // namespace

ProgramRun::~ProgramRun() {
  m_process.disconnect();
  if (m_process.state() == QProcess::NotRunning)
    return;
  m_process.kill();
  m_process.waitForFinished(1000);
}

void ProgramRun::start(const std::string& program, const std::vector<std::string>& arguments,
                       Duration timeout, Callback<ProgramEnd> done) {
  m_done = std::move(done);
  QStringList words;
  for (const std::string& argument : arguments)
    words.append(QString::fromStdString(argument));
  m_process.setStandardInputFile(QProcess::nullDevice());
  m_process.setStandardOutputFile(QProcess::nullDevice());
  // Queued: the answer is never given from inside start().
  QObject::connect(
      &m_process, &QProcess::errorOccurred, &m_process,
      [this, program](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
          finish(failure(ErrorKind::NotFound,
                         "cannot start " + program + ": " + m_process.errorString().toStdString()));
      },
      Qt::QueuedConnection);
  QObject::connect(
      &m_process, &QProcess::finished, &m_process,
      [this, program](int code, QProcess::ExitStatus status) {
        const std::string complaint = tailOf(m_process.readAllStandardError());
        if (status == QProcess::CrashExit)
          return finish(failure(ErrorKind::Internal, program + " was ended by a signal; " + complaint));
        finish(ProgramEnd{code, complaint});
      },
      Qt::QueuedConnection);
  QTimer::singleShot(toTimerMilliseconds(timeout), &m_process, [this, program, timeout] {
    if (!m_done)
      return;
    m_process.disconnect();
    m_process.kill();
    finish(failure(ErrorKind::Timeout, program + " did not end within " + toHumanString(timeout)));
  });
  m_process.start(QString::fromStdString(program), words);
}

void ProgramRun::finish(Result<ProgramEnd> result) {
  if (!m_done)
    return;
  const Callback<ProgramEnd> done = std::exchange(m_done, nullptr);
  done(std::move(result)); // may destroy this object's owner
}

} // namespace ratdeck
