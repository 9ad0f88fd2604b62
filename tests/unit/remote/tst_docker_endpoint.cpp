#include "core/base/digest.h"
#include "core/remote/docker/docker_endpoint.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace ratdeck;

namespace {

using Environment = std::map<std::string, std::string>;

// With ' for ", since moc loses its way among raw strings.
QByteArray json(QByteArray text) {
  return text.replace('\'', '"');
}

QString told(const Result<DockerEndpoint>& endpoint) {
  if (!endpoint)
    return QString::fromStdString(endpoint.error().toString());
  static const char* names[] = {"unix", "tcp", "tls", "ssh"};
  return QString::fromLatin1(names[int(endpoint->transport)]) + QLatin1Char(' ') +
         QString::fromStdString(endpoint->toString());
}

} // namespace

class TestDockerEndpoint : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void init() { m_home = std::make_unique<QTemporaryDir>(); }

  void readsWhatDockerHostSays_data() {
    QTest::addColumn<QString>("host");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* host, const char* expected) {
      QTest::newRow(host) << QString::fromLatin1(host) << QString::fromLatin1(expected);
    };
    row("unix:///run/d.sock", "unix unix:///run/d.sock");
    row("unix://", "unix unix:///var/run/docker.sock");
    row("tcp://10.0.0.1", "tcp tcp://10.0.0.1:2375");
    row("tcp://host.example:99/", "tcp tcp://host.example:99");
    row("http://[fe80::1]:99", "tcp tcp://[fe80::1]:99");
    row("ssh://deploy@host:2222", "ssh ssh://deploy@host:2222");
    row("ssh://host/run/user/1000/docker.sock", "ssh ssh://host/run/user/1000/docker.sock");
    for (const char* wrong :
         {"host:2375", "npipe://pipe", "unix://relative", "tcp://", "tcp://host:0", "tcp://host:99999",
          "tcp://host:9x", "tcp://host/path", "tcp://user@host", "ssh://-oProxyCommand=x", "ssh://-l@host",
          "ssh://user:password@host", "ssh://host/a:b", "ssh://host/%d", "tcp://[fe80::1", "tcp://ho st"})
      row(wrong, "error");
    QTest::newRow("too long") << QStringLiteral("unix:///") + QString(200, QLatin1Char('x'))
                              << QStringLiteral("error");
  }

  void readsWhatDockerHostSays() {
    QFETCH(QString, host);
    QFETCH(QString, expected);
    const auto endpoint = resolveDockerEndpoint({{"DOCKER_HOST", host.toStdString()}});
    if (expected != QLatin1String("error")) {
      QCOMPARE(told(endpoint), expected);
      QCOMPARE(endpoint->origin, std::string("DOCKER_HOST"));
      return;
    }
    QVERIFY2(!endpoint, qPrintable(told(endpoint)));
    QCOMPARE(endpoint.error().kind, ErrorKind::Input);
    QVERIFY(told(endpoint).startsWith(QLatin1String("DOCKER_HOST is no Docker address: ")));
    QVERIFY(!endpoint.error().next.empty());
  }

  void withoutAnythingItIsTheMachinesOwnSocket() {
    const auto endpoint = resolveDockerEndpoint({});
    QVERIFY(endpoint.has_value());
    QCOMPARE(endpoint->socket, std::string("/var/run/docker.sock"));
    QCOMPARE(endpoint->origin, std::string("the default"));
  }

  void theRootlessSocketIsTakenWhereTheOtherIsMissing() {
    const std::string home = m_home->path().toStdString();
    const Environment environment{{"XDG_RUNTIME_DIR", home}};
    const auto taken = [&] {
      return resolveDockerEndpoint(environment, home + "/system.sock")->socket;
    };
    write("docker.sock", "");
    QCOMPARE(taken(), home + "/docker.sock");
    write("system.sock", "");
    QCOMPARE(taken(), home + "/system.sock");
    QFile::remove(QString::fromStdString(home + "/system.sock"));
    QFile::remove(QString::fromStdString(home + "/docker.sock"));
    QCOMPARE(taken(), home + "/system.sock");
  }

  void tlsByVariablesNeedsVerificationAndAllThreeFiles() {
    Environment environment{{"DOCKER_HOST", "tcp://host"},
                            {"DOCKER_CERT_PATH", m_home->path().toStdString()}};
    environment["DOCKER_TLS"] = "1";
    QCOMPARE(resolveDockerEndpoint(environment).error().kind, ErrorKind::Refused);
    environment["DOCKER_HOST"] = "https://host";
    QCOMPARE(resolveDockerEndpoint(environment).error().kind, ErrorKind::Refused);
    environment["DOCKER_HOST"] = "tcp://host";
    environment["DOCKER_TLS_VERIFY"] = "1";
    write("ca.pem", "");
    write("cert.pem", "");
    const auto incomplete = resolveDockerEndpoint(environment);
    QCOMPARE(incomplete.error().kind, ErrorKind::NotFound);
    QVERIFY(told(incomplete).contains(m_home->path()));
    write("key.pem", "");
    const auto endpoint = resolveDockerEndpoint(environment);
    QCOMPARE(told(endpoint), QStringLiteral("tls tcp://host:2376"));
    QCOMPARE(endpoint->tls.keyFile, m_home->path().toStdString() + "/key.pem");
    environment["DOCKER_HOST"] = "tcp://host:2375"; // a written port stays
    QCOMPARE(told(resolveDockerEndpoint(environment)), QStringLiteral("tls tcp://host:2375"));
    environment["DOCKER_HOST"] = "unix:///run/d.sock"; // where TLS means nothing
    QCOMPARE(told(resolveDockerEndpoint(environment)), QStringLiteral("unix unix:///run/d.sock"));
  }

  void tlsByVariablesAloneMeansTheMachineItself() {
    for (const char* name : {".docker/ca.pem", ".docker/cert.pem", ".docker/key.pem"})
      write(name, "");
    QCOMPARE(
        told(resolveDockerEndpoint({{"HOME", m_home->path().toStdString()}, {"DOCKER_TLS_VERIFY", "1"}})),
        QStringLiteral("tls tcp://localhost:2376"));
  }

  void followsTheContextInUse() {
    context("prod", json("{'Name':'prod','Endpoints':{'docker':{'Host':'ssh://deploy@prod'}}}"));
    context("lab", json("{'Name':'lab','Endpoints':{'docker':{'Host':'tcp://lab','SkipTLSVerify':false}}}"));
    write(".docker/config.json", json("{'currentContext':'prod'}"));
    Environment environment{{"HOME", m_home->path().toStdString()}};
    QCOMPARE(told(resolveDockerEndpoint(environment)), QStringLiteral("ssh ssh://deploy@prod"));
    QCOMPARE(resolveDockerEndpoint(environment)->origin, std::string("the context \"prod\""));
    environment["DOCKER_CONTEXT"] = "lab";
    QCOMPARE(told(resolveDockerEndpoint(environment)), QStringLiteral("tcp tcp://lab:2375"));
    environment["DOCKER_CONTEXT"] = "default";
    QCOMPARE(resolveDockerEndpoint(environment)->origin, std::string("the default"));
    environment["DOCKER_HOST"] = "tcp://first"; // wins over every context
    QCOMPARE(told(resolveDockerEndpoint(environment)), QStringLiteral("tcp tcp://first:2375"));
    QCOMPARE(told(resolveDockerEndpoint({{"DOCKER_CONFIG", m_home->path().toStdString() + "/.docker"}})),
             QStringLiteral("ssh ssh://deploy@prod"));
  }

  void aContextBringsItsCertificates() {
    context("safe", json("{'Endpoints':{'docker':{'Host':'tcp://safe'}}}"));
    const std::string folder = ".docker/contexts/tls/" + sha256("safe") + "/docker/";
    for (const char* name : {"ca.pem", "cert.pem", "key.pem"})
      write((folder + name).c_str(), "");
    const auto endpoint =
        resolveDockerEndpoint({{"HOME", m_home->path().toStdString()}, {"DOCKER_CONTEXT", "safe"}});
    QCOMPARE(told(endpoint), QStringLiteral("tls tcp://safe:2376"));
    QCOMPARE(endpoint->tls.caFile, m_home->path().toStdString() + "/" + folder + "ca.pem");
  }

  void saysWhatIsWrongWithAContext_data() {
    QTest::addColumn<QByteArray>("meta");
    QTest::addColumn<int>("kind");
    QTest::addColumn<QString>("words");
    const auto row = [](const char* name, const QByteArray& meta, ErrorKind kind, const char* words) {
      QTest::newRow(name) << meta << int(kind) << QString::fromLatin1(words);
    };
    row("missing", "", ErrorKind::NotFound, "does not exist; see `docker context ls`");
    row("not JSON", "{", ErrorKind::Input, "not valid JSON");
    row("a list", "[]", ErrorKind::Input, "no JSON object");
    row("no endpoint", "{}", ErrorKind::Input, "has no Docker endpoint");
    row("Kubernetes alone", json("{'Endpoints':{'kubernetes':{'Host':'https://x'}}}"), ErrorKind::Input,
        "has no Docker endpoint");
    row("no address", json("{'Endpoints':{'docker':{'Host':'prod'}}}"), ErrorKind::Input,
        "is no Docker address");
    row("unverified", json("{'Endpoints':{'docker':{'Host':'tcp://x','SkipTLSVerify':true}}}"),
        ErrorKind::Refused, "turns the verification of the server off");
    row("deep", QByteArray(5000, '['), ErrorKind::Input, "nested deeper");
  }

  void saysWhatIsWrongWithAContext() {
    QFETCH(QByteArray, meta);
    QFETCH(int, kind);
    QFETCH(QString, words);
    if (!meta.isEmpty())
      context("odd", meta);
    const auto endpoint =
        resolveDockerEndpoint({{"HOME", m_home->path().toStdString()}, {"DOCKER_CONTEXT", "odd"}});
    QVERIFY2(!endpoint, qPrintable(told(endpoint)));
    QVERIFY2(told(endpoint).contains(words), qPrintable(told(endpoint)));
    QCOMPARE(int(endpoint.error().kind), kind);
    QVERIFY(!endpoint.error().next.empty());
  }

  void aConfigurationThatIsNoneIsNotTakenForTheDefault() {
    write(".docker/config.json", "{broken");
    const auto endpoint = resolveDockerEndpoint({{"HOME", m_home->path().toStdString()}});
    QVERIFY(!endpoint);
    QVERIFY2(told(endpoint).contains(QLatin1String(".docker/config.json: ")), qPrintable(told(endpoint)));
  }

private:
  void write(const char* name, const QByteArray& text) {
    const QString path = m_home->filePath(QString::fromLatin1(name));
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(text), text.size());
  }
  void context(const char* name, const QByteArray& meta) {
    write((".docker/contexts/meta/" + sha256(name) + "/meta.json").c_str(), meta);
  }

  std::unique_ptr<QTemporaryDir> m_home;
};

QTEST_GUILESS_MAIN(TestDockerEndpoint)
#include "tst_docker_endpoint.moc"
