// What must happen to a schema, on any runtime: a service `app`, of which version after version is deployed,
// beside a real PostgreSQL whose table is compared before and after, while rows are written to it.
#pragma once

#include "tests/e2e/ctl_rig.h"
#include "tests/e2e/postgres_rig.h"

#include <functional>
#include <string>

namespace ratdeck {

// How the runtime has the service.
struct MigrationGround {
  CtlRig* ctl = nullptr;
  PostgresRig* postgres = nullptr;
  QStringList target;       // the words that name the runtime and the stack
  std::string image;        // of app, without its tag
  std::string pgHost;       // the socket's folder as the commands see it
  std::string psql, shell;  // as the commands see them
  std::string folder;       // of migration files, on this machine
  std::string inside;       // the same, as the commands see it
  std::string serviceLines; // more keys of app, indented by four
  std::string policyLines;  // more keys of its x-ratdeck, indented by six
};

class MigrationCases {
public:
  explicit MigrationCases(MigrationGround ground);

  // The first version, without any schema of ours. "" or what went wrong.
  std::string begin();

  // Each is a test's body: "" or what was not as it must be.
  std::string warnsOfWhatBreaks();
  std::string succeeds();
  std::string failsWithAnExitCode();
  std::string failsHalfWay();
  std::string isTakenBackByARollback();
  std::string isNotReversible();
  std::string isAppliedByTheCode();
  std::string hooksHaveALimit();
  std::string runsOnceAlthoughTheEngineIsKilled();
  std::string dropsTheOldLast();

private:
  CliResult deploy(int version, const std::string& top, const std::string& command = {});
  QStringList deployWords(int version, const std::string& top, const std::string& command = {});
  CliResult planned(int version, const std::string& top);
  CliResult rollback(const QStringList& more = {});
  std::string stack(int version, const std::string& top, const std::string& command) const;
  std::string write(const std::string& name, const std::string& sql) const;
  std::string run(const std::string& file) const; // as a list of words: psql -f FILE
  std::string status() const;
  std::string migration(const std::string& id, const std::string& rest) const;
  // Whether the newest rollout ended its migration before it started a copy of the new code.
  bool ranBeforeTheNewCode() const;
  std::string columns(const std::string& table = "customers") const;
  std::string rows() const;

  MigrationGround m_ground;
  std::string m_files;
  int m_version = 1;
};

} // namespace ratdeck
