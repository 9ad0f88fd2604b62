// A stack on an engine elsewhere, rolled from a machine that reaches the engine's API and nothing else: no
// address of a container, no socket of the router. What is asked there is asked through the relay, which is
// gone when the command is.
#include "core/runtime/disk_space.h"
#include "core/runtime/docker/docker_target.h"
#include "core/runtime/docker/relay_http.h"
#include "core/runtime/measure.h"
#include "core/spec/compose/loader.h"
#include "tests/e2e/ctl_rig.h"
#include "tests/e2e/docker/docker_rig.h"
#include "tests/e2e/docker/far_machine.h"
#include "tests/e2e/docker/load_run.h"
#include "tests/e2e/docker/ssh_rig.h"
#include "tests/e2e/docker/stand_in_images.h"
#include "tests/support/size.h"
#include "tests/unit/remote/scripted_server.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>

#include <curl/curl.h>

#include <algorithm>
#include <cerrno>
#include <cmath>

using namespace ratdeck;

namespace {

constexpr int rate = 100; // requests a second
constexpr const char* relay = "/containers/rdfar-ratdeck-relay";

// ratdeckctl on the far machine.
class FarRig : public CtlRig {
public:
  explicit FarRig(const DockerEndpoint& tls) : machine(tls.port) {
    m_pems = folder() + QStringLiteral("/pems");
    QDir().mkpath(m_pems);
    QFile::copy(QString::fromStdString(tls.tls.caFile), m_pems + QStringLiteral("/ca.pem"));
    QFile::copy(QString::fromStdString(tls.tls.certificateFile), m_pems + QStringLiteral("/cert.pem"));
    QFile::copy(QString::fromStdString(tls.tls.keyFile), m_pems + QStringLiteral("/key.pem"));
    m_host = QStringLiteral("tcp://127.0.0.1:%1").arg(tls.port);
  }

  // The engine is reached over this, by the ssh of these options.
  void goOverSsh(const QString& host, const SshTunnel::Options& options) {
    const QString programs = folder() + QStringLiteral("/programs");
    QDir().mkpath(programs);
    QFile program(programs + QStringLiteral("/ssh"));
    if (program.open(QIODevice::WriteOnly))
      program.write("#!/bin/sh\nexec /usr/bin/ssh -F " + QByteArray::fromStdString(options.arguments.at(1)) +
                    " \"$@\"\n");
    program.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    m_path = programs + QStringLiteral(":/usr/sbin:/usr/bin:/sbin:/bin");
    m_host = host;
  }

  bool hasRouterSocket() const {
    return QDirIterator(folder(), {QStringLiteral("haproxy.sock*")}, QDir::System | QDir::AllEntries,
                        QDirIterator::Subdirectories)
        .hasNext();
  }

  FarMachine machine;

private:
  void settle(QProcess& process) const override { machine.take(process); }
  QProcessEnvironment environment(const QString& version) const override {
    auto environment = CtlRig::environment(version);
    environment.remove(QStringLiteral("DOCKER_CONTEXT"));
    environment.insert(QStringLiteral("DOCKER_HOST"), m_host);
    environment.insert(QStringLiteral("DOCKER_TLS_VERIFY"), QStringLiteral("1"));
    environment.insert(QStringLiteral("DOCKER_CERT_PATH"), m_pems);
    if (!m_path.isEmpty())
      environment.insert(QStringLiteral("PATH"), m_path);
    return environment;
  }
  QStringList completed(const QStringList& arguments) const override {
    return arguments + QStringList{QStringLiteral("--runtime"), QStringLiteral("docker"),
                                   QStringLiteral("-f"), QStringLiteral(FAR_FILE)};
  }

  QString m_pems, m_host, m_path;
};

const QStringList deployWords = {QStringLiteral("deploy"), QStringLiteral("--yes")};

} // namespace

class TestDockerVantage : public QObject {
  Q_OBJECT

