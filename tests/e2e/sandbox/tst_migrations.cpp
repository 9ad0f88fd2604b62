// Migrations and hooks on the sandbox, whose commands are really run, against a real PostgreSQL.
#include "tests/e2e/migration_sentences.h"

#include <QTemporaryDir>

using namespace ratdeck;

namespace {

class SandboxCtl final : public CtlRig {
public:
  ~SandboxCtl() override { run({QStringLiteral("sandbox"), QStringLiteral("down")}); }
};

} // namespace

class SandboxMigrations : public MigrationSentences {
  Q_OBJECT

  std::unique_ptr<SandboxCtl> m_ctl;
  QTemporaryDir m_folder;

  QString prepare(MigrationGround& ground) override {
    m_ctl = std::make_unique<SandboxCtl>();
    const auto idle =
        m_ctl->writeFile(QStringLiteral("idle.yml"),
                         "name: mig\nservices:\n  idle: { image: \"idle:1\", expose: [\"80\"] }\n");
    const auto up = m_ctl->run({QStringLiteral("sandbox"), QStringLiteral("up"), QStringLiteral("-f"),
                                QString::fromStdString(idle)});
    ground.ctl = m_ctl.get();
    ground.pgHost = postgres().socketFolder().toStdString();
    ground.folder = ground.inside = m_folder.path().toStdString();
    ground.policyLines = "      sandbox: { runs_commands: true }\n";
    return up.exitCode == 0 ? QString() : QString::fromStdString(up.toString());
  }
  void tearDown() override { m_ctl.reset(); }

private Q_SLOTS:
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

QTEST_GUILESS_MAIN(SandboxMigrations)
#include "tst_migrations.moc"
