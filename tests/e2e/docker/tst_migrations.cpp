// Migrations and hooks in containers of a real Docker Engine, against a real PostgreSQL beside it, whose
// socket they mount.
#include <QtTest>

#include "tests/e2e/docker/docker_rig.h"
#include "tests/e2e/migration_cases.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>
#include <QTemporaryDir>

#include <curl/curl.h>

#include <memory>

using namespace ratdeck;

namespace {

class DockerCtl final : public CtlRig {
public:
  explicit DockerCtl(std::string host) : m_host(QString::fromStdString(host)) {}

protected:
  QProcessEnvironment environment(const QString& version) const override {
    auto environment = CtlRig::environment(version);
    environment.insert(QStringLiteral("DOCKER_HOST"), m_host);
    return environment;
  }
  QStringList completed(const QStringList& arguments) const override {
    auto words = arguments;
    if (!words.contains(QStringLiteral("-f")))
      words << QStringLiteral("-f") << folder() + QStringLiteral("/stack.yml");
    return words << QStringLiteral("--runtime") << QStringLiteral("docker");
  }

private:
  QString m_host;
};

// A root folder with a shell, psql and the libraries that they load, all of this machine.
QString makeRoot(const QString& folder) {
  const QStringList programs = {QStringLiteral("/bin/sh"), QStringLiteral("/bin/sleep"), PostgresRig::psql()};
  QStringList files = programs;
  for (const auto& program : programs)
    if (const auto libraries = runTool(QStringLiteral("ldd"), {program}))
      for (const auto& word :
           QString::fromLocal8Bit(*libraries).split(QRegularExpression(QStringLiteral("\\s+"))))
        if (word.startsWith(QLatin1Char('/')) && !files.contains(word))
          files << word;
  for (const auto& file : files) {
    const auto copy = folder + file;
    QDir().mkpath(QFileInfo(copy).path());
    if (!QFile::copy(QFileInfo(file).canonicalFilePath(), copy))
      return QStringLiteral("cannot copy ") + file;
  }
  return QString();
}

QString import(DockerRig& engine, const std::string& reference, const QString& folder) {
  const auto archive = runTool(QStringLiteral("tar"),
                               {QStringLiteral("-C"), folder, QStringLiteral("-c"), QStringLiteral(".")});
  if (!archive)
    return QStringLiteral("no archive of ") + folder;
  const auto colon = reference.rfind(':');
  const auto made = engine.raw("POST",
                               "/images/create?fromSrc=-&repo=" + reference.substr(0, colon) +
                                   "&tag=" + reference.substr(colon + 1),
                               archive->toStdString(), "application/x-tar");
  return made && made->status == 200 ? QString() : problemOf(made);
}

} // namespace

class TestDockerMigrations : public QObject {
  Q_OBJECT

  std::unique_ptr<PostgresRig> m_postgres;
  std::unique_ptr<DockerRig> m_engine;
  std::unique_ptr<DockerCtl> m_ctl;
  std::unique_ptr<QTemporaryDir> m_folder;
  std::unique_ptr<MigrationCases> m_cases;

  static void verify(const std::string& findings) { QVERIFY2(findings.empty(), findings.c_str()); }

private Q_SLOTS:
  void initTestCase() {
    if (const auto why = PostgresRig::whyNot(); !why.isEmpty())
      QSKIP(qPrintable(why));
    if (const auto why = DockerRig::whyNot(); !why.isEmpty())
      QSKIP(qPrintable(why));
    curl_global_init(CURL_GLOBAL_DEFAULT);
    m_postgres = std::make_unique<PostgresRig>();
    const auto problem = m_postgres->start();
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
    m_engine = std::make_unique<DockerRig>();
    const auto trouble = m_engine->start();
    QVERIFY2(trouble.isEmpty(), qPrintable(trouble));
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(QFile::setPermissions(m_folder->path(), QFile::Permissions(0x7755)));
    QTemporaryDir root;
    for (int version = 1; version <= 6; ++version) { // a file makes each another image
      const auto made = version == 1 ? makeRoot(root.path()) : QString();
      QVERIFY2(made.isEmpty(), qPrintable(made));
      QFile mark(root.path() + QStringLiteral("/version"));
      QVERIFY(mark.open(QIODevice::WriteOnly));
      mark.write(QByteArray::number(version));
      mark.close();
      const auto imported = import(*m_engine, "mig/app:" + std::to_string(version), root.path());
      QVERIFY2(imported.isEmpty(), qPrintable(imported));
    }
    m_ctl = std::make_unique<DockerCtl>("unix://" + m_engine->folder().toStdString() + "/docker.sock");
    MigrationGround ground;
    ground.ctl = m_ctl.get();
    ground.postgres = m_postgres.get();
    ground.image = "mig/app";
    ground.pgHost = "/postgres";
    ground.psql = PostgresRig::psql().toStdString();
    ground.shell = "/bin/sh";
    ground.folder = m_folder->path().toStdString();
    ground.inside = "/migrations";
    ground.serviceLines = "    stop_grace_period: 1s\n    volumes: [\"" +
                          m_postgres->socketFolder().toStdString() + ":/postgres\", \"" + ground.folder +
                          ":/migrations:ro\"]\n";
    m_cases = std::make_unique<MigrationCases>(ground);
    const auto begun = m_cases->begin();
    QVERIFY2(begun.empty(), begun.c_str());
  }
  void cleanupTestCase() {
    m_cases.reset();
    m_ctl.reset();
    m_engine.reset();
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
};

QTEST_GUILESS_MAIN(TestDockerMigrations)
#include "tst_migrations.moc"
