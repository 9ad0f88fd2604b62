// Migrations and hooks on the sandbox, whose commands are really run, against a real PostgreSQL.
#include <QtTest>

#include "tests/e2e/migration_cases.h"

#include <QTemporaryDir>

#include <memory>

using namespace ratdeck;

namespace {

class SandboxCtl final : public CtlRig {
public:
  ~SandboxCtl() override { run({QStringLiteral("sandbox"), QStringLiteral("down")}); }
};

} // namespace

class TestSandboxMigrations : public QObject {
  Q_OBJECT

  std::unique_ptr<PostgresRig> m_postgres;
  std::unique_ptr<SandboxCtl> m_ctl;
  std::unique_ptr<QTemporaryDir> m_folder;
  std::unique_ptr<MigrationCases> m_cases;

  static void verify(const std::string& findings) { QVERIFY2(findings.empty(), findings.c_str()); }

private Q_SLOTS:
  void initTestCase() {
    if (const auto why = PostgresRig::whyNot(); !why.isEmpty())
      QSKIP(qPrintable(why));
    m_postgres = std::make_unique<PostgresRig>();
    const auto problem = m_postgres->start();
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
    m_ctl = std::make_unique<SandboxCtl>();
    m_folder = std::make_unique<QTemporaryDir>();
    const auto idle =
        m_ctl->writeFile(QStringLiteral("idle.yml"),
                         "name: mig\nservices:\n  idle: { image: \"idle:1\", expose: [\"80\"] }\n");
    const auto up = m_ctl->run({QStringLiteral("sandbox"), QStringLiteral("up"), QStringLiteral("-f"),
                                QString::fromStdString(idle)});
    QVERIFY2(up.exitCode == 0, up.toString().c_str());
    MigrationGround ground;
    ground.ctl = m_ctl.get();
    ground.postgres = m_postgres.get();
    ground.image = "mig/app";
    ground.pgHost = m_postgres->socketFolder().toStdString();
    ground.psql = PostgresRig::psql().toStdString();
    ground.shell = "/bin/sh";
    ground.folder = ground.inside = m_folder->path().toStdString();
    ground.policyLines = "      sandbox: { runs_commands: true }\n";
    m_cases = std::make_unique<MigrationCases>(ground);
    const auto begun = m_cases->begin();
    QVERIFY2(begun.empty(), begun.c_str());
  }
  void cleanupTestCase() {
    m_cases.reset();
    m_ctl.reset();
    m_postgres.reset();
  }

  void succeedsUnderLoad() { verify(m_cases->succeeds()); }
  void isTakenBackByARollbackAfterTheCode() { verify(m_cases->isTakenBackByARollback()); }
  void failsWithAnExitCodeAndNothingChanges() { verify(m_cases->failsWithAnExitCode()); }
  void failsHalfWayAndWhatWasDoneBeforeIsTakenBack() { verify(m_cases->failsHalfWay()); }
  void goesBackPastWhatIsNotReversibleOnlyWhenItIsNamed() { verify(m_cases->isNotReversible()); }
  void isReadAroundTheStartOfCodeThatMigratesItself() { verify(m_cases->isAppliedByTheCode()); }
  void endsAHookAtItsLimit() { verify(m_cases->hooksHaveALimit()); }
  void runsOnceAlthoughTheEngineIsKilled() { verify(m_cases->runsOnceAlthoughTheEngineIsKilled()); }

  // Where a service does not say that its commands are really run, its stand-in plays them, faults and all.
  void isPlayedElsewhere() {
    const auto deploy = [&](const char* version) {
      const auto file = m_ctl->writeFile(
          QStringLiteral("played.yml"),
          QByteArray(
              "name: mig\nx-ratdeck: { migrations: [{ id: played, before: web, up: { run: [/migrate] } }] }\n"
              "services: { web: { image: \"web:") +
              version + "\", expose: [\"80\"] } }\n");
      return m_ctl->run({QStringLiteral("deploy"), QStringLiteral("--yes"), QStringLiteral("--output"),
                         QStringLiteral("json"), QStringLiteral("-f"), QString::fromStdString(file)});
    };
    const auto first = deploy("1");
    QVERIFY2(first.exitCode == 0, first.toString().c_str());
    const QStringList fault = {QStringLiteral("sandbox"), QStringLiteral("fault"), QStringLiteral("web")};
    QCOMPARE(
        m_ctl->run(fault + QStringList{QStringLiteral("migrate-fail"), QStringLiteral("--next")}).exitCode,
        0);
    const auto failed = deploy("2");
    QVERIFY2(failed.exitCode == 1, failed.toString().c_str());
    QVERIFY2(textAt(failed.json, "reason").starts_with("migration played ended with exit code 1"),
             failed.toString().c_str());
    QCOMPARE(m_ctl->run(fault + QStringList{QStringLiteral("clear")}).exitCode, 0);
    const auto second = deploy("2");
    QVERIFY2(second.exitCode == 0, second.toString().c_str());
  }
};

QTEST_GUILESS_MAIN(TestSandboxMigrations)
#include "tst_migrations.moc"
