// The same Compose file, brought up by docker-compose 1.29 and by our translation, on one engine one after
// the other: what the engine then says of the containers, networks and volumes must be the same, field by
// field.
#include "core/remote/docker/docker_client.h"
#include "core/runtime/docker/container_request.h"
#include "core/runtime/docker/copy_labels.h"
#include "core/runtime/docker/stack_preparation.h"
#include "core/spec/compose/loader.h"
#include "tests/e2e/docker/docker_rig.h"

#include <QDir>
#include <QFile>
#include <QProcessEnvironment>
#include <QRegularExpression>
#include <QStandardPaths>

#include <algorithm>
#include <curl/curl.h>

using namespace ratdeck;

namespace {

constexpr const char* neverStarted = "mighty";
const QString project = QStringLiteral("shop");

// A field that may differ, and why.
struct Allowed {
  const char* pattern; // of the whole path
  const char* why;
};

constexpr Allowed allowed[] = {
    {"/(Id|Created|Name|LogPath|ResolvConfPath|HostnamePath|HostsPath)", "each container has its own"},
    {"/(State|GraphDriver)/.*", "each container has its own"},
    {"/NetworkSettings/(SandboxID|SandboxKey|EndpointID)", "each container has its own"},
    {"/NetworkSettings/Networks/[^/]*/(EndpointID|NetworkID)", "each network has its own"},
    {"/NetworkSettings/Networks/(shop_default|shop-inner)/(IPAddress|MacAddress)",
     "given out in the order of the starts"},
    {"/Config/Labels/com.docker.compose.(version|config-hash|project.working_dir|project.config_files)",
     "docker-compose's record of itself"},
    {"/Config/Labels/ratdeck\\..*", "ours"},
    {"/Config/Volumes/.*", "docker-compose names the targets of its mounts here again"},
    {"/HostConfig/(Binds|Mounts)/.*", "two ways to ask for a mount; what came of them is in /Mounts"},
    {"/Mounts/[^/]*/Mode", "tells the two ways apart"},
    {"/NetworkSettings/Networks/[^/]*/Links/.*", "ours follow the service, theirs one container of it"},
    {"/NetworkSettings/Ports/9090/tcp/0/HostPort", "any free port"},
    // Networks and volumes.
    {"/CreatedAt|/Containers/.*", "each has its own"},
    {"/Labels/com.docker.compose.version", "docker-compose's record of itself"},
    {"/Labels/com.docker.compose.(network|volume)",
     "where `name:` is set, Compose 1 writes that, Compose 2 the key, and insists on it"},
    {"/Attachable", "docker-compose 1 sets it always; to a bridge it says nothing"},
};

// What stands in no order is put into one.
Json withoutOrder(const std::string& path, Json value, const std::string& name) {
  if (path == "/Mounts") {
    Json byTarget = Json::object();
    for (const auto& mount : value)
      byTarget[textAt(mount, "Destination").substr(1)] = mount;
    return byTarget;
  }
  if (path.ends_with("/Ulimits"))
    std::sort(value.begin(), value.end());
  if (path.ends_with("/Aliases") && value.is_array()) {
    std::erase(value.get_ref<Json::array_t&>(), Json(name)); // it has its own name anyway
    std::sort(value.begin(), value.end());
  }
  return value;
}

void flatten(const Json& value, const std::string& path, const std::string& name,
             QMap<QString, QString>& lines) {
  const auto ordered = withoutOrder(path, value, name);
  if (ordered.is_structured()) { // an empty one is as good as none
    for (const auto& [key, member] : ordered.items())
      flatten(member, path + "/" + key, name, lines);
    return;
  }
  if (!ordered.is_null() && ordered != "" && ordered != false && ordered != 0)
    lines[QString::fromStdString(path)] = QString::fromStdString(ordered.dump());
}

QMap<QString, QString> linesOf(const Json& inspected) {
  QMap<QString, QString> lines;
  flatten(inspected, {}, textAt(inspected, "Name").substr(1), lines);
  return lines;
}

bool isAllowed(const QString& path) {
  return std::any_of(std::begin(allowed), std::end(allowed), [&](const Allowed& field) {
    static QMap<QString, QRegularExpression> patterns;
    auto& pattern = patterns[QString::fromLatin1(field.pattern)];
    pattern.setPattern(QRegularExpression::anchoredPattern(QString::fromLatin1(field.pattern)));
    return pattern.match(path).hasMatch();
  });
}

// "PATH: THEIRS, ours OURS" of each field that differs and may not.
QStringList differences(const Json& theirs, const Json& ours) {
  const auto left = linesOf(theirs), right = linesOf(ours);
  QStringList found;
  for (const auto& path : left.keys() + right.keys())
    if (left.value(path) != right.value(path) && !isAllowed(path))
      found += QStringLiteral("%1: %2, ours %3").arg(path, left.value(path), right.value(path));
  found.removeDuplicates();
  return found;
}

} // namespace

