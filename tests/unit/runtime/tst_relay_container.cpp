// What the engine is asked for so that a question gets into its networks, and what comes back of it.
#include "core/runtime/docker/docker_vantage.h"
#include "core/runtime/docker/relay_program.h"
#include "tests/unit/remote/scripted_docker.h"
#include "tests/unit/runtime/answers.h"
#include "tests/unit/runtime/scripted_runtime.h"

#include <QTemporaryDir>

#include <curl/curl.h>

using namespace ratdeck;

namespace {

QByteArray json(const Json& value, int status = 200) {
  return ScriptedDocker::json(QByteArray::fromStdString(dumpJson(value)), status);
}

const Json labels = {{"com.docker.compose.service", "web"}, {"com.docker.compose.project", "shop"}};

// A running copy, as the list shows it and as it is inspected.
Json summary() {
  return {{"Id", "c1"},         {"Names", {"/shop-web-1"}}, {"Image", "web:1"}, {"ImageID", "sha256:web"},
          {"State", "running"}, {"Labels", labels}};
}

Json container(const std::string& id, const std::string& name, const Json& itsLabels) {
  return {{"Id", id},
          {"Name", "/" + name},
          {"Image", "sha256:web"},
          {"Created", "2026-01-01T00:00:00Z"},
          {"State", {{"Status", "running"}, {"ExitCode", 0}}},
          {"Config", {{"Image", "web:1"}, {"Labels", itsLabels}}},
          {"HostConfig", Json::object()},
          {"NetworkSettings",
           {{"Networks", {{"shop_front", {{"NetworkID", "n1"}, {"IPAddress", "10.9.0.5"}}}}}}}};
}

Json relayMadeOf(const std::string& what) {
  return container("r0", "shop-ratdeck-relay", {{"ratdeck.relay", what}});
}

Json networks() {
  return Json::array({{{"Id", "n1"},
                       {"Name", "shop_front"},
                       {"Driver", "bridge"},
                       {"Scope", "local"},
                       {"IPAM", {{"Config", Json::array({{{"Subnet", "10.9.0.0/24"}}})}}}}});
}

std::string words(const Json& body) {
  std::string line;
  for (const Json& word : memberAt(body, "Cmd"))
    line += (line.empty() ? "" : " ") + word.get<std::string>();
  return line;
}

} // namespace

