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

  static QStringList words(const char* line) { return QString::fromLatin1(line).split(QLatin1Char(' ')); }

  // A service of which each version has a migration that nothing takes back, and that is approved at its end.
  QStringList stackOf(const char* version) const {
    const auto file = m_ctl->writeFile(
        QStringLiteral("oneway.yml"),
        QByteArray(
            "name: mig\n"
            "x-ratdeck: { bake: 0s, migrations: [{ id: oneway, before: shop, up: { run: [/migrate] } }] }\n"
            "services: { shop: { image: \"shop:") +
            version + "\", expose: [\"80\"], x-ratdeck: { approve: { after: look } } } }\n");
    return {QStringLiteral("-f"), QString::fromStdString(file)};
  }
  std::string lastRecord() const {
    const auto lines = m_ctl->journal(m_ctl->newestJournal());
    return std::to_string(lines.size()) + " " + lines.back().type;
  }

private Q_SLOTS:
  // At its time limit such a rollout is not undone, since the schema version that stays is not named: it is
  // held for somebody who decides. An undo of it needs the name too, and says so.
  void whatStaysIsNamedBeforeAnUndoOfTheTimeLimitOrAfterIt() {
    const auto first = m_ctl->run(words("deploy --yes --approve auto --output json") + stackOf("1"));
    QVERIFY2(first.exitCode == 0, first.toString().c_str());
    const auto held = m_ctl->run(words("deploy --yes --approve wait --timeout 8s") + stackOf("2"));
    QVERIFY2(held.exitCode == 130, held.toString().c_str());
    for (const char* part :
         {"is held unfinished: --timeout 8s has passed, and it is not undone: schema oneway stays",
          "resume-unfinished --rollout", "--roll-back --past-schema oneway"})
      QVERIFY2(held.err.find(part) != std::string::npos, held.toString().c_str());

    const auto records = lastRecord();
    const auto refused = m_ctl->run(words("resume-unfinished --roll-back --yes") + stackOf("2"));
    QVERIFY2(refused.exitCode == 2 && refused.err.find("--past-schema oneway") != std::string::npos,
             refused.toString().c_str());
    QCOMPARE(lastRecord(), records);
    const std::vector<std::string> both{"1", "2"}; // the old copy is kept until the approval
    QVERIFY(m_ctl->versionsOf("shop") == both);
    const auto another =
        m_ctl->run(words("resume-unfinished --roll-back --yes --past-schema two") + stackOf("2"));
    QVERIFY2(another.exitCode == 2, another.toString().c_str());
    QCOMPARE(lastRecord(), records);
    const auto back = m_ctl->run(
        words("resume-unfinished --roll-back --yes --output json --past-schema oneway") + stackOf("2"));
    QVERIFY2(back.exitCode == 3, back.toString().c_str());
    QVERIFY(m_ctl->versionsOf("shop") == std::vector<std::string>{"1"});
  }

  // The control: where it is named at the start, the time limit undoes.
  void theTimeLimitUndoesWhereWhatStaysIsNamed() {
    const auto undone = m_ctl->run(
        words("deploy --yes --approve wait --timeout 8s --past-schema oneway --output json") + stackOf("2"));
    QVERIFY2(undone.exitCode == 3, undone.toString().c_str());
    QVERIFY(m_ctl->versionsOf("shop") == std::vector<std::string>{"1"});
  }

  // It is kept all the same, and who names it is told.
  void aRevisionWhoseRolloutWasUndoneIsSaidToBeOne() {
    const auto history = m_ctl->run(words("history --output json") + stackOf("2"));
    const auto undone = memberAt(history.json, "rollouts").front();
    QCOMPARE(textAt(undone, "result"), std::string("aborted"));
    const auto rollout = textAt(undone, "rollout");
    const auto number = std::to_string(memberAt(history.json, "revisions").back().get<int>());
    const auto refused = m_ctl->run(words("rollback --yes --to") +
                                    QStringList{QString::fromStdString(rollout)} + stackOf("2"));
    QVERIFY2(refused.exitCode == 2 && refused.err.find("--to " + number) != std::string::npos,
             refused.toString().c_str());
    const auto gone = m_ctl->run(words("rollback --yes --approve auto --to") +
                                 QStringList{QString::fromStdString(number)} + stackOf("2"));
    QVERIFY2(gone.exitCode == 0, gone.toString().c_str());
    QVERIFY2(gone.out.find("revision-undone") != std::string::npos &&
                 gone.out.find("rollout " + rollout + ", which made it, ended as aborted") !=
                     std::string::npos,
             gone.toString().c_str());
    QVERIFY(m_ctl->versionsOf("shop") == std::vector<std::string>{"2"});
    const auto kept =
        m_ctl->run(words("rollback --yes --approve auto --past-schema oneway --to 1") + stackOf("2"));
    QVERIFY2(kept.out.find("revision-undone") == std::string::npos, kept.toString().c_str()); // the control
  }

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
