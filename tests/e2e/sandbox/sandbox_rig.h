// One sandbox with RAT Pro 1.0.0 under load, for tests that drive ratdeckctl as a user would. Everything lies
// in a temporary folder; the sandbox goes down with the rig.
#pragma once

#include "core/base/json.h"
#include "tests/e2e/sandbox/terminal_run.h"

#include <QProcess>
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

struct JournalLine {
  std::string type;
  Json data;
};

class SandboxRig {
public:
  SandboxRig();
  ~SandboxRig();

  // Brings version 1.0.0 up. Fails the test's expectations through the result's exit code.
  CliResult up();
  // Runs one command to its end; kills it after `timeoutMs`, with evidence in `err`. `version` becomes
  // RAT_VERSION.
  CliResult run(const QStringList& arguments, const QString& version = QStringLiteral("1.0.0"),
                int timeoutMs = 120000);
  // Starts one and leaves it running.
  std::unique_ptr<QProcess> begin(const QStringList& arguments, const QString& version);

  // Runs one that can write no file beyond so many bytes, as on a full disk.
  CliResult runWithFullDisk(const QStringList& arguments, const QString& version, qint64 bytes) const;
  // Starts one at a terminal.
  std::unique_ptr<TerminalRun> beginAtTerminal(const QStringList& arguments, const QString& version) const;

  CliResult startLoad(int rate = 200);
  Json stopLoad();
  // The generator's own report, with every sample.
  Json stopLoadWithSamples();
  // Waits until the load has sent so many more requests.
  bool waitForRequests(long long count, int timeoutMs = 60000);
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
  // The Compose files the sandbox is brought up with.
  QStringList files() const;

private:
  QProcessEnvironment environment(const QString& version) const;
  // What waits for what, for a command that had to be killed.
  std::string evidenceOfHang(int timeoutMs) const;

  QTemporaryDir m_temporary;
  QString m_folder;
};

} // namespace ratdeck
