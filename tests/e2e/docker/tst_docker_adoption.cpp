// What Debian's docker-compose brought up on a real engine, taken over by ratdeckctl: compared with its file,
// replaced, and brought back as it was.
#include "core/runtime/docker/container_copy.h"
#include "tests/e2e/docker/docker_rig.h"

#include <QFile>
#include <QProcess>

#include <algorithm>
#include <curl/curl.h>
#include <unistd.h>

using namespace ratdeck;

namespace {

struct Run {
  int exitCode = -1;
  std::string out, err;
  Json json;

  std::string toString() const { return "exit " + std::to_string(exitCode) + "\n" + out + err; }
};

void eraseNames(Json& object, std::initializer_list<const char*> names) {
  for (const char* name : names)
    object.erase(name);
}

// An inspection without ids, times, addresses, names and our labels. A volume without a name that the copy
// went on with is bound by the name that the engine had given it.
Json comparable(Json inspected) {
  const auto shortId = textAt(inspected, "Id").substr(0, 12);
  const auto name = textAt(inspected, "Name").substr(1);
  Json result;
  for (const char* part : {"Config", "HostConfig", "Path", "Args", "Image"})
    result[part] = inspected[part];
  eraseNames(result["Config"], {"Hostname"});
  for (const char* label : {"container-number", "project.working_dir", "project.config_files"})
    result["Config"]["Labels"].erase(std::string("com.docker.compose.") + label);
  for (auto it = result["Config"]["Labels"].begin(); it != result["Config"]["Labels"].end();)
    it = it.key().starts_with("ratdeck.") ? result["Config"]["Labels"].erase(it) : std::next(it);
  Json binds = Json::array();
  for (const Json& line : result["HostConfig"]["Binds"])
    if (const auto text = line.get<std::string>(); !isAnonymousVolume(text.substr(0, text.find(':'))))
      binds.push_back(line);
  std::sort(binds.begin(), binds.end());
  result["HostConfig"]["Binds"] = binds;
  for (auto& [network, endpoint] : inspected["NetworkSettings"]["Networks"].items()) {
    Json& kept = result["Networks"][network];
    for (const char* part : {"IPAMConfig", "Links", "DriverOpts"})
      kept[part] = endpoint[part];
    kept["Aliases"] = Json::array();
    for (const Json& alias : endpoint["Aliases"])
      if (alias != shortId && alias != name)
        kept["Aliases"].push_back(alias);
  }
  for (Json mount : inspected["Mounts"]) {
    eraseNames(mount, {"Mode"});
    result["Mounts"][textAt(mount, "Destination")] = mount;
  }
  return result;
}

// "HostConfig.CapAdd: [\"NET_ADMIN\"] -> null" a line; "" where they are equal.
std::string difference(const Json& before, const Json& after) {
  std::string text;
  for (const Json& step : Json::diff(before, after)) {
    const nlohmann::json::json_pointer at(textAt(step, "path"));
    text += textAt(step, "path") + ": " + (before.contains(at) ? dumpJson(before[at]) : "nothing") + " -> " +
            (after.contains(at) ? dumpJson(after[at]) : "nothing") + "\n";
  }
  return text;
}

} // namespace