class TestRelayContainer : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void initTestCase() { curl_global_init(CURL_GLOBAL_DEFAULT); }
  void init() {
    QFile program(m_folder.filePath(QStringLiteral("relay")));
    QVERIFY(program.open(QIODevice::WriteOnly));
    program.write("the program");
    program.close();
    m_docker = std::make_unique<ScriptedDocker>();
    m_docker->on("GET /v1.41/containers/json", json(Json::array({summary()})));
    m_docker->on("GET /v1.41/containers/c1/json", json(container("c1", "shop-web-1", labels)));
    m_docker->on("GET /v1.41/networks", json(networks()));
    m_docker->on("POST /v1.41/containers/create", ScriptedDocker::json(R"({"Id":"r1"})", 201));
    m_docker->on("PUT /v1.41/containers/r1/archive", ScriptedDocker::json("", 200));
    m_docker->on("POST /v1.41/containers/r1/start", ScriptedDocker::json("", 204));
    m_docker->on("DELETE /v1.41/containers/r0", ScriptedDocker::json("", 204));
    m_docker->on("DELETE /v1.41/containers/r1", ScriptedDocker::json("", 204));
    m_docker->on("POST /v1.41/containers/shop-ratdeck-relay/exec",
                 ScriptedDocker::json(R"({"Id":"e1"})", 201));
    says(R"({"took_ms":1.5})");
  }

  void oneIsMadeOfWhatIsThereAndAsked() {
    says(R"({"status":200,"body":"fine","cut":false,"took_ms":1.5})");
    open();
    const auto reply = ask();
    QVERIFY2(reply, test::errorOf(reply).c_str());
    QCOMPARE(textAt(reply->value, "body"), std::string("fine"));
    QCOMPARE(log(),
             QStringLiteral("GET networks, GET containers/shop-ratdeck-relay/json, POST containers/create, "
                            "PUT containers/r1/archive, PUT containers/r1/archive, POST containers/r1/start, "
                            "POST containers/shop-ratdeck-relay/exec, POST exec/e1/start, GET exec/e1/json"));
    const Json body = bodyOf("POST /v1.41/containers/create");
    QCOMPARE(textAt(body, "Image"), std::string("sha256:web"));
    QCOMPARE(dumpJson(memberAt(body, "Entrypoint")), std::string(R"(["/ratdeck/relay"])"));
    const Json& host = memberAt(body, "HostConfig");
    QCOMPARE(dumpJson(memberAt(host, "CapDrop")), std::string(R"(["ALL"])"));
    QVERIFY(boolAt(host, "AutoRemove") && boolAt(host, "ReadonlyRootfs"));
    QCOMPARE(textAt(host, "NetworkMode"), std::string("shop_front"));
    QVERIFY(!memberAt(body, "Labels").contains("com.docker.compose.project"));
    QCOMPARE(words(bodyOf("POST /v1.41/containers/shop-ratdeck-relay/exec")),
             std::string("/ratdeck/relay connect 1500 10.9.0.5:80"));
  }

  void oneThatIsUpIsAskedAgainAtOnce() {
    open();
    QVERIFY(ask());
    m_docker->forget();
    QVERIFY(ask());
    QCOMPARE(log(),
             QStringLiteral("POST containers/shop-ratdeck-relay/exec, POST exec/e1/start, GET exec/e1/json"));
  }

  void oneOfAnotherVersionIsReplaced() {
    m_docker->on("GET /v1.41/containers/shop-ratdeck-relay/json", json(relayMadeOf("something else")));
    open();
    QVERIFY(ask());
    QVERIFY2(log().contains(QStringLiteral("DELETE containers/r0, POST containers/create")),
             qPrintable(log()));
  }

  void oneThatFitsIsTaken() {
    open();
    QVERIFY(ask());
    const std::string madeOf =
        textAt(memberAt(bodyOf("POST /v1.41/containers/create"), "Labels"), "ratdeck.relay");
    QVERIFY(!madeOf.empty());
    m_docker->on("GET /v1.41/containers/shop-ratdeck-relay/json", json(relayMadeOf(madeOf)));
    open();
    QVERIFY(ask());
    QVERIFY2(!log().contains(QStringLiteral("create")), qPrintable(log()));
  }

  void somebodyElsesIsLeftAlone() {
    m_docker->on("GET /v1.41/containers/shop-ratdeck-relay/json",
                 json(container("c1", "shop-web-1", labels)));
    open();
    const auto reply = ask();
    QCOMPARE(reply.error().kind, ErrorKind::Conflict);
    QVERIFY(!log().contains(QStringLiteral("DELETE")));
  }

  void oneThatHasEndedIsMadeAgainOnce() {
    open();
    QVERIFY(ask());
    m_docker->forget();
    m_docker->on("POST /v1.41/containers/shop-ratdeck-relay/exec",
                 ScriptedDocker::json(R"({"message":"No such container"})", 404));
    const auto reply = ask();
    QVERIFY(!reply);
    QCOMPARE(log().count(QStringLiteral("POST containers/create")), 1);
    QCOMPARE(log().count(QStringLiteral("exec")), 2);
    QVERIFY(!m_relay->hasAnswered());
    m_docker->on("POST /v1.41/containers/shop-ratdeck-relay/exec",
                 ScriptedDocker::json(R"({"Id":"e1"})", 201));
    QVERIFY(ask());
    QVERIFY(m_relay->hasAnswered());
  }

  void whatItDiedOverIsNotAskedAgain() {
    open();
    QVERIFY(ask());
    m_docker->forget();
    m_docker->on("GET /v1.41/exec/e1/json", ScriptedDocker::json(R"({"ExitCode":137,"Running":false})"));
    QCOMPARE(ask().error().kind, ErrorKind::Unreachable);
    QCOMPARE(log().count(QStringLiteral("POST exec/e1/start")), 1);
    QVERIFY(!m_relay->hasAnswered());
    says("{}");
    QVERIFY(ask());
    QCOMPARE(log().count(QStringLiteral("POST containers/create")), 1); // the next one looks for it
  }

  void itIsToldThatAConsoleHasLeft() {
    m_docker->on("POST /v1.41/containers/shop-ratdeck-relay/kill",
                 ScriptedDocker::json(R"({"message":"No such container"})", 404));
    open();
    QVERIFY(test::answerOf<Done>([&](Callback<Done> done) { m_relay->leave(std::move(done)); }));
    QVERIFY(log().startsWith(QStringLiteral("POST containers/shop-ratdeck-relay/kill")));
  }

  void oneThatCannotStartIsTakenAway() {
    m_docker->on("POST /v1.41/containers/r1/start",
                 ScriptedDocker::json(R"({"message":"exec format error"})", 400));
    open();
    const auto reply = ask();
    QVERIFY(!reply);
    QVERIFY(log().endsWith(QLatin1String("DELETE containers/r1")));
  }

  void withoutACopyThereIsNothingToMakeItOf() {
    m_docker->on("GET /v1.41/containers/json", json(Json::array()));
    open();
    QCOMPARE(ask().error().kind, ErrorKind::NotFound);
    open(QStringLiteral("/nonexistent/relay"));
    QCOMPARE(ask().error().kind, ErrorKind::NotFound);
  }

  void whatIsAskedTogetherMakesOne() {
    open();
    int answers = 0;
    for (int i = 0; i < 3; ++i)
      m_relay->ask("connect", 1500ms, {"10.9.0.5:80"},
                   [&](const Result<RelayReply>& reply) { answers += bool(reply); });
    QVERIFY(test::waitUntil([&] { return answers == 3; }));
    QCOMPARE(log().count(QStringLiteral("POST containers/create")), 1);
  }

  // A probe that nobody could ask says nothing of the copy; one that got no answer says that it failed.
  void whatCouldNotBeAskedIsNoFailedProbe() {
    test::ScriptedRuntime runtime;
    open();
    TargetProber commands(runtime);
    RelayProber prober(*m_relay, commands);
    const auto probe = [&](ProbeKind kind) {
      ProbeSpec spec;
      spec.kind = kind;
      spec.port = 80;
      spec.command = {"true"};
      return test::answerOf<ProbeResult>([&](Callback<ProbeResult> done) {
        prober.probe(spec, InstanceId("shop-web-1"), "10.9.0.5", done);
      });
    };
    QVERIFY(probe(ProbeKind::Tcp)->passed);
    says(R"({"error":{"kind":"unreachable","message":"connection refused"},"took_ms":1})");
    const auto refused = probe(ProbeKind::Http);
    QVERIFY(refused && !refused->passed);
    QCOMPARE(refused->detail, std::string("10.9.0.5:80: connection refused"));
    says(R"({"error":{"kind":"input","message":"no address"},"took_ms":1})");
    QVERIFY(!probe(ProbeKind::Http));
    says(R"({"status":503,"body":"starting","cut":false,"took_ms":1})");
    QVERIFY(!probe(ProbeKind::Http)->passed);
    says(R"({"health":"serving","took_ms":1})");
    QVERIFY(probe(ProbeKind::GrpcHealth)->passed);
    says(R"({"health":"not serving","took_ms":1})");
    QVERIFY(!probe(ProbeKind::GrpcHealth)->passed);
    says("Segmentation fault");
    QVERIFY(!probe(ProbeKind::GrpcHealth));
    m_docker->on("POST /v1.41/containers/shop-ratdeck-relay/exec",
                 ScriptedDocker::json(R"({"message":"No such container"})", 404));
    QVERIFY(!probe(ProbeKind::Tcp));
    QVERIFY(runtime.log.empty());
    QVERIFY(probe(ProbeKind::Exec)->passed); // the copy itself is asked
    QCOMPARE(runtime.log.size(), 1u);
  }

  void aGetIsSentByTheRelay() {
    open();
    RelayHttp http(*m_relay);
    says(R"({"status":200,"body":"[]","cut":false,"took_ms":1})");
    const auto send = [&](HttpRequest request) {
      return test::answerOf<HttpResponse>(
          [&](Callback<HttpResponse> done) { http.send(std::move(request), done); });
    };
    HttpRequest request;
    request.url = "http://10.9.0.5:8080/api/v1/runs?limit=2";
    request.headers = {{"Accept", "application/json"}};
    request.maxBody = 1000;
    request.timeout = 3s;
    const auto response = send(request);
    QVERIFY2(response, test::errorOf(response).c_str());
    QCOMPARE(response->status, 200);
    QCOMPARE(words(bodyOf("POST /v1.41/containers/shop-ratdeck-relay/exec")),
             std::string(
                 "/ratdeck/relay get 3000 10.9.0.5:8080 /api/v1/runs?limit=2 1000 Accept: application/json"));
    says(R"({"status":200,"body":"half","cut":true,"took_ms":1})");
    QCOMPARE(send(request).error().kind, ErrorKind::Internal);
    request.user = "ops";
    m_docker->forget();
    QCOMPARE(send(request).error().kind, ErrorKind::Input);
    QVERIFY(m_docker->requests().empty());
    request.user.clear();
    bool isAnswered = false;
    http.cancel(http.send(request, [&](const Result<HttpResponse>&) { isAnswered = true; }));
    QVERIFY(!test::waitUntil([&] { return isAnswered; }, 100));
  }

  void aTokenGoesAsAFileAndInNoCommandLine() {
    m_docker->on("PUT /v1.41/containers/shop-ratdeck-relay/archive", ScriptedDocker::json("", 200));
    open();
    RelayHttp http(*m_relay);
    says(R"({"status":200,"body":"[]","cut":false,"took_ms":1})");
    HttpRequest request;
    request.url = "http://10.9.0.5:8080/api/v1/runs";
    request.bearerToken = Secret("s3cret-t0ken");
    const auto sent = [&] {
      m_docker->forget();
      return test::answerOf<HttpResponse>([&](Callback<HttpResponse> done) { http.send(request, done); });
    };
    const auto response = sent();
    QVERIFY2(response, test::errorOf(response).c_str());
    QVERIFY2(log().endsWith(QLatin1String(
                 "PUT containers/shop-ratdeck-relay/archive, POST containers/shop-ratdeck-relay/exec, "
                 "POST exec/e1/start, GET exec/e1/json")),
             qPrintable(log()));
    std::string archive;
    for (const auto& asked : m_docker->requests())
      if (asked.line == "PUT /v1.41/containers/shop-ratdeck-relay/archive")
        archive = asked.body;
      else
        QVERIFY2(asked.body.find("t0ken") == std::string::npos, asked.line.c_str());
    const auto file = readDockerTar(archive);
    QVERIFY(file.has_value());
    QCOMPARE(file->content.reveal(), std::string("s3cret-t0ken"));
    QVERIFY(file->mode == 0400 && file->user == 65534 && file->group == 65534);
    QCOMPARE(words(bodyOf("POST /v1.41/containers/shop-ratdeck-relay/exec")),
             "/ratdeck/relay get-as 5000 /ratdeck/tokens/" + file->name +
                 " 10.9.0.5:8080 /api/v1/runs 8388608");
    request.bearerToken = Secret(); // the control: then nothing is handed over
    QVERIFY(sent());
    QVERIFY2(!log().contains(QLatin1String("archive")), qPrintable(log()));
  }

  void aTokenIsHandedOverAgainToARelayThatIsMadeAnew() {
    open();
    RelayHttp http(*m_relay);
    QVERIFY(ask());
    m_docker->forget();
    m_docker->on("PUT /v1.41/containers/shop-ratdeck-relay/archive",
                 ScriptedDocker::json(R"({"message":"No such container"})", 404));
    HttpRequest request;
    request.url = "http://10.9.0.5:8080/";
    request.bearerToken = Secret("s3cret-t0ken");
    const auto lost =
        test::answerOf<HttpResponse>([&](Callback<HttpResponse> done) { http.send(request, done); });
    QCOMPARE(lost.error().kind, ErrorKind::NotFound);
    QCOMPARE(log().count(QStringLiteral("PUT containers/shop-ratdeck-relay/archive")), 2);
    QCOMPARE(log().count(QStringLiteral("POST containers/create")), 1);
    QCOMPARE(log().count(QStringLiteral("exec")), 0); // nobody is asked without it
    QVERIFY(!m_relay->hasAnswered());
  }

  // This test is a program of this machine; with another number in its head it is one of another.
  void anEngineThatCannotRunItIsTold() {
    QFile own(QCoreApplication::applicationFilePath());
    QVERIFY(own.open(QIODevice::ReadOnly));
    QByteArray program = own.read(4096);
    DockerInfo info;
    info.architecture = QSysInfo::currentCpuArchitecture() == QLatin1String("arm64")
                            ? std::string("aarch64")
                            : QSysInfo::currentCpuArchitecture().toStdString();
    const auto path = m_folder.filePath(QStringLiteral("relay"));
    const auto finding = [&] {
      QFile file(path);
      if (file.open(QIODevice::WriteOnly))
        file.write(program);
      file.close();
      return relayFinding(path.toStdString(), info, "tcp://10.0.0.1:2376");
    };
    QVERIFY(!finding());
    const std::string other = info.architecture == "s390x" ? "x86_64" : "s390x";
    const std::string ours = std::exchange(info.architecture, other);
    const auto wrong = finding();
    QVERIFY(wrong && wrong->weight == TargetFinding::Weight::Blocks);
    for (const std::string& word : {std::string("tcp://10.0.0.1:2376"), ours, other})
      QVERIFY2(wrong->message.find(word) != std::string::npos, wrong->message.c_str());
    program = "#!/bin/sh\n";
    QVERIFY(finding());
    const auto missing = relayFinding("/nonexistent/relay", info, "tcp://10.0.0.1:2376");
    QVERIFY(missing && missing->message.find("/nonexistent/relay") != std::string::npos);
  }

  void anEngineElsewhereIsAskedThroughTheRelay() {
    test::ScriptedRuntime runtime;
    open();
    VantageOptions options;
    options.relay = m_options;
    DockerVantage vantage(*m_client, *m_copies, runtime, nullptr, options);
    QVERIFY(vantage.isRelayed()); // it is asked over TCP
    QCOMPARE(vantage.title(), std::string("ratdeck-relay on the stack's networks"));
    QVERIFY(vantage.http() != nullptr);
    says("{\"answer\":\"# pxname\\nweb\\n\\n\",\"took_ms\":1}");
    HaproxyRun run = vantage.haproxy();
    const auto shown =
        test::answerOf<std::string>([&](Callback<std::string> done) { run("show stat", done); });
    QVERIFY2(shown, test::errorOf(shown).c_str());
    QCOMPARE(*shown, std::string("# pxname\nweb\n"));
    QCOMPARE(words(bodyOf("POST /v1.41/containers/shop-ratdeck-relay/exec")),
             std::string("/ratdeck/relay haproxy 2000 /run/ratdeck/haproxy.sock show stat"));
    says("{\"answer\":\"# pxname\\nwe\",\"took_ms\":1}");
    const auto cut = test::answerOf<std::string>([&](Callback<std::string> done) { run("show stat", done); });
    QCOMPARE(cut.error().message, std::string("HAProxy's answer was cut short"));
    const auto two =
        test::answerOf<std::string>([&](Callback<std::string> done) { run("show stat; quit", done); });
    QCOMPARE(two.error().kind, ErrorKind::Input);
    m_docker->on("GET /v1.41/containers/json", json(Json::array()));
    vantage.relay().forget();
    const auto none =
        test::answerOf<std::string>([&](Callback<std::string> done) { run("show stat", done); });
    QCOMPARE(none.error().kind, ErrorKind::Unreachable);
  }

