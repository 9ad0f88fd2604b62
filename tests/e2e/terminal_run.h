// One command at a terminal of its own, with a person who reads and types: the test.
#pragma once

#include <QProcess>
#include <QProcessEnvironment>
#include <QStringList>

#include <string>

namespace ratdeck {

class TerminalRun {
public:
  TerminalRun(const QString& program, const QStringList& arguments, const QProcessEnvironment& environment);
  ~TerminalRun(); // kills what still runs

  // Waits until the terminal has shown this text.
  bool shows(const std::string& text, int timeoutMs = 60000);
  void type(const std::string& line);
  // The terminal goes away.
  void hangUp();
  // Waits for the end; -1 where it does not come.
  int exitCode(int timeoutMs = 60000);
  const std::string& text() const { return m_text; }
  qint64 processId() const { return m_process.processId(); }

private:
  void read();

  int m_master = -1;
  QProcess m_process;
  std::string m_text;
};

} // namespace ratdeck