class TestDockerAdoption : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void initTestCase() {
    if (const auto why = DockerRig::whyNot({QStringLiteral("docker-compose")}); !why.isEmpty())
      QSKIP(qPrintable(why));
    curl_global_init(CURL_GLOBAL_DEFAULT);
    m_rig = std::make_unique<DockerRig>();
    const auto trouble = m_rig->start();
    QVERIFY2(trouble.isEmpty(), qPrintable(trouble));
    m_registry = m_rig->startRegistry();
    QVERIFY(!m_registry.empty());
    m_image = m_registry + "/web:1";
    build(m_image, "1");
    QCOMPARE(m_rig->push(m_image), QString());
  }
  void cleanupTestCase() { m_rig.reset(); }

  void init() {
    ++m_number;
    m_folder = std::make_unique<QTemporaryDir>();
    write("web.conf", "first");
    write("compose.yml", fileOf(m_image));
  }
  void cleanup() {
    if (m_rig)
      compose({QStringLiteral("down"), QStringLiteral("-v"), QStringLiteral("-t"), QStringLiteral("1")});
  }

  void whatComposeMadeIsAsItsFileSays() {
    QVERIFY(up());
    const auto plan = control({"plan", "--detailed-exitcode"});
    QVERIFY2(plan.exitCode == 0, plan.toString().c_str());
    QCOMPARE(fieldsIn(plan), "");
  }

  void anEditIsNamedByItsFields() {
    QVERIFY(up());
    edit("MODE: fast", "MODE: slow");
    edit("mem_limit: 64m", "mem_limit: 65m");
    edit("/etc/web.conf:ro", "/etc/web.conf");
    const auto plan = control({"plan", "--detailed-exitcode"});
    QVERIFY2(plan.exitCode == 10, plan.toString().c_str());
    QCOMPARE(fieldsIn(plan), "web: environment.MODE mem_limit volumes");
    QVERIFY2(plan.out.find("slow") == std::string::npos, "a value of the environment is in the plan");
  }

  void theOldCopyComesBackAsItWas() {
    QVERIFY(up());
    const auto before = inspect("web", 1);
    edit("MODE: fast", "MODE: slow");
    const auto deploy = control({"deploy", "--yes"});
    QVERIFY2(deploy.exitCode == 0, deploy.toString().c_str());
    const auto between = inspect("web", 2);
    QVERIFY(!between.is_null());
    QVERIFY2(inspect("web", 1).is_null(), "the old copy is still there");
    QCOMPARE(textAt(between["Config"]["Labels"], "ratdeck.revision"), "2"); // the first is the adopted one
    for (const char* path : {"/data", "/scratch"})
      QCOMPARE(volumeAt(between, path), volumeAt(before, path));
    m_rig->stopRegistry();
    const auto rollback = control({"rollback", "--yes"});
    QVERIFY2(rollback.exitCode == 0, rollback.toString().c_str());
    const auto after = inspect("web", 3);
    QVERIFY(!after.is_null());
    const auto differs = difference(comparable(before), comparable(after));
    QVERIFY2(differs.empty(), differs.c_str());
    for (const char* path : {"/data", "/scratch"})
      QCOMPARE(volumeAt(after, path), volumeAt(before, path));
    edit("MODE: slow", "MODE: fast");
    const auto plan = control({"plan", "--detailed-exitcode"});
    QVERIFY2(plan.exitCode == 0, plan.toString().c_str());
  }

  void anUndoBringsTheAdoptedCopyBack() {
    QVERIFY(up());
    const auto before = inspect("web", 1);
    edit("\"wait\"]", "\"exit\", \"3\"]");
    const auto deploy = control({"deploy", "--yes"});
    QVERIFY2(deploy.exitCode == 3, deploy.toString().c_str());
    const auto after = inspect("web", 3);
    QVERIFY(!after.is_null());
    const auto differs = difference(comparable(before), comparable(after));
    QVERIFY2(differs.empty(), differs.c_str());
  }

  void whatABadVersionBrokeIsAsItWas_data() {
    QTest::addColumn<QString>("what");
    for (const char* what : {"environment", "mounted file", "image"})
      QTest::newRow(what) << QString::fromLatin1(what);
  }
  void whatABadVersionBrokeIsAsItWas() {
    QFETCH(QString, what);
    const std::string good = std::string((1 << 20) - 6, 'x') + "\n# end"; // as much as is kept
    write("web.conf", good);
    QVERIFY(up());
    edit("MODE: fast", "MODE: slow");
    const auto first = control({"deploy", "--yes"});
    QVERIFY2(first.exitCode == 0, first.toString().c_str());
    const auto before = inspect("web", 2);
    const auto wasAsked = read("compose.yml");
    if (what == QLatin1String("environment"))
      edit("MODE: slow", "MODE: broken");
    if (what == QLatin1String("mounted file")) {
      write("web.conf", "broken");
      edit("MODE: slow", "MODE: slower");
    }
    if (what == QLatin1String("image")) {
      build("bad:1", "1", {"ENV QUALITY=bad"});
      edit("image: " + m_image, "image: bad:1");
    }
    const auto bad = control({"deploy", "--yes"});
    QVERIFY2(bad.exitCode == 3, bad.toString().c_str());
    QCOMPARE(textAt(bad.json, "result"), "rolled_back");
    QVERIFY(inspect("web", 3).is_null());
    const auto after = inspect("web", 4);
    QVERIFY(boolAt(memberAt(after, "State"), "Running"));
    const auto differs = difference(comparable(before), comparable(after));
    QVERIFY2(differs.empty(), differs.c_str());
    QVERIFY(read("web.conf") == good);
    if (what == QLatin1String("mounted file")) { // the control: it was the file alone
      const auto again = control({"deploy", "--yes"});
      QVERIFY2(again.exitCode == 0, again.toString().c_str());
      QVERIFY(difference(comparable(before), comparable(inspect("web", 5))) != "");
      return;
    }
    write("compose.yml", wasAsked);
    const auto plan = control({"plan", "--detailed-exitcode"});
    QVERIFY2(plan.exitCode == 0, plan.toString().c_str());
  }

  void aBodyThatLacksAFieldGivesAnotherContainer() { // the control
    QVERIFY(up());
    const auto before = inspect("web", 1);
    const auto container = readDockerContainer(dumpJson(before));
    QVERIFY_VALUE(container);
    auto form = copiedForm(*container, Json::object());
    form.body["NetworkingConfig"]["EndpointsConfig"] = form.networks;
    QCOMPARE(differenceOfMade(before, form.body), "");
    form.body["HostConfig"].erase("CapAdd");
    QCOMPARE(differenceOfMade(before, form.body), "/HostConfig/CapAdd: [\"NET_ADMIN\"] -> null\n");
  }

  void aTagThatMovedIsNamedAndFollowed() {
    build("moving:1", "1");
    write("compose.yml", fileOf("moving:1"));
    QVERIFY(up());
    const auto old = textAt(inspect("web", 1), "Image");
    build("moving:1", "2");
    const auto plan = control({"plan", "--detailed-exitcode"});
    QVERIFY2(plan.exitCode == 10, plan.toString().c_str());
    QCOMPARE(fieldsIn(plan), "store: image; web: image");
    QVERIFY2(codesIn(plan).find("image-moved") != std::string::npos, plan.toString().c_str());
    const auto deploy = control({"deploy", "--yes"});
    QVERIFY2(deploy.exitCode == 0, deploy.toString().c_str());
    QVERIFY(textAt(inspect("web", 2), "Image") != old);
    const auto again = control({"plan", "--detailed-exitcode"});
    QVERIFY2(again.exitCode == 0, again.toString().c_str());
    const auto rollback = control({"rollback", "--yes"});
    QVERIFY2(rollback.exitCode == 0, rollback.toString().c_str());
    QCOMPARE(textAt(inspect("web", 3), "Image"), old);
  }

  void anImageThatIsNowhereIsRefused() {
    QVERIFY(up());
    edit("image: " + m_image, "image: " + m_registry + "/nowhere:1");
    const auto deploy = control({"deploy", "--yes"});
    QVERIFY2(deploy.exitCode == 2, deploy.toString().c_str());
    const auto lines = QString::fromStdString(deploy.err).split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    QCOMPARE(lines.filter(QStringLiteral("nowhere:1")).size(), 1);
    QVERIFY2(lines.last().contains(QLatin1String("nowhere:1")), deploy.err.c_str());
    QVERIFY(!inspect("web", 1).is_null());
  }

  void aProjectThatIsNotThereIsNamedBesideThoseThatAre() {
    QVERIFY(up());
    const auto runs = [this] {
      const auto seen = inspect("web", 1);
      return textAt(seen, "Id") + textAt(memberAt(seen, "State"), "StartedAt");
    };
    const auto before = runs();
    const auto typo = "typo" + std::to_string(m_number);
    const auto status = controlOf(typo, {"status"});
    QVERIFY2(status.exitCode == 2, status.toString().c_str());
    const auto lines = QString::fromStdString(status.err).split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    QCOMPARE(lines.filter(QStringLiteral("ratdeckctl: ")).size(), 1);
    QVERIFY2(status.err.find("no container of the project " + typo) != std::string::npos &&
                 status.err.find(project()) != std::string::npos &&
                 status.err.find("with -p") != std::string::npos,
             status.err.c_str());
    const auto plan = controlOf(typo, {"plan"});
    QVERIFY2(codesIn(plan).find("new-project") != std::string::npos, plan.toString().c_str());
    QCOMPARE(runs(), before);
    QVERIFY(!namesOfContainers().contains(QString::fromStdString(typo)));
    QCOMPARE(control({"status"}).exitCode, 0); // the control: the one that is there
  }

  void aChangeByHandIsNamedAndReplaced() {
    QCOMPARE(control({"deploy", "--yes"}).exitCode, 0);
    QCOMPARE(control({"plan", "--detailed-exitcode"}).exitCode, 0);
    const auto id = textAt(inspect("web", 1), "Id");
    const Json more = {{"Memory", 96 << 20},
                       {"MemorySwap", 192 << 20},
                       {"RestartPolicy", {{"Name", "on-failure"}, {"MaximumRetryCount", 2}}}};
    QVERIFY_VALUE(m_rig->raw("POST", "/containers/" + id + "/update", dumpJson(more)));
    QVERIFY_VALUE(
        m_rig->raw("POST", "/networks/" + project() + "_front/disconnect", dumpJson({{"Container", id}})));
    const auto plan = control({"plan", "--detailed-exitcode"});
    QVERIFY2(plan.exitCode == 10, plan.toString().c_str());
    QCOMPARE(fieldsIn(plan), "web: mem_limit networks restart");
    QVERIFY2(codesIn(plan).find("changed-by-hand") != std::string::npos, plan.toString().c_str());
    QCOMPARE(control({"deploy", "--yes"}).exitCode, 0);
    QVERIFY(!inspect("web", 2).is_null());
    QCOMPARE(control({"plan", "--detailed-exitcode"}).exitCode, 0);
  }

  void aMountedFileIsBroughtBack() {
    QVERIFY(up());
    edit("MODE: fast", "MODE: slow");
    QCOMPARE(control({"deploy", "--yes"}).exitCode, 0); // adopts: the first revision has "first"
    write("web.conf", "second");
    edit("MODE: slow", "MODE: slower");
    QCOMPARE(control({"deploy", "--yes"}).exitCode, 0);
    QCOMPARE(read("web.conf"), "second");
    const auto rollback = control({"rollback", "--yes"});
    QVERIFY2(rollback.exitCode == 0, rollback.toString().c_str());
    QCOMPARE(read("web.conf"), "first");
    QVERIFY(!namesOfContainers().contains(QLatin1String("ratdeck-files")));
  }

  void aFileThatIsTooLargeIsNamed() {
    write("web.conf", std::string((1 << 20) + 1, 'x'));
    QVERIFY(up());
    edit("MODE: fast", "MODE: slow");
    const auto plan = control({"plan"});
    QVERIFY2(codesIn(plan).find("file-not-kept") != std::string::npos, plan.toString().c_str());
    QCOMPARE(control({"deploy", "--yes"}).exitCode, 0);
  }