class TestEngineTranslation : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void initTestCase() {
    if (const auto why = whyNot(); !why.isEmpty())
      QSKIP(qPrintable(why));
    curl_global_init(CURL_GLOBAL_DEFAULT);
    m_rig = std::make_unique<DockerRig>();
    const auto trouble = m_rig->start();
    QVERIFY2(trouble.isEmpty(), qPrintable(trouble));
    QCOMPARE(m_rig->makeImage("program:1"), QString());
    m_docker = std::make_unique<DockerClient>(m_rig->endpoint());
    makeProject();
    QVERIFY(compose(QStringList{QStringLiteral("up"), QStringLiteral("-d")} + startedServices()).has_value());
    QVERIFY(compose({QStringLiteral("up"), QStringLiteral("--no-start"), QString::fromLatin1(neverStarted)})
                .has_value());
    readAll(m_theirs, QStringLiteral("shop_%1_1"));
    readResources(m_theirResources);
    QVERIFY(compose({QStringLiteral("down"), QStringLiteral("-v")}).has_value());
    bringUpOurs();
    readAll(m_ours, QStringLiteral("shop-%1-1"));
    readResources(m_ourResources);
  }

  void cleanupTestCase() {
    m_docker.reset();
    if (m_rig)
      compose({QStringLiteral("down"), QStringLiteral("-v")});
    m_rig.reset();
  }

  void aContainerIsWhatDockerComposeMakes_data() {
    QTest::addColumn<QString>("service");
    for (const auto& [name, service] : m_stack.services)
      QTest::newRow(name.c_str()) << QString::fromStdString(name);
  }

  void aNetworkOrVolumeIsWhatDockerComposeMakes_data() {
    QTest::addColumn<QString>("path");
    for (const auto& path : m_theirResources.keys())
      QTest::newRow(qPrintable(path)) << path;
  }

  void aNetworkOrVolumeIsWhatDockerComposeMakes() {
    QFETCH(QString, path);
    verifySame(m_theirResources.value(path), m_ourResources.value(path));
  }

  void aContainerIsWhatDockerComposeMakes() {
    QFETCH(QString, service);
    verifySame(m_theirs.value(service), m_ours.value(service));
  }

  // The control: one key that the translation would have forgotten.
  void aKeyThatIsForgottenIsSeen() {
    auto request = requestOf("limited", {});
    QVERIFY_VALUE(request);
    request->body["HostConfig"].erase("CpuShares");
    QVERIFY_VALUE(await<DockerCreated>(
        [&](auto done) { m_docker->containers.create("shop-forgetful-1", request->body, done); }));
    const auto forgetful = inspect("/containers/shop-forgetful-1/json");
    QVERIFY_VALUE(
        await<Done>([&](auto done) { m_docker->containers.remove("shop-forgetful-1", true, done); }));
    auto all = m_ours;
    all[QStringLiteral("limited")] = forgetful;
    QCOMPARE(
        differences(m_theirs.value(QStringLiteral("limited")), named(forgetful, all)).join(QLatin1Char('|')),
        QStringLiteral("/HostConfig/CpuShares: 73, ours "));
  }

  void aLinkLeadsToTheService() {
    const auto resolved = [&](const char* name) {
      const auto asked = await<DockerExecResult>([&](auto done) {
        m_docker->execs.run("shop-web-1", {{"/program", "resolve", name}, "", 10s, 100}, done);
      });
      return QString::fromStdString(asked ? asked->output : asked.error().toString()).trimmed();
    };
    QVERIFY2(resolved("db").startsWith(QLatin1String("10.214.32.")), qPrintable(resolved("db")));
    QCOMPARE(resolved("database"), resolved("db"));
    QCOMPARE(resolved("nobody"), QStringLiteral("unknown")); // the control
  }

  void dockerComposeSeesOurCopies() {
    const auto list = compose({QStringLiteral("ps")});
    QVERIFY(list.has_value());
    for (const auto& service : startedServices())
      QVERIFY2(list->contains("shop-" + service.toUtf8() + "-1"), list->constData());
    const auto logs = compose({QStringLiteral("logs"), QStringLiteral("web")});
    QVERIFY(logs.has_value());
    QVERIFY2(logs->contains("hello $world"), logs->constData());
  }

  // What docker-compose 1.29 does not know.
  void contentIsInTheContainerBeforeItStarts() {
    compose::LoadRequest load;
    const auto file = m_folder + QStringLiteral("/content.yml");
    write(file,
          "services:\n  content:\n    image: program:1\n    entrypoint: [/program]\n    command: [wait]\n"
          "    network_mode: none\n    user: '7:8'\n"
          "    secrets: [{source: s, uid: '7', gid: '8', mode: 0400}]\n"
          "    configs: [c, {source: c, target: /etc/deep/er/c.conf}]\n"
          "secrets: {s: {environment: TOKEN}}\nconfigs: {c: {content: 'a=1'}}\n");
    load.files = {file.toStdString()};
    load.projectName = project.toStdString();
    load.environment["TOKEN"] = "s3cret";
    const auto loaded = compose::load(load);
    QVERIFY_VALUE(loaded);
    const auto& service = loaded->stack.services.at("content");
    const auto request =
        containerRequest(service, loaded->stack, {InstanceId("shop-content-1"), 1, 7, {}, ""});
    QVERIFY_VALUE(request);
    bringUp(*request);
    const auto at = [&](const char* path) {
      const auto found =
          await<DockerFile>([&](auto done) { m_docker->files.read("shop-content-1", path, done); });
      return found ? QStringLiteral("%1 %2 %3:%4")
                         .arg(QString::fromStdString(found->content.reveal()))
                         .arg(found->mode, 0, 8)
                         .arg(found->user)
                         .arg(found->group)
                   : QString::fromStdString(found.error().toString());
    };
    QCOMPARE(at("/run/secrets/s"), QStringLiteral("s3cret 400 7:8"));
    QCOMPARE(at("/c"), QStringLiteral("a=1 444 0:0"));
    QCOMPARE(at("/etc/deep/er/c.conf"), QStringLiteral("a=1 444 0:0"));
  }

