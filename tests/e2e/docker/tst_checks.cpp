// What is checked on a real engine before the first change: ports that others hold, room on its disk; and a
// service that serves nobody any more, replaced and, where the new version is no better, left as broken as
// before.
#include "tests/e2e/ctl_rig.h"
#include "tests/e2e/docker/disk_filler.h"
#include "tests/e2e/docker/docker_rig.h"
#include "tests/e2e/docker/stand_in_images.h"

#include <QTcpServer>

#include <curl/curl.h>

#include <algorithm>

using namespace ratdeck;

namespace {

// `page` has a host port and so is replaced in place; `inner` may stand beside its old copy.
constexpr const char* stackFile = R"(
name: rdchecks
services:
  page:
    image: "rat/portal:${RAT_VERSION}"
    environment: { API_URL: "http://nowhere:8080" }
    ports: ["127.0.0.1:${PAGE_PORT}:3000"]
    stop_grace_period: 2s
    healthcheck: { test: [NONE] }
    x-ratdeck: { ready: [{ http: { port: 3000, path: /health, timeout: 1s } }] }
  inner:
    image: "rat/portal:${RAT_VERSION}"
    environment: { API_URL: "http://nowhere:8080" }
    stop_grace_period: 2s
    healthcheck: { test: [NONE] }
    x-ratdeck: { order: start-first, ready: [{ http: { port: 3000, path: /health, timeout: 1s } }] }
)";

DockerRig::Options engineOptions() {
  DockerRig::Options options;
  options.userlandProxy = true; // ports are published without rules in the machine's tables
  options.dataMegabytes = 300;
  return options;
}

class ChecksRig : public CtlRig {
public:
  ChecksRig() : m_engine(engineOptions()), m_images(m_engine) {
    QTcpServer server;
    m_port = server.listen(QHostAddress::LocalHost) ? server.serverPort() : 0;
    m_file = QString::fromStdString(writeFile(QStringLiteral("stack.yml"), stackFile));
  }
  QString start() {
    for (const auto& made : {m_engine.start(), m_images.makeBase(), m_images.make("portal", "1.0.0"),
                             m_images.make("portal", "2.0.0")})
      if (!made.isEmpty())
        return made;
    return m_images.make("portal", "9.9.9", {QStringLiteral("crash")});
  }
  DockerRig& engine() { return m_engine; }
  std::uint16_t port() const { return m_port; }

  // The running container of a service: its id.
  std::string containerOf(const std::string& service) {
    const auto list = m_engine.raw("GET", "/containers/json");
    for (const Json& container : list ? parseJson(list->body).value_or(Json::array()) : Json::array())
      if (textAt(memberAt(container, "Labels"), "com.docker.compose.service") == service)
        return textAt(container, "Id");
    return {};
  }
  // Frozen, it takes connections and answers nobody.
  bool freeze(const std::string& service) {
    const auto frozen = m_engine.raw("POST", "/containers/" + containerOf(service) + "/pause");
    return frozen && frozen->status == 204;
  }

private:
  QProcessEnvironment environment(const QString& version) const override {
    auto environment = CtlRig::environment(version);
    environment.remove(QStringLiteral("DOCKER_CONTEXT"));
    environment.insert(QStringLiteral("DOCKER_HOST"),
                       QStringLiteral("unix://") + QString::fromStdString(m_engine.endpoint().socket));
    environment.insert(QStringLiteral("PAGE_PORT"), QString::number(m_port));
    return environment;
  }
  QStringList completed(const QStringList& arguments) const override {
    return arguments +
           QStringList{QStringLiteral("--runtime"), QStringLiteral("docker"), QStringLiteral("-f"), m_file};
  }

  std::uint16_t m_port = 0;
  QString m_file;
  DockerRig m_engine;
  StandInImages m_images;
};

// What the baseline says of a service; "" = nothing.
std::string baselineOf(const Json& plan, const std::string& service) {
  std::string codes;
  for (const auto& problem : memberAt(plan, "baseline"))
    if (textAt(problem, "service") == service)
      codes += textAt(problem, "code") + " ";
  return codes;
}

std::string nowOf(const Json& outcome, const std::string& service) {
  for (const auto& broken : memberAt(outcome, "broken_before"))
    if (textAt(broken, "service") == service)
      return textAt(broken, "now");
  return {};
}

} // namespace

class TestChecks : public QObject {
  Q_OBJECT

  std::unique_ptr<ChecksRig> m_rig;

  CliResult run(const char* words, const char* version = "1.0.0") {
    return m_rig->run(QString::fromLatin1(words).split(QLatin1Char(' ')), QString::fromLatin1(version));
  }
  // "" if the deploy was refused in words that hold this, and nothing runs.
  QString refusedSaying(const std::string& text) {
    const auto refused = run("deploy --yes --output json");
    const bool isRight = refused.exitCode == 2 && refused.err.find(text) != std::string::npos &&
                         m_rig->containerOf("inner").empty() && m_rig->containerOf("page").empty();
    return isRight ? QString() : QString::fromStdString(refused.toString());
  }

private Q_SLOTS:
  void initTestCase() {
    if (const auto why = DockerRig::whyNot(); !why.isEmpty())
      QSKIP(qPrintable(why));
    curl_global_init(CURL_GLOBAL_DEFAULT);
    m_rig = std::make_unique<ChecksRig>();
    const auto problem = m_rig->start();
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
  }
  void cleanupTestCase() { m_rig.reset(); }