  std::unique_ptr<DockerRig> m_engine;
  std::unique_ptr<StandInImages> m_images;
  std::unique_ptr<FarRig> m_rig;
  LoadRun m_load;
  std::string m_version = "1.0.0"; // of ratd, that serves
  std::string m_coming;
  int m_next = 2;

  Json inspected(const std::string& path) {
    const auto seen = m_engine->raw("GET", path + "/json");
    return seen && seen->status == 200 ? parseJson(seen->body).value_or(Json()) : Json();
  }
  Json containerOf(const std::string& service) {
    const auto list = m_engine->raw("GET", "/containers/json");
    const auto containers = list ? parseJson(list->body) : Result<Json>(Json::array());
    for (const Json& one : containers.value_or(Json::array()))
      if (textAt(memberAt(one, "Labels"), "com.docker.compose.service") == service)
        return inspected("/containers/" + textAt(one, "Id"));
    return {};
  }
  std::string routerAddress() {
    const Json router = containerOf("router");
    const Json& networks = memberAt(memberAt(router, "NetworkSettings"), "Networks");
    return textAt(memberAt(networks, "rdfar_ratdeck"), "IPAddress");
  }
  bool relayGoes() {
    return QTest::qWaitFor([this] { return inspected(relay).is_null(); }, 10000);
  }
  // What happens once the rollout has had an event.
  struct Trouble {
    const char* event;
    std::function<void(QProcess&)> happens;
  };
  // The next version of ratd under load, which goes on.
  CliResult roll(const std::vector<Trouble>& troubles = {}, const QStringList& faults = {}) {
    m_coming = std::to_string(m_next++) + ".0.0";
    const auto made = m_images->make("ratd", m_coming, faults);
    const auto problem = m_load.start({{}, routerAddress() + ":8080", {}}, rate, isFullSize() ? 4 : 0);
    if (!made.isEmpty() || !problem.isEmpty())
      qWarning("%s %s", qPrintable(made), qPrintable(problem));
    const auto journal = m_rig->newestJournal();
    const auto process = m_rig->begin(deployWords, QString::fromStdString(m_coming));
    for (const Trouble& trouble : troubles)
      if (m_rig->waitForEvent(journal, trouble.event, "ratd", 30000))
        trouble.happens(*process);
    if (!QTest::qWaitFor([&] { return process->state() == QProcess::NotRunning; }, 90000))
      process->kill();
    process->waitForFinished(5000);
    return resultOf(*process);
  }
  // "" if the load, which ends with this, was served.
  QString complaint() {
    const auto load = m_load.stop();
    if (!load)
      return problemOf(load);
    qInfo("%lld requests, %lld failed", load->requests(), load->failed());
    return load->failed() == 0 && load->requests() > rate ? QString()
                                                          : QString::fromStdString(dumpJson(m_load.json()));
  }
  // The stack as it is reached by this program.
  Result<std::unique_ptr<DockerTarget>> targetBy(const QString& relayProgram) {
    DockerPlace place;
    place.endpoint = m_engine->tlsEndpoint();
    place.folder = m_rig->folder().toStdString() + "/place";
    place.relayProgram = relayProgram.toStdString();
    compose::LoadRequest request;
    request.files = {FAR_FILE};
    request.environment = {{"RAT_VERSION", "1.0.0"}};
    return openDocker(place, compose::load(request).value().stack);
  }
  std::string runningVersion() {
    return textAt(memberAt(containerOf("ratd"), "Config"), "Image").substr(std::string("rat/ratd:").size());
  }

private Q_SLOTS:
  void initTestCase() {
    if (const auto why = DockerRig::whyNot(); !why.isEmpty())
      QSKIP(qPrintable(why));
    curl_global_init(CURL_GLOBAL_DEFAULT);
    m_engine = std::make_unique<DockerRig>(DockerRig::Options{false, false, 0, true});
    const auto trouble = m_engine->start();
    QVERIFY2(trouble.isEmpty(), qPrintable(trouble));
    m_images = std::make_unique<StandInImages>(*m_engine);
    const auto made = m_images->makeStack();
    QVERIFY2(made.isEmpty(), qPrintable(made));
    m_rig = std::make_unique<FarRig>(m_engine->tlsEndpoint());
    QVERIFY(m_rig->machine.isReady());
  }
  void cleanupTestCase() {
    m_rig.reset();
    m_engine.reset();
  }