private:
  static QString whyNot() {
    if (QStandardPaths::findExecutable(QStringLiteral("docker-compose")).isEmpty())
      return QStringLiteral("docker-compose is not installed");
    const auto version =
        runTool(QStringLiteral("docker-compose"), {QStringLiteral("version"), QStringLiteral("--short")});
    if (!version || !version->startsWith("1."))
      return QStringLiteral("docker-compose is not Debian's, of version 1");
    return DockerRig::whyNot();
  }

  static void verifySame(const Json& theirs, const Json& ours) {
    const auto found = differences(theirs, ours);
    for (const auto& difference : found)
      qWarning("%s", qPrintable(difference));
    QCOMPARE(found.size(), 0);
  }

  static void write(const QString& path, const QByteArray& text) {
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text) == text.size());
  }

  void makeProject() {
    const QDir folder(m_rig->folder());
    QVERIFY(folder.mkpath(QStringLiteral("shop/files")));
    m_folder = folder.filePath(QStringLiteral("shop"));
    QVERIFY(QFile::copy(QStringLiteral(WIDE_FILE), m_folder + QStringLiteral("/docker-compose.yml")));
    write(m_folder + QStringLiteral("/token"), "secret");
    compose::LoadRequest request;
    request.files = {(m_folder + QStringLiteral("/docker-compose.yml")).toStdString()};
    request.projectName = project.toStdString();
    request.workingDirectory = m_folder.toStdString();
    auto loaded = compose::load(request);
    QVERIFY_VALUE(loaded);
    m_stack = loaded->stack;
  }

  QStringList startedServices() const {
    QStringList names;
    for (const auto& [name, service] : m_stack.services)
      if (name != neverStarted)
        names += QString::fromStdString(name);
    return names;
  }

  std::optional<QByteArray> compose(const QStringList& words) {
    QProcess process;
    bindToOurLife(process);
    auto environment = QProcessEnvironment::systemEnvironment();
    for (const auto& name : environment.keys())
      if (name.startsWith(QLatin1String("COMPOSE_")) || name.startsWith(QLatin1String("DOCKER_")))
        environment.remove(name);
    environment.insert(QStringLiteral("DOCKER_HOST"),
                       QString::fromStdString("unix://" + m_rig->endpoint().socket));
    process.setProcessEnvironment(environment);
    process.setWorkingDirectory(m_folder);
    process.start(QStringLiteral("docker-compose"), QStringList{QStringLiteral("-p"), project} + words);
    const bool isFine = process.waitForFinished(90000) && process.exitCode() == 0;
    const auto said = process.readAllStandardError();
    if (isFine)
      return process.readAllStandardOutput();
    qWarning("docker-compose %s: %s", qPrintable(words.join(QLatin1Char(' '))), said.constData());
    return std::nullopt;
  }

  void bringUpOurs() {
    const auto resources = stackResources(m_stack);
    QVERIFY_VALUE(resources);
    StackPreparation preparation(m_docker->connection);
    QVERIFY_VALUE(await<Done>([&](auto done) { preparation.run(*resources, done); }));
    std::map<std::string, std::string> containers;
    for (const char* name : {"db", "host", "limited", "mighty", "plain", "quota", "side", "web"}) {
      const auto request = requestOf(name, containers);
      QVERIFY_VALUE(request);
      containers[name] = bringUp(*request);
    }
  }

  Result<ContainerRequest> requestOf(const std::string& service,
                                     const std::map<std::string, std::string>& containers) const {
    ContainerOptions options;
    options.apiMinor = m_docker->connection.apiMinor();
    options.containers = containers;
    const CopyIdentity copy{InstanceId("shop-" + service + "-1"), 1, 7, RolloutId("20260101-000000-abcd"),
                            "5bec"};
    return containerRequest(m_stack.services.at(service), m_stack, copy, options);
  }

  // The container's id.
  std::string bringUp(const ContainerRequest& request) {
    const auto id = create(request);
    const auto& labels = memberAt(request.body, "Labels");
    if (!id.empty() && textAt(labels, copy_labels::service) != neverStarted)
      isFine(await<Done>([&](auto done) { m_docker->containers.start(id, done); }));
    return id;
  }

  std::string create(const ContainerRequest& request) {
    const auto made = await<DockerCreated>(
        [&](auto done) { m_docker->containers.create(request.name, request.body, done, request.platform); });
    if (!isFine(made))
      return {};
    for (const auto& network : request.networks)
      isFine(await<Done>(
          [&](auto done) { m_docker->networks.connect(network.network, made->id, network.endpoint, done); }));
    for (const auto& file : request.files)
      isFine(await<Done>([&](auto done) { m_docker->files.place(made->id, file.path, file.file, done); }));
    return made->id;
  }

  template <class T>
  static bool isFine(const Result<T>& result) {
    return QTest::qVerify(result.has_value(), "the call", qPrintable(problemOf(result)), __FILE__, __LINE__);
  }

  Json inspect(const std::string& path) {
    const auto answer = m_rig->raw("GET", path);
    const auto json = answer && answer->status == 200 ? parseJson(answer->body) : Result<Json>(Json());
    QTest::qVerify(json && json->is_object(), path.c_str(), answer ? answer->body.c_str() : "", __FILE__,
                   __LINE__);
    return json.value_or(Json());
  }

  // What the engine says of each service's container, with names for the ids of all of them.
  void readAll(QMap<QString, Json>& found, const QString& nameOf) {
    for (const auto& [name, service] : m_stack.services) {
      const auto key = QString::fromStdString(name);
      found[key] = inspect("/containers/" + nameOf.arg(key).toStdString() + "/json");
    }
    for (const auto all = found; auto& container : found)
      container = named(container, all);
  }

  void readResources(QMap<QString, Json>& found) {
    for (const char* path : {"/networks/shop_default", "/networks/shop_front", "/networks/shop-inner",
                             "/volumes/shop_data", "/volumes/everybodys"})
      found[QString::fromLatin1(path)] = inspect(path);
  }

  static Json named(const Json& container, const QMap<QString, Json>& all) {
    auto text = QString::fromStdString(container.dump());
    for (auto it = all.begin(); it != all.end(); ++it) {
      const auto id = QString::fromStdString(textAt(it.value(), "Id"));
      if (!id.isEmpty())
        text.replace(id, QStringLiteral("id of ") + it.key())
            .replace(id.left(12), QStringLiteral("short id of ") + it.key());
    }
    static const auto anonymous =
        QRegularExpression(QStringLiteral("\"Source\":\"[^\"]*/([0-9a-f]{64})/_data\""));
    for (auto match = anonymous.globalMatch(text); match.hasNext();)
      text.replace(match.next().captured(1), QStringLiteral("anonymous"));
    return Json::parse(text.toStdString());
  }

  std::unique_ptr<DockerRig> m_rig;
  std::unique_ptr<DockerClient> m_docker;
  QString m_folder;
  StackSpec m_stack;
  QMap<QString, Json> m_theirs, m_ours;                 // containers by service
  QMap<QString, Json> m_theirResources, m_ourResources; // networks and volumes by their paths in the API
};

QTEST_GUILESS_MAIN(TestEngineTranslation)
#include "tst_engine_translation.moc"
