// Migrations and hooks in containers of a real Docker Engine, against a real PostgreSQL beside it, whose
// socket they mount.
#include "tests/e2e/docker/docker_rig.h"
#include "tests/e2e/migration_sentences.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>
#include <QTemporaryDir>

#include <curl/curl.h>

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

class DockerMigrations : public MigrationSentences {
  Q_OBJECT

  std::unique_ptr<DockerRig> m_engine;
  std::unique_ptr<DockerCtl> m_ctl;
  QTemporaryDir m_folder;

  QString whyNot() const override { return DockerRig::whyNot(); }

  // A file makes each version another image.
  QString makeImages() {
    QTemporaryDir root;
    if (const auto problem = makeRoot(root.path()); !problem.isEmpty())
      return problem;
    for (int version = 1; version <= 6; ++version) {
      QFile mark(root.path() + QStringLiteral("/version"));
      if (!mark.open(QIODevice::WriteOnly))
        return mark.errorString();
      mark.write(QByteArray::number(version));
      mark.close();
      const auto problem = import(*m_engine, "mig/app:" + std::to_string(version), root.path());
      if (!problem.isEmpty())
        return problem;
    }
    return {};
  }

  QString prepare(MigrationGround& ground) override {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    m_engine = std::make_unique<DockerRig>();
    if (const auto problem = m_engine->start(); !problem.isEmpty())
      return problem;
    if (const auto problem = makeImages(); !problem.isEmpty())
      return problem;
    QFile::setPermissions(m_folder.path(), QFile::Permissions(0x7755));
    m_ctl = std::make_unique<DockerCtl>("unix://" + m_engine->folder().toStdString() + "/docker.sock");
    ground.ctl = m_ctl.get();
    ground.pgHost = "/postgres";
    ground.folder = m_folder.path().toStdString();
    ground.inside = "/migrations";
    ground.serviceLines = "    stop_grace_period: 1s\n    volumes: [\"" +
                          postgres().socketFolder().toStdString() + ":/postgres\", \"" + ground.folder +
                          ":/migrations:ro\"]\n";
    return {};
  }
  void tearDown() override {
    m_ctl.reset();
    m_engine.reset();
  }
};

QTEST_GUILESS_MAIN(DockerMigrations)
#include "tst_migrations.moc"
