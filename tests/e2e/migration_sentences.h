// What must happen to a schema, one test each, on every runtime: the specification's sentences by their
// section, and what else a migration promises.
#pragma once

#include "tests/e2e/migration_cases.h"

#include <QtTest>

#include <memory>

namespace ratdeck {

class MigrationSentences : public QObject {
  Q_OBJECT

protected:
  PostgresRig& postgres() { return *m_postgres; }
  // Why there can be none here, one line; "" if there can.
  virtual QString whyNot() const { return {}; }
  // Makes the runtime, the service's six versions and `ground`, but for its PostgreSQL. "" or what went
  // wrong.
  virtual QString prepare(MigrationGround& ground) = 0;
  virtual void tearDown() = 0;

private:
  std::unique_ptr<PostgresRig> m_postgres;
  std::unique_ptr<MigrationCases> m_cases;

  static void verify(const std::string& findings) { QVERIFY2(findings.empty(), findings.c_str()); }

private Q_SLOTS:
  void initTestCase();
  void cleanupTestCase();

  void migrations_those_that_break_the_old_code_are_named() { verify(m_cases->warnsOfWhatBreaks()); }
  void migrations_run_before_the_new_code_and_the_old_code_works_on() { verify(m_cases->succeeds()); }
  void rollback_the_reverse_migration_takes_the_schema_back() { verify(m_cases->isTakenBackByARollback()); }
  void failsWithAnExitCodeAndNothingChanges() { verify(m_cases->failsWithAnExitCode()); }
  void failsHalfWayAndWhatWasDoneBeforeIsTakenBack() { verify(m_cases->failsHalfWay()); }
  void goesBackPastWhatIsNotReversibleOnlyWhenItIsNamed() { verify(m_cases->isNotReversible()); }
  void migrations_what_the_code_applies_at_its_start_is_shown() { verify(m_cases->isAppliedByTheCode()); }
  void endsAHookAtItsLimit() { verify(m_cases->hooksHaveALimit()); }
  void runsOnceAlthoughTheEngineIsKilled() { verify(m_cases->runsOnceAlthoughTheEngineIsKilled()); }
  void migrations_a_breaking_change_drops_the_old_columns_last() { verify(m_cases->dropsTheOldLast()); }
};

} // namespace ratdeck
