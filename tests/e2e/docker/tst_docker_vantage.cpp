// A stack of an engine that is reached over TLS or ssh alone: the console opens no connection to a container
// and no socket of the router, and a rollout under load loses nothing all the same. The users here are on the
// engine's machine; the console might be anywhere.
#include "core/runtime/docker/docker_target.h"
#include "core/spec/compose/loader.h"
#include "tests/e2e/docker/docker_rig.h"
#include "tests/e2e/docker/ssh_rig.h"

#include <QDir>
#include <QFile>
#include <QProcessEnvironment>
#include <QTcpSocket>

#include <atomic>
#include <condition_variable>
#include <curl/curl.h>
#include <mutex>
#include <thread>

using namespace ratdeck;

namespace {

const QString haproxy = QStringLiteral("/usr/sbin/haproxy");
constexpr const char* relayName = "/containers/vantage-ratdeck-relay";

bool writeText(const QString& path, const QByteArray& text) {
  QFile file(path);
  return file.open(QIODevice::WriteOnly) && file.write(text) == text.size();
}

// HAProxy with the libraries it needs, as one archive.
QByteArray haproxyArchive(const QString& folder) {
  const auto copy = [&](const QString& path) {
    QDir().mkpath(folder + QFileInfo(path).path());
    QFile::copy(path, folder + path);
  };
  copy(haproxy);
  for (const QByteArray& word : runTool(QStringLiteral("ldd"), {haproxy}).value_or(QByteArray()).split(' '))
    if (const QByteArray path = word.simplified().split('\t').last(); path.startsWith('/'))
      copy(QString::fromUtf8(path));
  QDir().mkpath(folder + QStringLiteral("/usr/local/etc/haproxy"));
  return runTool(QStringLiteral("tar"),
                 {QStringLiteral("-C"), folder, QStringLiteral("-c"), QStringLiteral(".")})
      .value_or(QByteArray());
}

// Users: one request after another to the router, each on a connection of its own.
class Users {
public:
  explicit Users(const QString& host) : m_host(host), m_thread([this] { run(); }) {}
  ~Users() { stop(); }
  void stop() {
    m_isOver = true;
    m_over.notify_all();
    if (m_thread.joinable())
      m_thread.join();
  }
  int requests() const { return m_requests; }
  int failed() const { return m_failed; }

private:
  void run() {
    while (!m_isOver) {
      QTcpSocket socket;
      QByteArray answer;
      socket.connectToHost(m_host, 8080);
      socket.write("GET /users HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n");
      while (socket.waitForReadyRead(5000))
        answer += socket.readAll();
      ++m_requests;
      m_failed += !answer.startsWith("HTTP/1.1 200") || !answer.contains("ready");
      std::unique_lock lock(m_mutex);
      m_over.wait_for(lock, 3ms, [this] { return m_isOver.load(); }); // some 200 requests a second at most
    }
  }

  QString m_host;
  std::atomic<bool> m_isOver = false;
  std::atomic<int> m_requests = 0, m_failed = 0;
  std::mutex m_mutex;
  std::condition_variable m_over;
  std::thread m_thread;
};

struct Run {
  int exitCode = -1;
  QString out;
};

} // namespace

