#include "answers.h"
#include "core/base/json.h"
#include "core/remote/docker/docker_images.h"
#include "core/remote/docker/registry_credentials.h"
#include "scripted_docker.h"

#include <QFile>
#include <QTemporaryDir>

#include <curl/curl.h>

using namespace ratdeck;

namespace {

const char* password = "Swordfish-7";

// The header as JSON, "none", or the error.
QString shown(const Result<Secret>& header) {
  if (!header)
    return QString::fromStdString(header.error().toString());
  if (header->isEmpty())
    return QStringLiteral("none");
  return QString::fromUtf8(
      QByteArray::fromBase64(QByteArray::fromStdString(header->reveal()),
                             QByteArray::Base64UrlEncoding | QByteArray::AbortOnBase64DecodingErrors));
}

// JSON with ' for ".
QByteArray quoted(const char* text) {
  return QByteArray(text).replace('\'', '"');
}

QByteArray encoded(const char* text) {
  return QByteArray(text).toBase64();
}

} // namespace

class TestRegistryCredentials : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void initTestCase() { curl_global_init(CURL_GLOBAL_DEFAULT); }
  void init() { m_folder = std::make_unique<QTemporaryDir>(); }

  void theFileKeepsCredentialsByHost_data() {
    QTest::addColumn<QByteArray>("config");
    QTest::addColumn<QString>("registry");
    QTest::addColumn<QString>("expected");
    const auto auth = [](const char* key, const char* text) {
      return quoted("{'auths':{'") + key + quoted("':{'auth':'") + encoded(text) + quoted("'}}}");
    };
    const auto row = [](const char* name, const QByteArray& config, const char* registry,
                        const QByteArray& expected) {
      QTest::newRow(name) << config << QString::fromLatin1(registry) << QString::fromUtf8(expected);
    };
    row("by host", auth("h:5", "u:Swordfish-7"), "h:5",
        quoted("{'password':'Swordfish-7','serveraddress':'h:5','username':'u'}"));
    row("by URL", auth("https://h:5/v2/", "u:p:with:colons"), "h:5",
        quoted("{'password':'p:with:colons','serveraddress':'h:5','username':'u'}"));
    row("the hub", auth("https://index.docker.io/v1/", "u:p"), "docker.io",
        quoted("{'password':'p','serveraddress':'https://index.docker.io/v1/','username':'u'}"));
    row("a token", quoted("{'auths':{'h:5':{'identitytoken':'Swordfish-7'}}}"), "h:5",
        quoted("{'identitytoken':'Swordfish-7','serveraddress':'h:5'}"));
    row("another host", auth("h:6", "u:p"), "h:5", "none");
    row("an empty entry", quoted("{'auths':{'h:5':{}}}"), "h:5", "none");
    row("nothing", "{}", "h:5", "none");
    row("entries of other types", quoted("{'auths':[1],'credHelpers':'x','credsStore':3}"), "h:5", "none");
    row("not base64", quoted("{'auths':{'h:5':{'auth':'Swordfish-7!'}}}"), "h:5",
        "the \"auth\" of h:5 is not base64 of USER:PASSWORD");
    row("no colon", auth("h:5", "Swordfish-7"), "h:5", "the \"auth\" of h:5 is not base64 of USER:PASSWORD");
    row("a path as a helper", quoted("{'credsStore':'../../bin/sh'}"), "h:5",
        "not the name of a credential helper: \"../../bin/sh\"");
    row("a helper that is missing", quoted("{'credsStore':'nobody'}"), "h:5",
        "docker-credential-nobody is not installed");
  }

  void theFileKeepsCredentialsByHost() {
    QFETCH(QByteArray, config);
    QFETCH(QString, registry);
    QFETCH(QString, expected);
    write("config.json", config);
    QCOMPARE(shown(find(registry.toStdString())), expected);
  }

  void withoutAFileThereAreNone() {
    QCOMPARE(shown(find("h:5")), QStringLiteral("none"));
    write("config.json", "{\"auths\": Swordfish-7");
    const auto broken = find("h:5");
    QVERIFY(!broken && broken.error().kind == ErrorKind::Input);
    QVERIFY2(!shown(broken).contains(QLatin1String(password)), qPrintable(shown(broken)));
    QVERIFY(shown(broken).contains(QLatin1String("config.json")));
  }

  void aHelperIsAskedForTheRegistry() {
    helper("any", "read -r host; echo \"{\\\"ServerURL\\\":\\\"$host\\\",\\\"Username\\\":\\\"$1-$host\\\","
                  "\\\"Secret\\\":\\\"Swordfish-7\\\"}\"");
    helper("token", R"(cat > /dev/null; echo '{"Username":"<token>","Secret":"T"}')");
    write(
        "config.json",
        quoted("{'credsStore':'any','credHelpers':{'https://t:5':'token'},'auths':{'h:5':{'auth':'dTpw'}}}"));
    QCOMPARE(
        shown(find("h:5")),
        QString::fromUtf8(quoted("{'password':'Swordfish-7','serveraddress':'h:5','username':'get-h:5'}")));
    QCOMPARE(shown(find("t:5")), QString::fromUtf8(quoted("{'identitytoken':'T','serveraddress':'t:5'}")));
    QVERIFY(shown(find("docker.io")).contains(QLatin1String("get-https://index.docker.io/v1/")));
  }

  void aHelperThatFailsIsToldWithoutItsWords_data() {
    QTest::addColumn<QString>("script");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* name, const char* script, const char* expected) {
      QTest::newRow(name) << QString::fromLatin1(script) << QString::fromLatin1(expected);
    };
    row("keeps none", "cat > /dev/null; echo credentials not found in native keychain; exit 1", "none");
    row("fails", "cat > /dev/null; echo Swordfish-7; echo Swordfish-7 >&2; exit 3",
        "docker-credential-x failed with 3");
    row("garbage", "cat > /dev/null; echo Swordfish-7",
        "the answer of docker-credential-x: it printed no JSON object");
    row("talks on", "cat > /dev/null; while :; do echo Swordfish-7; done",
        "docker-credential-x printed too much");
    row("a signal", "kill -9 $$", "docker-credential-x was ended by a signal");
    row("hangs", "exec cat /dev/zero > /dev/null", "docker-credential-x gave no answer within 700 ms");
  }

  void aHelperThatFailsIsToldWithoutItsWords() {
    QFETCH(QString, script);
    QFETCH(QString, expected);
    helper("x", script.toUtf8());
    write("config.json", quoted("{'credsStore':'x'}"));
    QCOMPARE(shown(find("h:5", 700ms)), expected);
  }

  void destroyingItEndsTheHelper() {
    helper("x", "echo $$ > " + path("pid").toUtf8() + "; exec cat /dev/zero > /dev/null");
    write("config.json", quoted("{'credsStore':'x'}"));
    Answers<Secret> silent;
    auto credentials = std::make_unique<RegistryCredentials>(environment());
    credentials->find("h:5", silent.next());
    QByteArray pid;
    QVERIFY(QTest::qWaitFor([&] { return !(pid = read("pid").trimmed()).isEmpty(); }, 5000));
    QVERIFY(QFile::exists(QStringLiteral("/proc/") + QString::fromLatin1(pid)));
    credentials.reset();
    QVERIFY(!QFile::exists(QStringLiteral("/proc/") + QString::fromLatin1(pid)));
    QVERIFY(!QTest::qWaitFor([&] { return silent.count() > 0; }, 50));
  }

  void credentialsGoToTheRegistryTheyAreFor() {
    ScriptedDocker docker;
    docker.on("GET /v1.41/distribution/h:5/ratd:2/json",
              ScriptedDocker::json(quoted("{'Descriptor':{'digest':'sha256:d'}}")));
    docker.on("GET /v1.41/distribution/other:5/ratd:2/json",
              ScriptedDocker::json(quoted("{'Descriptor':{'digest':'sha256:e'}}")));
    docker.on("POST /v1.41/images/create",
              ScriptedDocker::stream("{\"status\":\"Status: Downloaded newer image for x\"}\r\n"));
    write("config.json", quoted("{'auths':{'h:5':{'auth':'dTpw'}}}"));
    DockerConnection connection(docker.endpoint());
    RegistryCredentials credentials(environment());
    DockerImages images(connection, &credentials);
    Answers<DockerDistribution> found;
    images.lookUp("h:5/ratd:2", found.next());
    QCOMPARE(found.count(), 0u);
    QVERIFY(found.wait());
    QVERIFY2(found.at(0).has_value(), found.errorText().c_str());
    QCOMPARE(found.at(0)->digest, std::string("sha256:d"));
    const auto header = headerOf(docker.last());
    QCOMPARE(shown(Secret(header.toStdString())),
             QString::fromUtf8(quoted("{'password':'p','serveraddress':'h:5','username':'u'}")));
    images.lookUp("other:5/ratd:2", found.next());
    QVERIFY(found.wait(2));
    QCOMPARE(headerOf(docker.last()), QByteArray());
    Answers<DockerPull> pulled;
    images.pull("h:5/ratd:2", {}, pulled.next());
    QVERIFY(pulled.wait());
    QVERIFY2(pulled.at(0).has_value(), pulled.errorText().c_str());
    QCOMPARE(headerOf(docker.last()), header);
  }

  void aRefusalSaysWhyThereWereNoCredentials() {
    ScriptedDocker docker;
    docker.on("GET /v1.41/distribution/h:5/ratd:2/json",
              ScriptedDocker::json(quoted("{'message':'no basic auth credentials'}"), 500));
    write("config.json", quoted("{'credsStore':'nobody'}"));
    DockerConnection connection(docker.endpoint());
    RegistryCredentials credentials(environment());
    DockerImages images(connection, &credentials);
    Answers<DockerDistribution> refused;
    images.lookUp("h:5/ratd:2", refused.next());
    QVERIFY(refused.wait());
    QCOMPARE(refused.errorKind(), ErrorKind::Refused);
    QCOMPARE(refused.errorText(),
             std::string("Docker says (500): no basic auth credentials; no credentials were sent: "
                         "docker-credential-nobody is not installed; run `docker login h:5`"));
  }

  void aCallIsCancelledWhileItsCredentialsAreLookedFor() {
    ScriptedDocker docker;
    docker.on("GET /v1.41/distribution/h:5/kept:2/json",
              ScriptedDocker::json(quoted("{'Descriptor':{'digest':'sha256:d'}}")));
    helper("x",
           R"(cat > /dev/null; echo '{"Username":"u","Secret":"p"}'; echo ran >> )" + path("ran").toUtf8());
    write("config.json", quoted("{'credsStore':'x'}"));
    DockerConnection connection(docker.endpoint());
    RegistryCredentials credentials(environment());
    DockerImages images(connection, &credentials);
    Answers<DockerDistribution> silent;
    connection.cancel(images.lookUp("h:5/dropped:2", silent.next()));
    QVERIFY(QTest::qWaitFor([&] { return read("ran") == "ran\n"; }, 5000));
    // A whole look-up more: the helper of the first one has long ended.
    Answers<DockerDistribution> kept;
    images.lookUp("h:5/kept:2", kept.next());
    QVERIFY(kept.wait());
    QVERIFY2(kept.at(0).has_value(), kept.errorText().c_str());
    QCOMPARE(silent.count(), 0u);
    QCOMPARE(docker.log(), QStringLiteral("GET /_ping|GET /v1.41/distribution/h:5/kept:2/json"));
  }