private:
  std::string project() const { return "shop" + std::to_string(m_number); }
  std::string place(const std::string& name) const { return m_folder->path().toStdString() + "/" + name; }
  void write(const std::string& name, const std::string& text) {
    QFile file(QString::fromStdString(place(name)));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray::fromStdString(text));
  }
  std::string read(const std::string& name) {
    QFile file(QString::fromStdString(place(name)));
    return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string();
  }
  void edit(const std::string& what, const std::string& with) {
    auto text = read("compose.yml");
    const auto at = text.find(what);
    QVERIFY2(at != std::string::npos, what.c_str());
    write("compose.yml", text.replace(at, what.size(), with));
  }

  void build(const std::string& reference, const std::string& content,
             const std::vector<std::string>& more = {}) {
    std::vector<std::string> changes = {"ENTRYPOINT [\"/program\"]",
                                        "CMD [\"wait\"]",
                                        "ENV FROM_IMAGE=yes",
                                        "LABEL of.image=1",
                                        "VOLUME /data",
                                        "EXPOSE 9000",
                                        "HEALTHCHECK --interval=5s CMD [\"/program\",\"exit\",\"0\"]"};
    changes.insert(changes.end(), more.begin(), more.end());
    QCOMPARE(m_rig->makeImage(reference, content, changes), QString());
  }

  // Subnets that others on this machine hardly have.
  std::string subnet(int which) const {
    return "10.212." + std::to_string((::getpid() * 4 + m_number * 2 + which) % 250) + ".0/24";
  }
  std::string fileOf(const std::string& image) const {
    return R"(version: "2.4"
services:
  web:
    image: )" +
           image + R"(
    command: ["no-env", "MODE=broken", "no-env", "QUALITY=bad", "no-file", "/etc/web.conf=broken", "wait"]
    environment: { PASSWORD: "s$$cret", MODE: fast, EMPTY: "" }
    expose: ["9001"]
    volumes: ["./web.conf:/etc/web.conf:ro", "cache:/cache", "/scratch"]
    networks: { front: { aliases: [www] }, back: {} }
    restart: unless-stopped
    stop_grace_period: 3s
    labels: { team: "a" }
    mem_limit: 64m
    cap_add: [NET_ADMIN]
    healthcheck: { test: ["CMD", "/program", "exit", "0"], interval: 1s, timeout: 1s, retries: 2 }
    extra_hosts: ["other:10.1.2.3"]
    ulimits: { nofile: { soft: 1000, hard: 2000 } }
    logging: { driver: json-file, options: { max-size: "1m" } }
    tmpfs: ["/tmpfs"]
    sysctls: { net.core.somaxconn: "1024" }
    depends_on: [store]
  store:
    image: )" +
           image + R"(
    networks: [back]
