#include "tests/e2e/migration_sentences.h"

namespace ratdeck {

void MigrationSentences::initTestCase() {
  for (const auto& why : {PostgresRig::whyNot(), whyNot()})
    if (!why.isEmpty())
      QSKIP(qPrintable(why));
  m_postgres = std::make_unique<PostgresRig>();
  const auto problem = m_postgres->start();
  QVERIFY2(problem.isEmpty(), qPrintable(problem));
  MigrationGround ground;
  ground.postgres = m_postgres.get();
  ground.image = "mig/app";
  ground.psql = PostgresRig::psql().toStdString();
  ground.shell = "/bin/sh";
  const auto trouble = prepare(ground);
  QVERIFY2(trouble.isEmpty(), qPrintable(trouble));
  m_cases = std::make_unique<MigrationCases>(ground);
  const auto begun = m_cases->begin();
  QVERIFY2(begun.empty(), begun.c_str());
}

void MigrationSentences::cleanupTestCase() {
  m_cases.reset();
  tearDown();
  m_postgres.reset();
}

} // namespace ratdeck