private:
  void open(const QString& program = {}) {
    m_relay.reset();
    m_copies.reset();
    m_client = std::make_unique<DockerClient>(m_docker->endpoint());
    m_copies = std::make_unique<DockerCopies>(*m_client, "shop", "", "");
    m_options = {};
    m_options.project = "shop";
    m_options.program =
        program.isEmpty() ? m_folder.filePath(QStringLiteral("relay")).toStdString() : program.toStdString();
    m_options.networks = {"shop_front", "shop_absent"};
    m_relay = std::make_unique<RelayContainer>(*m_client, *m_copies, m_options);
    m_docker->forget();
  }

  // What the program prints from now on.
  void says(const QByteArray& line) {
    m_docker->on("POST /v1.41/exec/e1/start", ScriptedDocker::stream(dockerFrame(1, line + '\n')));
    m_docker->on("GET /v1.41/exec/e1/json", ScriptedDocker::json(R"({"ExitCode":0,"Running":false})"));
  }

  Result<RelayReply> ask() {
    return test::answerOf<RelayReply>([&](Callback<RelayReply> done) {
      m_relay->ask("connect", 1500ms, {"10.9.0.5:80"}, std::move(done));
    });
  }

  // Without the version, and without what the copies' list asks.
  QString log() const {
    QStringList lines;
    for (const auto& request : m_docker->requests()) {
      const auto line = QString::fromStdString(request.line).remove(QStringLiteral("/v1.41/"));
      if (line != QLatin1String("GET /_ping") && line != QLatin1String("GET containers/json") &&
          line != QLatin1String("GET containers/c1/json") && line != QLatin1String("GET events"))
        lines += line;
    }
    return lines.join(QStringLiteral(", "));
  }

  Json bodyOf(const std::string& line) const {
    Json body;
    for (const auto& request : m_docker->requests())
      if (request.line == line)
        body = parseJson(request.body).value_or(Json());
    return body;
  }

  QTemporaryDir m_folder;
  std::unique_ptr<ScriptedDocker> m_docker;
  std::unique_ptr<DockerClient> m_client;
  std::unique_ptr<DockerCopies> m_copies;
  RelayOptions m_options;
  std::unique_ptr<RelayContainer> m_relay;
};

QTEST_GUILESS_MAIN(TestRelayContainer)
#include "tst_relay_container.moc"
