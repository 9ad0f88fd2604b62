#include "tests/e2e/terminal_run.h"

#include <QtTest>

#include <cstdlib>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace ratdeck {

TerminalRun::TerminalRun(const QString& program, const QStringList& arguments,
                         const QProcessEnvironment& environment)
    : m_master(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)) {
  if (m_master < 0 || ::grantpt(m_master) != 0 || ::unlockpt(m_master) != 0)
    qFatal("no terminal");
  std::string name = ::ptsname(m_master);
  m_process.setProcessEnvironment(environment);
  m_process.setChildProcessModifier([name] {
    ::setsid();
    int terminal = ::open(name.c_str(), O_RDWR);
    ::ioctl(terminal, TIOCSCTTY, 0);
    for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
      ::dup2(terminal, fd);
    ::close(terminal);
  });
  m_process.start(program, arguments);
  if (!m_process.waitForStarted())
    qFatal("cannot start %s", qPrintable(program));
}

TerminalRun::~TerminalRun() {
  hangUp();
  if (m_process.state() != QProcess::NotRunning) {
    m_process.kill();
    m_process.waitForFinished();
  }
}

void TerminalRun::read() {
  char text[4096];
  for (auto n = ::read(m_master, text, sizeof text); n > 0; n = ::read(m_master, text, sizeof text))
    m_text.append(text, static_cast<size_t>(n));
}

bool TerminalRun::shows(const std::string& text, int timeoutMs) {
  return QTest::qWaitFor(
      [&] {
        read();
        return m_text.find(text) != std::string::npos;
      },
      timeoutMs);
}

void TerminalRun::type(const std::string& line) {
  auto typed = line + "\n";
  if (::write(m_master, typed.data(), typed.size()) != static_cast<ssize_t>(typed.size()))
    qFatal("cannot type");
}

void TerminalRun::hangUp() {
  if (m_master >= 0)
    ::close(m_master);
  m_master = -1;
}

int TerminalRun::exitCode(int timeoutMs) {
  auto hasEnded = QTest::qWaitFor(
      [&] {
        if (m_master >= 0)
          read();
        return m_process.state() == QProcess::NotRunning;
      },
      timeoutMs);
  if (m_master >= 0)
    read();
  return hasEnded && m_process.exitStatus() == QProcess::NormalExit ? m_process.exitCode() : -1;
}

} // namespace ratdeck