  void theStackComesUpThoughNothingOfItIsReached() {
    const auto first = m_rig->run(deployWords, QStringLiteral("1.0.0"));
    QVERIFY2(first.exitCode == 0, first.toString().c_str());
    const auto address = routerAddress();
    QVERIFY(!address.empty());
    QCOMPARE(m_rig->machine.connectTo(address, 8080), ENETUNREACH);
    QTcpSocket here; // the control: it is the machine that matters
    here.connectToHost(QString::fromStdString(address), 8080);
    QVERIFY(here.waitForConnected(5000));
    QVERIFY(!m_rig->hasRouterSocket());
    QVERIFY2(first.out.find("from ratdeck-relay on rdfar_ratdeck") != std::string::npos, first.out.c_str());
    QVERIFY2(first.out.find("not measured: how much is free at") != std::string::npos, first.out.c_str());
    QVERIFY(relayGoes());
  }

  // As this machine sees it, since the test's engine is on it.
  void theRoomOnTheEnginesDiskIsMeasuredThroughTheRelay() {
    const auto diskBy = [&](const QString& relayProgram) {
      auto target = targetBy(relayProgram);
      const auto world = await<World>([&](auto done) { (*target)->observe(done); });
      std::string seen = problemOf(world).toStdString();
      for (const auto& check : world ? world->checks : std::vector<TargetCheck>())
        if (check.what == "disk")
          seen = check.seen;
      if (!await<Done>([&](auto done) { (*target)->leave(std::move(done)); }))
        seen = "not left";
      return seen;
    };
    const auto seen = diskBy(QStringLiteral(RELAY_PROGRAM));
    QVERIFY2(seen.find(" free at ") != std::string::npos, seen.c_str());
    const auto here = diskSpaceAt(m_engine->folder().toStdString());
    QVERIFY(here.has_value());
    const double told = std::stod(seen) * (seen.find(" GB") < seen.find(" free") ? 1e9 : 1e6);
    QVERIFY2(std::abs(told - static_cast<double>(here->free)) < 1e9, seen.c_str()); // others write meanwhile
    QVERIFY(relayGoes());
    const auto unknown = diskBy(QStringLiteral("/nonexistent/relay")); // the control
    QVERIFY2(unknown.starts_with("not measured: how much is free at ") &&
                 unknown.ends_with("; nothing of ours can run there to ask"),
             unknown.c_str());
  }

