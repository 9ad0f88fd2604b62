// ratdeckctl as a black box, driven as a user would, with its state in a temporary folder of its own; and the
// journals it leaves there. What the rigs of all runtimes share.
#pragma once

#include "core/base/json.h"
#include "tests/e2e/terminal_run.h"

#include <QProcess>
#include <QProcessEnvironment>
#include <QStringList>
#include <QTemporaryDir>

#include <memory>
#include <string>
#include <vector>

namespace ratdeck {

struct CliResult {
  int exitCode = -1;
  std::string out, err;
  Json json; // the last line of stdout, if that is JSON

  std::string toString() const;
};

// Of a process that has ended: takes its output.
CliResult resultOf(QProcess& process);

struct JournalLine {
  std::string type;
  Json data;
};

class CtlRig {
public:
  virtual ~CtlRig() = default;

  // Runs one command to its end, while the event loop turns; kills it after `timeoutMs`, with evidence in
  // `err`. `version` becomes RAT_VERSION.
  CliResult run(const QStringList& arguments, const QString& version = QStringLiteral("1.0.0"),
                int timeoutMs = 120000);
  // Starts one and leaves it running.
  std::unique_ptr<QProcess> begin(const QStringList& arguments, const QString& version);

  // Starts one at a terminal.
  std::unique_ptr<TerminalRun> beginAtTerminal(const QStringList& arguments, const QString& version) const;

  // version of every running copy of the service, sorted
  std::vector<std::string> versionsOf(const std::string& service);

  // The newest journal's path ("" = none) and its records so far; a torn last line is left out.
  std::string newestJournal() const;
  std::vector<JournalLine> journal(const std::string& path) const;
  // Waits until the newest journal other than `before` holds an event of this type (of this service, if
  // named).
  bool waitForEvent(const std::string& before, const std::string& type, const std::string& service,
                    int timeoutMs = 60000) const;

  const QString& folder() const { return m_folder; }
  // A Compose file of this content in the rig's folder: its path.
  std::string writeFile(const QString& name, const QByteArray& content) const;

protected:
  CtlRig();

  // The Compose files of RAT Pro.
  static QStringList shippedFiles();
  static QString program();
  virtual QProcessEnvironment environment(const QString& version) const;
  // Before it starts: where it runs.
  virtual void settle(QProcess&) const {}
  // The words that name a runtime and a stack, for a command that was asked for without them.
  virtual QStringList completed(const QStringList& arguments) const { return arguments; }

private:
  // What waits for what, for a command that had to be killed.
  std::string evidenceOfHang(int timeoutMs) const;

  QTemporaryDir m_temporary;
  QString m_folder;
};

} // namespace ratdeck
