#include "answers.h"
#include "core/remote/docker/docker_allowlist.h"
#include "core/remote/docker/docker_containers.h"
#include "core/remote/docker/docker_system.h"
#include "scripted_docker.h"

#include <curl/curl.h>

using namespace ratdeck;

namespace {

const QByteArray version = R"({"Version":"20.10.24"})";

bool mentions(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

class TestDockerConnection : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void initTestCase() { curl_global_init(CURL_GLOBAL_DEFAULT); }
  void init() { m_docker = std::make_unique<ScriptedDocker>(); }

  void onlyWhatTheTableHasIsAllowed_data() {
    QTest::addColumn<QString>("call");
    QTest::addColumn<bool>("allowed");
    for (const char* call :
         {"GET /_ping", "GET /info", "GET /containers/json", "GET /containers/shop-ratd-1/json",
          "POST /containers/create", "DELETE /containers/4989d0a40f22", "PUT /containers/x1/archive",
          "HEAD /containers/x1/archive", "GET /images/127.0.0.1:5000/a/ratd:2.0.0/json",
          "GET /images/ratd@sha256:ab/json", "DELETE /images/sha256:f96b", "GET /images/json",
          "GET /distribution/127.0.0.1:5000/a/ratd:2.0.0/json", "POST /networks/n1/connect",
          "POST /networks/create", "POST /volumes/create", "GET /volumes/shop_data"})
      QTest::newRow(call) << QString::fromLatin1(call) << true;
    for (const char* call : {"GET /",
                             "",
                             "GET containers/json",
                             "POST /containers/json",
                             "DELETE /containers/",
                             "DELETE /containers",
                             "POST /containers/prune",
                             "POST /containers/ca/rename",
                             "GET /containers/ca/export",
                             "POST /containers/ca/attach",
                             "POST /containers/ca/stop",
                             "GET /containers/../info",
                             "GET /containers/a/../b/json",
                             "GET /containers/a%2fb/json",
                             "GET /containers/a b/json",
                             "GET /containers/.hidden/json",
                             "GET /containers/a?b/json",
                             "GET /containers//json",
                             "GET /images/../containers/ca/json",
                             "GET /images/a//b/json",
                             "GET /images/a/../b/json",
                             "GET /images//json",
                             "DELETE /images/",
                             "POST /images/load",
                             "POST /images/prune",
                             "GET /distribution/../images/json",
                             "GET /distribution//json",
                             "POST /images/ratd/push",
                             "POST /build",
                             "GET /v1.41/info",
                             "DELETE /networks/n1",
                             "POST /swarm/init",
                             "GET /secrets",
                             "GET /volumes",
                             "GET /volumes/../info",
                             "DELETE /volumes/shop_data",
                             "PUT /volumes/shop_data",
                             "POST /volumes/prune",
                             "POST /plugins/pull",
                             "get /info",
                             "GET /info/",
                             "GET /info\n"})
      QTest::newRow(call) << QString::fromLatin1(call) << false;
  }

  void onlyWhatTheTableHasIsAllowed() {
    QFETCH(QString, call);
    QFETCH(bool, allowed);
    const auto space = call.indexOf(QLatin1Char(' '));
    QCOMPARE(isDockerCallAllowed(call.left(space).toStdString(), call.mid(space + 1).toStdString()), allowed);
  }

  void whatIsNotAllowedIsNeverSent() {
    DockerConnection connection(m_docker->endpoint());
    Answers<HttpResponse> answers;
    DockerRequest request;
    request.method = "POST";
    request.path = "/containers/prune";
    connection.send(request, answers.next());
    Answers<Done> removed;
    DockerContainers(connection).remove("../images/prune", true, removed.next());
    QCOMPARE(answers.count(), 0u);
    QVERIFY(answers.wait() && removed.wait());
    QCOMPARE(answers.errorKind(), ErrorKind::Refused);
    QCOMPARE(removed.errorKind(), ErrorKind::Refused);
    QCOMPARE(m_docker->log(), QString());
  }

  void speaksTheNewestVersionOfBothSides_data() {
    QTest::addColumn<QByteArray>("says");
    QTest::addColumn<QString>("path");
    QTest::newRow("1.40") << QByteArray("1.40") << "GET /v1.40/version";
    QTest::newRow("1.41") << QByteArray("1.41") << "GET /v1.41/version";
    QTest::newRow("1.47") << QByteArray("1.47") << "GET /v1.47/version";
    QTest::newRow("1.99") << QByteArray("1.99") << "GET /v1.47/version";
  }

  void speaksTheNewestVersionOfBothSides() {
    QFETCH(QByteArray, says);
    QFETCH(QString, path);
    m_docker->ping(says);
    m_docker->on(path.toStdString(), ScriptedDocker::json(version));
    DockerConnection connection(m_docker->endpoint());
    Answers<DockerVersion> answers;
    DockerSystem(connection).version(answers.next());
    DockerSystem(connection).version(answers.next());
    QVERIFY(answers.wait(2));
    QVERIFY2(answers.at(0).has_value(), answers.errorText().c_str());
    QCOMPARE(m_docker->log(), QStringLiteral("GET /_ping|") + path + QLatin1Char('|') + path);
  }

  void whatIsTooOldOrNoDockerIsRefused_data() {
    QTest::addColumn<QByteArray>("says");
    QTest::addColumn<int>("kind");
    QTest::addColumn<QString>("words");
    const auto row = [](const char* says, ErrorKind kind, const char* words) {
      QTest::newRow(says) << QByteArray(says) << int(kind) << QString::fromLatin1(words);
    };
    row("1.39", ErrorKind::Refused,
        "speaks API 1.39, and 1.40 is the oldest understood; update Docker to 20.10");
    row("1.4", ErrorKind::Refused, "speaks API 1.4,");
    for (const char* odd : {"", "2.0", "1.", "1.x", "1.41-beta", "1.-41", "1.99999999999999999999", "one"})
      row(odd, ErrorKind::Internal, "not as a Docker Engine");
  }

  void whatIsTooOldOrNoDockerIsRefused() {
    QFETCH(QByteArray, says);
    QFETCH(int, kind);
    QFETCH(QString, words);
    m_docker->ping(says);
    DockerConnection connection(m_docker->endpoint());
    Answers<DockerVersion> answers;
    DockerSystem(connection).version(answers.next());
    QVERIFY(answers.wait());
    QVERIFY2(mentions(answers.errorText(), words.toStdString()), answers.errorText().c_str());
    QVERIFY(!mentions(answers.errorText(), "\n"));
    QCOMPARE(int(answers.errorKind()), kind);
  }

  void asksForTheVersionAgainAfterTheEngineWasAway() {
    m_docker->on("GET /v1.41/version", ScriptedDocker::json(version));
    // As often as it is asked: curl asks once more where a pooled connection breaks.
    m_docker->on("GET /v1.41/info", [&](const ScriptedDocker::Request&) {
      QTimer::singleShot(0, &m_later, [&] { m_docker->hangUp(); });
      return QByteArray();
    });
    m_docker->on("GET /v1.43/version", ScriptedDocker::json(version));
    DockerConnection connection(m_docker->endpoint());
    DockerSystem system(connection);
    Answers<DockerVersion> first;
    system.version(first.next());
    QVERIFY(first.wait());
    Answers<DockerInfo> broken;
    system.info(broken.next());
    QVERIFY(broken.wait());
    QCOMPARE(broken.errorKind(), ErrorKind::Unreachable);
    m_docker->ping("1.43");
    Answers<DockerVersion> second;
    system.version(second.next());
    QVERIFY(second.wait());
    QVERIFY2(second.at(0).has_value(), second.errorText().c_str());
    QVERIFY(m_docker->log().endsWith(QLatin1String("GET /_ping|GET /v1.43/version")));
  }

  void whatOnlyReadsIsAskedAgainWhereTheLineBreaks() {
    int asked = 0;
    const auto breaksTwice = [&](const ScriptedDocker::Request&) {
      if (++asked > 4) // curl itself asks once more where a pooled connection breaks
        return ScriptedDocker::json(version);
      QTimer::singleShot(0, &m_later, [&] { m_docker->hangUp(); });
      return QByteArray();
    };
    m_docker->on("GET /v1.41/version", breaksTwice);
    m_docker->on("POST /v1.41/containers/a/start", [&](const ScriptedDocker::Request&) {
      QTimer::singleShot(0, &m_later, [&] { m_docker->hangUp(); });
      return QByteArray();
    });
    DockerConnection connection(m_docker->endpoint());
    Answers<DockerVersion> read;
    DockerSystem(connection).version(read.next());
    QVERIFY(read.wait());
    QVERIFY2(read.at(0).has_value(), read.errorText().c_str());
    m_docker->forget();
    Answers<Done> started;
    DockerContainers(connection).start("a", started.next());
    QVERIFY(started.wait());
    QCOMPARE(started.errorKind(), ErrorKind::Unreachable);
    QCOMPARE(m_docker->log(), QStringLiteral("POST /v1.41/containers/a/start"));
  }

  void nobodyThereIsSaidWithWhatToDo() {
    DockerEndpoint endpoint;
    endpoint.socket = "/nonexistent/docker.sock";
    endpoint.origin = "the default";
    DockerConnection connection(endpoint);
    Answers<Done> answers;
    DockerSystem(connection).ping(answers.next());
    QVERIFY(answers.wait());
    QCOMPARE(answers.errorKind(), ErrorKind::Unreachable);
    QVERIFY2(mentions(answers.errorText(), "unix:///nonexistent/docker.sock (the default)"),
             answers.errorText().c_str());
    QVERIFY2(mentions(answers.errorText(), "; is dockerd running?"), answers.errorText().c_str());
  }

  void aBodyThatIsTooLargeOrTooDeepIsAnError() {
    m_docker->on("GET /v1.41/info", ScriptedDocker::json(QByteArray(17 << 20, ' ')));
    m_docker->on("GET /v1.41/version", ScriptedDocker::json(QByteArray(100000, '[')));
    DockerConnection connection(m_docker->endpoint());
    Answers<DockerInfo> large;
    DockerSystem(connection).info(large.next());
    Answers<DockerVersion> deep;
    DockerSystem(connection).version(deep.next());
    QVERIFY(large.wait() && deep.wait());
    QVERIFY2(mentions(large.errorText(), "larger than"), large.errorText().c_str());
    QVERIFY2(mentions(deep.errorText(), "nested deeper"), deep.errorText().c_str());
  }

  void cancelledAndOrphanedCallsStaySilent() {
    m_docker->on("GET /v1.41/version", ScriptedDocker::json(version));
    Answers<DockerVersion> silent;
    {
      DockerConnection connection(m_docker->endpoint());
      DockerSystem system(connection);
      connection.cancel(system.version(silent.next())); // while it waits for the version of the API
      Answers<DockerVersion> loud;
      system.version(loud.next());
      QVERIFY(loud.wait());
      connection.cancel(system.version(silent.next()));
      system.version(silent.next());
    }
    QVERIFY(!QTest::qWaitFor([&] { return silent.count() > 0; }, 60));
  }

  void anAnswerMayDestroyTheConnection() {
    m_docker->on("GET /v1.41/version", ScriptedDocker::json(version));
    auto connection = std::make_unique<DockerConnection>(m_docker->endpoint());
    int answered = 0;
    for (int i = 0; i < 3; ++i)
      DockerSystem(*connection).version([&](const Result<DockerVersion>&) {
        ++answered;
        connection.reset();
      });
    QVERIFY(QTest::qWaitFor([&] { return answered > 0; }, 3000));
    QVERIFY(!QTest::qWaitFor([&] { return answered > 1; }, 40));
  }

private:
  std::unique_ptr<ScriptedDocker> m_docker;
  QObject m_later;
};

QTEST_GUILESS_MAIN(TestDockerConnection)
#include "tst_docker_connection.moc"