networks:
  front: { ipam: { config: [ { subnet: )" +
           subnet(0) + R"( } ] } }
  back: { ipam: { config: [ { subnet: )" +
           subnet(1) + R"( } ] } }
volumes: { cache: {} }
)";
  }

  QProcessEnvironment environment() const {
    auto environment = QProcessEnvironment::systemEnvironment();
    const auto set = [&](const char* name, const QString& value) {
      environment.insert(QString::fromLatin1(name), value);
    };
    set("DOCKER_HOST", QStringLiteral("unix://") + QString::fromStdString(m_rig->endpoint().socket));
    set("DOCKER_CONFIG", m_rig->folder());
    for (const char* name : {"XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"})
      set(name, m_folder->filePath(QStringLiteral("state")));
    return environment;
  }
  Run run(const QString& program, const QStringList& words) const {
    QProcess process;
    process.setProcessEnvironment(environment());
    process.setWorkingDirectory(m_folder->path());
    process.start(program, words);
    process.waitForFinished(90000);
    Run run{process.exitCode(),
            process.readAllStandardOutput().toStdString(),
            process.readAllStandardError().toStdString(),
            {}};
    const auto end = run.out.find_last_not_of('\n');
    const auto begin = end == std::string::npos ? end : run.out.rfind('\n', end);
    run.json = parseJson(run.out.substr(begin == std::string::npos ? 0 : begin + 1)).value_or(Json());
    return run;
  }
  Run compose(QStringList words) const {
    return run(QStringLiteral("docker-compose"),
               QStringList{QStringLiteral("-p"), QString::fromStdString(project()), QStringLiteral("-f"),
                           QStringLiteral("compose.yml")} +
                   words);
  }
  bool up() const {
    const auto made = compose({QStringLiteral("up"), QStringLiteral("-d")});
    if (made.exitCode != 0)
      qWarning("%s", made.toString().c_str());
    return made.exitCode == 0;
  }
  Run control(const std::vector<const char*>& words) const { return controlOf(project(), words); }
  Run controlOf(const std::string& named, const std::vector<const char*>& words) const {
    QStringList all;
    for (const char* word : words)
      all += QString::fromLatin1(word);
    all += {QStringLiteral("--runtime"),   QStringLiteral("docker"), QStringLiteral("-p"),
            QString::fromStdString(named), QStringLiteral("-f"),     QStringLiteral("compose.yml"),
            QStringLiteral("--output"),    QStringLiteral("json")};
    return run(QStringLiteral(RATDECKCTL), all);
  }

  static std::string fieldsIn(const Run& plan) {
    std::string text;
    for (const Json& change : memberAt(plan.json, "changes")) {
      text += (text.empty() ? "" : "; ") + textAt(change, "service") + ":";
      for (const Json& field : memberAt(change, "fields"))
        text += " " + field.get<std::string>();
    }
    return text;
  }
  static std::string codesIn(const Run& plan) {
    std::string text;
    for (const Json& problem : memberAt(plan.json, "problems"))
      text += textAt(problem, "code") + " ";
    return text;
  }

  Json inspect(const std::string& service, int number) const {
    for (const std::string separator : {"_", "-"}) {
      const auto name = project() + separator + service + separator + std::to_string(number);
      const auto answer = m_rig->raw("GET", "/containers/" + name + "/json");
      if (answer && answer->status == 200)
        return *parseJson(answer->body);
    }
    return Json();
  }
  static std::string volumeAt(const Json& inspected, const std::string& path) {
    for (const Json& mount : inspected.at("Mounts"))
      if (textAt(mount, "Destination") == path)
        return textAt(mount, "Name");
    return "no volume at " + path;
  }
  QString namesOfContainers() const {
    const auto list = m_rig->raw("GET", "/containers/json?all=true");
    return list ? QString::fromStdString(list->body) : QString();
  }

  // Makes a container of the body, does not start it, and removes it again.
  std::string differenceOfMade(const Json& before, const Json& body) const {
    // Below API 1.44 a create takes one network.
    Json first = body;
    Json& endpoints = first["NetworkingConfig"]["EndpointsConfig"];
    const auto main = textAt(body["HostConfig"], "NetworkMode");
    const Json others = endpoints;
    endpoints = {{main, others[main]}};
    const auto made = m_rig->raw("POST", "/containers/create?name=made-again", dumpJson(first));
    if (!made || made->status != 201)
      return "not made: " + (made ? made->body : made.error().message);
    for (const auto& [network, endpoint] : others.items())
      if (network != main)
        m_rig->raw("POST", "/networks/" + network + "/connect",
                   dumpJson({{"Container", "made-again"}, {"EndpointConfig", endpoint}}));
    auto after = *parseJson(m_rig->raw("GET", "/containers/made-again/json")->body);
    m_rig->raw("DELETE", "/containers/made-again?v=true");
    auto then = comparable(before), now = comparable(after);
    for (Json* side : {&then, &now}) // these volumes are new ones
      for (const char* path : {"/data", "/scratch"})
        (*side)["Mounts"].erase(path);
    return difference(then, now);
  }

  std::unique_ptr<DockerRig> m_rig;
  std::unique_ptr<QTemporaryDir> m_folder;
  std::string m_registry, m_image;
  int m_number = 0;
};

QTEST_GUILESS_MAIN(TestDockerAdoption)
#include "tst_docker_adoption.moc"