  void aPortThatAProcessHoldsIsNamedBeforeAnythingStarts() {
    QTcpServer other;
    QVERIFY(other.listen(QHostAddress::LocalHost, m_rig->port()));
    QCOMPARE(
        refusedSaying("host port " + std::to_string(m_rig->port()) + " is held by a process of this machine"),
        QString());
  }

  void aPortThatAnotherProjectHoldsIsNamedWithItsContainer() {
    auto other = DockerRig::containerOf("rat/portal:1.0.0", {});
    other.erase("Entrypoint");
    other.erase("Cmd");
    other["Labels"]["com.docker.compose.project"] = "elsewhere";
    QVERIFY(!m_rig->engine().makeNetwork("elsewhere").empty()); // the engine has none by itself
    const Json binding = {{"HostIp", "127.0.0.1"}, {"HostPort", std::to_string(m_rig->port())}};
    other["HostConfig"] = {{"NetworkMode", "elsewhere"},
                           {"PortBindings", {{"3000/tcp", Json::array({binding})}}}};
    other["ExposedPorts"] = {{"3000/tcp", Json::object()}};
    const auto made = m_rig->engine().raw("POST", "/containers/create?name=stranger", dumpJson(other));
    QVERIFY(made && made->status == 201);
    const auto started = m_rig->engine().raw("POST", "/containers/stranger/start");
    QVERIFY2(started && started->status == 204, started ? started->body.c_str() : "");
    const auto verdict = refusedSaying("is held by the container stranger of the project elsewhere");
    m_rig->engine().raw("DELETE", "/containers/stranger?force=true");
    QCOMPARE(verdict, QString());
  }

  void aFullDiskIsNamedBeforeAnythingStarts() {
    const DiskFiller filler(m_rig->engine().folder() + QStringLiteral("/data"));
    QVERIFY(filler.size() > 0);
    QCOMPARE(refusedSaying("are free at"), QString());
  }

  // The control of those above.
  void withRoomAndAFreePortItComesUp() {
    const auto plan = run("plan --output json");
    std::string seen;
    for (const auto& check : memberAt(plan.json, "preflight"))
      seen += textAt(check, "what") + ": " + textAt(check, "seen") + "\n";
    QVERIFY2(seen.find("host ports: " + std::to_string(m_rig->port()) + " free or the stack's own") !=
                     std::string::npos &&
                 seen.find("disk: ") != std::string::npos && seen.find("images: 1 here") != std::string::npos,
             seen.c_str());
    const auto up = run("deploy --yes --output json");
    QVERIFY2(up.exitCode == 0, up.toString().c_str());
    QVERIFY(!up.json.contains("broken_before"));
  }

  void aHungServiceIsLeftAsItIsWhereTheNewVersionIsNoBetter() {
    QVERIFY(m_rig->freeze("inner"));
    const auto before = m_rig->containerOf("inner");
    const auto plan = run("plan --service inner --output json", "9.9.9");
    QVERIFY2(baselineOf(plan.json, "inner").starts_with("already-down "), plan.toString().c_str());
    const auto failed = run("deploy --yes --service inner --output json", "9.9.9");
    QVERIFY2(failed.exitCode == 3, failed.toString().c_str());
    QCOMPARE(nowOf(failed.json, "inner"), std::string("still"));
    QCOMPARE(m_rig->containerOf("inner"), before); // never touched
  }

  void aHungServiceIsReplacedByOneThatIsWell() {
    const auto mended = run("deploy --yes --service inner --output json", "2.0.0");
    QVERIFY2(mended.exitCode == 0, mended.toString().c_str());
    QCOMPARE(nowOf(mended.json, "inner"), std::string("mended"));
    QCOMPARE(m_rig->versionsOf("inner"), std::vector<std::string>{"2.0.0"});
  }

  // In place: the old version is started again, and nothing more is asked of it.
  void aHungServiceThatMustStopFirstComesBackAsItWas() {
    QVERIFY(m_rig->freeze("page"));
    const auto failed = run("deploy --yes --service page --output json", "9.9.9");
    QVERIFY2(failed.exitCode == 3, failed.toString().c_str());
    QCOMPARE(nowOf(failed.json, "page"), std::string("still"));
    const auto lines = m_rig->journal(m_rig->newestJournal());
    QVERIFY(std::any_of(lines.begin(), lines.end(), [](const JournalLine& line) {
      return line.type == "GatePassed" && boolAt(memberAt(line.data, "detail"), "as_before");
    }));
    QCOMPARE(m_rig->versionsOf("page"), std::vector<std::string>{"1.0.0"});
  }
};

QTEST_GUILESS_MAIN(TestChecks)
#include "tst_checks.moc"