private:
  QString path(const char* name) const { return m_folder->filePath(QString::fromLatin1(name)); }
  QByteArray read(const char* name) const {
    QFile file(path(name));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
  }
  void write(const char* name, const QByteArray& text) const {
    QFile file(path(name));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text) == text.size());
  }
  void helper(const char* name, const QByteArray& script) const {
    const QByteArray file = QByteArray("docker-credential-") + name;
    write(file.constData(), "#!/bin/sh\n" + script + "\n");
    QVERIFY(QFile::setPermissions(path(file.constData()), QFile::ReadOwner | QFile::ExeOwner));
  }
  RegistryCredentials::Environment environment() const {
    const auto folder = m_folder->path().toStdString();
    return {{"DOCKER_CONFIG", folder}, {"PATH", "/nowhere:" + folder}};
  }
  Result<Secret> find(const std::string& registry, Duration helperTimeout = 5s) const {
    RegistryCredentials credentials(environment(), helperTimeout);
    Answers<Secret> answers;
    credentials.find(registry, answers.next());
    if (answers.count() > 0)
      return failure(ErrorKind::Internal, "the answer came from inside the call");
    return answers.wait() ? answers.at(0) : failure(ErrorKind::Timeout, "no answer");
  }
  static QByteArray headerOf(const ScriptedDocker::Request& request) {
    const auto head = QByteArray::fromStdString(request.head);
    const auto at = head.indexOf("X-Registry-Auth: ");
    return at < 0 ? QByteArray() : head.mid(at + 17, head.indexOf("\r\n", at) - at - 17).trimmed();
  }

  std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_GUILESS_MAIN(TestRegistryCredentials)
#include "tst_registry_credentials.moc"