  void aTokenReachesWhomItIsForAndNobodyElse() {
    const std::string token = "s3cret-of-the-far-ratd";
    const Json network = *parseJson(m_engine->raw("GET", "/networks/rdfar_front")->body);
    const std::string gateway = textAt(memberAt(memberAt(network, "IPAM"), "Config").at(0), "Gateway");
    ScriptedServer server(answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", true), gateway.c_str());
    QVERIFY(server.isListening());
    DockerClient client(m_engine->tlsEndpoint());
    DockerCopies copies(client, "rdfar", "", "");
    RelayOptions options;
    options.project = "rdfar";
    options.program = RELAY_PROGRAM;
    options.networks = {"rdfar_front"};
    RelayContainer container(client, copies, options);
    RelayHttp http(container);
    HttpRequest request;
    request.url = "http://" + server.authority() + "/api/v1/runs";
    request.bearerToken = Secret(token);
    const auto answered = await<HttpResponse>([&](auto done) { http.send(request, done); });
    QVERIFY_VALUE(answered);
    QCOMPARE(answered->status, 200);
    QCOMPARE(server.received().size(), std::size_t(1));
    const QByteArray asked = server.received().front();
    QVERIFY2(asked.contains(("Authorization: Bearer " + token).c_str()), asked.constData());
    const auto kept = m_engine->raw("GET", std::string(relay) + "/archive?path=/ratdeck/tokens");
    QVERIFY_VALUE(kept);
    QVERIFY(kept->status == 200 && kept->body.find("tokens/") != std::string::npos); // the folder alone
    QVERIFY(!readDockerTar(kept->body));
    QVERIFY(kept->body.find(token) == std::string::npos);
    QVERIFY(dumpJson(inspected(relay)).find(token) == std::string::npos);
    QFile log(m_engine->folder() + QStringLiteral("/dockerd.log"));
    QVERIFY(log.open(QIODevice::ReadOnly));
    QVERIFY(!log.readAll().contains(token.c_str()));
    QVERIFY_VALUE(await<Done>([&](auto done) { container.leave(std::move(done)); }));
    QVERIFY(relayGoes());
  }

  void whatACopyExposesIsMeasuredThroughTheRelay() {
    auto target = targetBy(QStringLiteral(RELAY_PROGRAM));
    QVERIFY_VALUE(target);
    MeasurementSpec spec;
    spec.source = MeasurementSource::Scrape;
    spec.service = "ratd";
    spec.scrape.port = 8080;
    spec.scrape.requests = "ratd_info";
    spec.scrape.errors = "ratd_info{version=\"9\"}";
    const auto measure = [&] {
      return await<Measurement>(
          [&](auto done) { (*target)->target().meter->measure(spec, 10s, std::move(done)); });
    };
    const auto first = measure();
    QVERIFY_VALUE(first);
    QVERIFY(!inspected(relay).is_null());
    QVERIFY2(first->note.find("first look") != std::string::npos, first->note.c_str());
    const auto second = measure();
    QVERIFY_VALUE(second);
    QCOMPARE(second->samples, 0LL); // it stands still
    spec.scrape.path = "/nothing";
    QCOMPARE(measure().error().kind, ErrorKind::NotFound);
    QVERIFY_VALUE(await<Done>([&](auto done) { (*target)->leave(std::move(done)); }));
    QVERIFY(relayGoes());
  }

  void aBadVersionIsUndone() {
    const auto rolled = roll({}, {QStringLiteral("never-healthy")});
    QCOMPARE(complaint(), QString());
    QVERIFY2(rolled.exitCode == 3, rolled.toString().c_str());
    const auto lines = m_rig->journal(m_rig->newestJournal());
    QVERIFY(std::any_of(lines.begin(), lines.end(), [](const JournalLine& line) {
      const Json& detail = memberAt(line.data, "detail");
      return line.type == "ProbeResultChanged" && textAt(detail, "probe") == "GET /health" &&
             !boolAt(detail, "passed", true);
    }));
    QCOMPARE(runningVersion(), m_version);
    QVERIFY(relayGoes());
  }

  void aVersionIsRolledThoughTheRelayDiesAndTheLineIsCut_data() {
    QTest::addColumn<QString>("event");
    for (const char* event : {"JoinRequested", "GatePassed", "TrafficSwitched", "StopRequested"})
      if (isFullSize() || std::string_view(event) == "JoinRequested")
        QTest::newRow(event) << QString::fromLatin1(event);
  }
  void aVersionIsRolledThoughTheRelayDiesAndTheLineIsCut() {
    QFETCH(QString, event);
    int broken = 0;
    int refused = 0;
    int removal = 0;
    const auto killRelay = [&](QProcess&) {
      QVERIFY(QTest::qWaitFor( // it may be made just now
          [&] {
            const auto gone = m_engine->raw("DELETE", std::string(relay) + "?force=true");
            return gone && (removal = gone->status) == 204;
          },
          20000));
    };
    const auto cutLine = [&](QProcess&) {
      broken = m_rig->machine.cut();
      QVERIFY(QTest::qWaitFor([&] { return (refused = m_rig->machine.refused()) >= 2; }, 20000));
      m_rig->machine.mend();
    };
    const auto rolled = roll({{"InstanceStarted", killRelay}, {qPrintable(event), cutLine}});
    QCOMPARE(complaint(), QString());
    qInfo("the relay's removal: %d; %d connections broken, %d refused", removal, broken, refused);
    QVERIFY(removal == 204 && broken > 0 && refused >= 2); // the control
    QVERIFY2(rolled.exitCode == 0, rolled.toString().c_str());
    m_version = m_coming;
    QCOMPARE(runningVersion(), m_version);
    QVERIFY(relayGoes());
  }

  void whatAKilledConsoleLeftHasNoRightsAndIsTakenOver() {
    (void)roll({{"GatePassed", [](QProcess& process) {
                   process.kill();
                 }}});
    const Json left = inspected(relay);
    const auto undo = m_rig->begin({QStringLiteral("resume-unfinished"), QStringLiteral("--roll-back")},
                                   QString::fromStdString(m_coming));
    QVERIFY(m_rig->waitForEvent({}, "UndoStarted", {}));
    const auto taken = inspected(relay);
    QVERIFY(QTest::qWaitFor([&] { return undo->state() == QProcess::NotRunning; }, 60000));
    const auto result = resultOf(*undo);
    QCOMPARE(complaint(), QString());
    QVERIFY2(result.exitCode == 3, result.toString().c_str());
    QCOMPARE(runningVersion(), m_version);
    QVERIFY(boolAt(memberAt(left, "State"), "Running"));
    QCOMPARE(textAt(taken, "Id"), textAt(left, "Id"));
    const Json& host = memberAt(left, "HostConfig");
    QCOMPARE(dumpJson(memberAt(host, "CapDrop")), std::string(R"(["ALL"])"));
    QVERIFY(boolAt(host, "ReadonlyRootfs") && boolAt(host, "AutoRemove") &&
            !boolAt(host, "Privileged", true));
    QVERIFY(relayGoes());
  }

  void aRelayOfAnotherMachineIsToldBeforeAnythingIsDone() {
    QFile program(QStringLiteral(RELAY_PROGRAM));
    QVERIFY(program.open(QIODevice::ReadOnly));
    QByteArray bytes = program.readAll();
    bytes[18] = bytes[18] == 22 ? 62 : 22; // IBM's, or else Intel's
    QFile other(m_rig->folder() + QStringLiteral("/relay"));
    QVERIFY(other.open(QIODevice::WriteOnly) && other.write(bytes) == bytes.size());
    other.close();
    const auto findings = [&](const QString& relayProgram) {
      auto target = targetBy(relayProgram);
      const auto world = await<World>([&](auto done) { (*target)->observe(done); });
      std::string text = world ? "" : world.error().toString();
      for (const auto& finding : world ? world->findings : std::vector<TargetFinding>())
        if (finding.weight == TargetFinding::Weight::Blocks)
          text += finding.code + ": " + finding.message;
      return text;
    };
    QCOMPARE(findings(program.fileName()), std::string());
    const auto told = findings(other.fileName());
    QVERIFY2(told.starts_with("no-relay: ") &&
                 told.find("put the ratdeck-relay of a build for") != std::string::npos,
             told.c_str());
    qInfo("%s", told.c_str());
  }

  // At CI size it is looked at alone.
  void theStackIsReachedOverSshToo() {
    if (const auto why = SshRig::whyNot(); !why.isEmpty())
      QSKIP(qPrintable(why));
    const SshRig ssh;
    QVERIFY(ssh.isReady());
    m_rig->goOverSsh(QStringLiteral("ssh://root@rig") + QString::fromStdString(m_engine->endpoint().socket),
                     ssh.options());
    const auto runs = m_rig->run({QStringLiteral("runs")});
    QVERIFY2(runs.exitCode == 0, runs.toString().c_str());
    if (isFullSize()) {
      const auto rolled = roll();
      QCOMPARE(complaint(), QString());
      QVERIFY2(rolled.exitCode == 0, rolled.toString().c_str());
      QCOMPARE(runningVersion(), m_coming);
    }
    QVERIFY(relayGoes());
  }
};

QTEST_GUILESS_MAIN(TestDockerVantage)
#include "tst_docker_vantage.moc"