class TestDockerVantage : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void initTestCase() {
    if (const auto why = DockerRig::whyNot(); !why.isEmpty())
      QSKIP(qPrintable(why));
    if (!QFile::exists(haproxy))
      QSKIP("haproxy is not installed");
    curl_global_init(CURL_GLOBAL_DEFAULT);
    m_rig = std::make_unique<DockerRig>(DockerRig::Options{false, true});
    const auto trouble = m_rig->start();
    QVERIFY2(trouble.isEmpty(), qPrintable(trouble));
    for (const char* version : {"1", "2", "3"}) {
      const auto made = m_rig->makeImage(std::string("vantage/web:") + version, version);
      QVERIFY2(made.isEmpty(), qPrintable(made));
    }
    QTemporaryDir staged;
    const auto made =
        m_rig->raw("POST",
                   "/images/create?fromSrc=-&repo=vantage/haproxy&tag=1&changes="
                   "ENTRYPOINT%20%5B%22/usr/sbin/haproxy%22%2C%22-W%22%2C%22-db%22%2C%22-f%22%2C%22/"
                   "usr/local/etc/haproxy/haproxy.cfg%22%5D",
                   haproxyArchive(staged.path()).toStdString(), "application/x-tar");
    QVERIFY_VALUE(made);
    QVERIFY2(made->body.find("\"error\"") == std::string::npos, made->body.c_str());
  }
  void cleanupTestCase() { m_rig.reset(); }

  void aStackIsDeployedAndRolledOverTls() {
    const auto tls = tlsEnvironment();
    const Run planned = run({QStringLiteral("plan")}, tls, "1");
    QVERIFY2(planned.exitCode == 0, qPrintable(planned.out));
    const Run first = deploy(tls, "1");
    QVERIFY2(first.exitCode == 0, qPrintable(first.out));
    QVERIFY2(isSocketInVolume(), "the router's socket must be in a volume");
    const Run shown = run({QStringLiteral("plan")}, tls, "2");
    QVERIFY2(shown.out.contains(QStringLiteral("from ratdeck-relay on vantage_ratdeck")),
             qPrintable(shown.out));
    QVERIFY2(shown.out.contains(QStringLiteral("inside the copy")), qPrintable(shown.out));
    rollUnderLoad(tls, "2", {});
  }

  void aRelayThatDiesIsMadeAgain() {
    int killed = 0;
    rollUnderLoad(tlsEnvironment(), "3", [&] {
      const auto gone = m_rig->raw("DELETE", std::string(relayName) + "?force=true");
      killed += gone && gone->status == 204;
    });
    QVERIFY2(killed > 0, "no relay was there to be killed");
    qInfo("%d relays were killed while it rolled", killed);
  }

  void aStackIsRolledOverSsh() {
    if (const auto why = SshRig::whyNot(); !why.isEmpty())
      QSKIP(qPrintable(why));
    SshRig ssh;
    QVERIFY(ssh.isReady());
    // The console knows of no options for ssh but the user's own: here they are in the program's place.
    const auto options = ssh.options();
    QTemporaryDir programs;
    const QString program = programs.filePath(QStringLiteral("ssh"));
    QVERIFY(writeText(program, QByteArray("#!/bin/sh\nexec /usr/bin/ssh -F ") +
                                   QByteArray::fromStdString(options.arguments.at(1)) + " \"$@\"\n"));
    QFile::setPermissions(program, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    auto environment = plainEnvironment();
    environment.insert(QStringLiteral("PATH"),
                       programs.path() + QStringLiteral(":/usr/sbin:/usr/bin:/sbin:/bin"));
    environment.insert(QStringLiteral("DOCKER_HOST"),
                       QStringLiteral("ssh://root@rig") + QString::fromStdString(m_rig->endpoint().socket));
    rollUnderLoad(environment, "1", {});
  }

  // It is ours, and nobody else's: not a copy, not a service, without rights, and gone when nobody asks.
  void theRelayHasNoRightsAndLeavesNothingBehind() {
    const auto list = run({QStringLiteral("status")}, tlsEnvironment(), "1");
    QVERIFY2(list.exitCode == 0, qPrintable(list.out));
    QVERIFY(!list.out.contains(QStringLiteral("relay")));
    const auto seen = m_rig->raw("GET", std::string(relayName) + "/json");
    QVERIFY_VALUE(seen);
    const auto json = parseJson(seen->body);
    QVERIFY_VALUE(json);
    const Json& host = memberAt(*json, "HostConfig");
    QCOMPARE(dumpJson(memberAt(host, "CapDrop")), std::string(R"(["ALL"])"));
    QVERIFY(boolAt(host, "ReadonlyRootfs") && boolAt(host, "AutoRemove") &&
            !boolAt(host, "Privileged", true));
    QVERIFY(dumpJson(memberAt(host, "SecurityOpt")).find("no-new-privileges") != std::string::npos);
    QVERIFY(!memberAt(memberAt(*json, "Config"), "Labels").contains("com.docker.compose.project"));
    QVERIFY2(QTest::qWaitFor(
                 [&] {
                   const auto gone = m_rig->raw("GET", std::string(relayName) + "/json");
                   return gone && gone->status == 404;
                 },
                 40000),
             "the relay outlives its use");
  }

  // The control: what cannot be asked is neither healthy nor ill, and nothing reaches the copies from here.
  void withoutARelayNothingIsSaidOfTheCopies() {
    m_rig->raw("DELETE", std::string(relayName) + "?force=true");
    auto target = open("/nonexistent/ratdeck-relay");
    const auto copies =
        await<std::vector<InstanceInfo>>([&](auto done) { target->target().runtime->list(done); });
    QVERIFY_VALUE(copies);
    const auto web = std::find_if(copies->begin(), copies->end(),
                                  [](const InstanceInfo& copy) { return copy.service == "web"; });
    QVERIFY(web != copies->end());
    for (const ProbeKind kind : {ProbeKind::Http, ProbeKind::Tcp, ProbeKind::GrpcHealth}) {
      ProbeSpec probe;
      probe.kind = kind;
      probe.port = 8080;
      const auto answer = await<ProbeResult>(
          [&](auto done) { target->target().prober->probe(probe, web->id, web->address, done); });
      QVERIFY2(!answer, "a probe that nobody could ask has an answer");
      qInfo("%s", qPrintable(problemOf(answer)));
    }
    const auto world = await<World>([&](auto done) { target->observe(done); });
    QVERIFY2(!world, "a router that runs and cannot be asked must not pass for one that routes to nobody");
    qInfo("%s", qPrintable(problemOf(world)));
    // With the program there, the same probes have answers, and they differ.
    target = open(RELAY_PROGRAM);
    for (const ProbeKind kind : {ProbeKind::Http, ProbeKind::Tcp, ProbeKind::GrpcHealth}) {
      ProbeSpec probe;
      probe.kind = kind;
      probe.port = 8080;
      const auto answer = await<ProbeResult>(
          [&](auto done) { target->target().prober->probe(probe, web->id, web->address, done); });
      QVERIFY_VALUE(answer);
      QCOMPARE(answer->passed, kind != ProbeKind::GrpcHealth);
      qInfo("%s", answer->detail.c_str());
    }
    ProbeSpec closed;
    closed.port = 9;
    const auto refused = await<ProbeResult>(
        [&](auto done) { target->target().prober->probe(closed, web->id, web->address, done); });
    QVERIFY_VALUE(refused);
    QVERIFY(!refused->passed);
    QCOMPARE(refused->detail, web->address + ":9: connection refused");
  }

private:
  QProcessEnvironment plainEnvironment() const {
    QProcessEnvironment environment;
    environment.insert(QStringLiteral("PATH"), QStringLiteral("/usr/sbin:/usr/bin:/sbin:/bin"));
    for (const char* name : {"HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"}) {
      const QString folder = m_home.filePath(QString::fromLatin1(name));
      QDir().mkpath(folder);
      environment.insert(QString::fromLatin1(name), folder);
    }
    return environment;
  }

  QProcessEnvironment tlsEnvironment() const {
    auto environment = plainEnvironment();
    const auto endpoint = m_rig->tlsEndpoint();
    environment.insert(QStringLiteral("DOCKER_HOST"),
                       QStringLiteral("tcp://127.0.0.1:%1").arg(endpoint.port));
    environment.insert(QStringLiteral("DOCKER_TLS_VERIFY"), QStringLiteral("1"));
    const QString pems = m_home.filePath(QStringLiteral("pems"));
    QDir().mkpath(pems);
    QFile::copy(QString::fromStdString(endpoint.tls.caFile), pems + QStringLiteral("/ca.pem"));
    QFile::copy(QString::fromStdString(endpoint.tls.certificateFile), pems + QStringLiteral("/cert.pem"));
    QFile::copy(QString::fromStdString(endpoint.tls.keyFile), pems + QStringLiteral("/key.pem"));
    environment.insert(QStringLiteral("DOCKER_CERT_PATH"), pems);
    return environment;
  }

  // Runs the console to its end; `meanwhile` is called once a second.
  Run run(const QStringList& words, QProcessEnvironment environment, const char* version,
          const std::function<void()>& meanwhile = {}) {
    environment.insert(QStringLiteral("VERSION"), QString::fromLatin1(version));
    QProcess process;
    process.setProcessEnvironment(environment);
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(QStringLiteral(RATDECKCTL),
                  words + QStringList{QStringLiteral("--runtime"), QStringLiteral("docker"),
                                      QStringLiteral("-f"), QStringLiteral(VANTAGE_FILE)});
    for (int second = 0; second < 120 && !process.waitForFinished(1000); ++second)
      if (meanwhile)
        meanwhile();
    if (process.state() != QProcess::NotRunning)
      process.kill();
    process.waitForFinished();
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1,
            QString::fromUtf8(process.readAll())};
  }

  Run deploy(const QProcessEnvironment& environment, const char* version,
             const std::function<void()>& meanwhile = {}) {
    return run({QStringLiteral("deploy"), QStringLiteral("--yes")}, environment, version, meanwhile);
  }

  void rollUnderLoad(const QProcessEnvironment& environment, const char* version,
                     const std::function<void()>& meanwhile) {
    const QString host = routerAddress();
    QVERIFY(!host.isEmpty());
    Users users(host);
    const Run rolled = deploy(environment, version, meanwhile);
    users.stop();
    qInfo("%s\n%d requests, %d failed", qPrintable(rolled.out), users.requests(), users.failed());
    QCOMPARE(rolled.exitCode, 0);
    QVERIFY(users.requests() > 100);
    QCOMPARE(users.failed(), 0);
  }

  // The containers of a service, as the engine inspects them.
  std::vector<Json> containersOf(const char* service) {
    std::vector<Json> found;
    const auto list = m_rig->raw("GET", "/containers/json");
    const auto summaries = list ? parseJson(list->body) : Result<Json>(Json::array());
    for (const Json& one : summaries.value_or(Json::array()))
      if (textAt(memberAt(one, "Labels"), "com.docker.compose.service") == service)
        if (const auto seen = m_rig->raw("GET", "/containers/" + textAt(one, "Id") + "/json"))
          found.push_back(parseJson(seen->body).value_or(Json()));
    return found;
  }

  QString routerAddress() {
    for (const Json& router : containersOf("router"))
      return QString::fromStdString(
          textAt(memberAt(memberAt(memberAt(router, "NetworkSettings"), "Networks"), "vantage_ratdeck"),
                 "IPAddress"));
    return {};
  }

  bool isSocketInVolume() {
    for (const Json& router : containersOf("router"))
      for (const Json& mount : memberAt(router, "Mounts"))
        if (textAt(mount, "Destination") == "/run/ratdeck")
          return textAt(mount, "Type") == "volume" && textAt(mount, "Name") == "vantage_ratdeck-router";
    return false;
  }

  std::unique_ptr<DockerTarget> open(const std::string& relay) {
    DockerPlace place;
    place.endpoint = m_rig->tlsEndpoint();
    place.folder = m_home.filePath(QStringLiteral("place")).toStdString();
    place.relayProgram = relay;
    compose::LoadRequest request;
    request.files = {VANTAGE_FILE};
    request.environment = {{"VERSION", "1"}};
    auto loaded = compose::load(request);
    auto target = openDocker(place, loaded.value().stack);
    return std::move(target.value());
  }

  QTemporaryDir m_home;
  std::unique_ptr<DockerRig> m_rig;
};

QTEST_GUILESS_MAIN(TestDockerVantage)
#include "tst_docker_vantage.moc"
