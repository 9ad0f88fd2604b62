#include "tests/e2e/docker/stack_rig.h"

#include <QDirIterator>
#include <QFile>
#include <QTcpServer>
#include <QUrl>

#include <algorithm>

namespace ratdeck {

namespace {

constexpr int upMilliseconds = 180000;

DockerRig::Options withPorts(DockerRig::Options options) {
  options.userlandProxy = true; // ports are published without rules in the machine's tables
  return options;
}

std::uint16_t freePort() {
  QTcpServer server;
  return server.listen(QHostAddress::LocalHost) ? server.serverPort() : 0;
}

LoadTargets targetsAt(const std::string& portal, const std::string& ratd, const std::string& ledger) {
  return {portal, ratd, ledger};
}

SeenContainer seenFrom(const Json& container) {
  SeenContainer seen;
  seen.id = textAt(container, "Id");
  for (const Json& name : memberAt(container, "Names"))
    seen.name = name.get<std::string>().substr(1);
  seen.service = textAt(memberAt(container, "Labels"), "com.docker.compose.service");
  seen.image = textAt(container, "Image");
  seen.state = textAt(container, "State");
  for (const auto& [name, network] : memberAt(memberAt(container, "NetworkSettings"), "Networks").items())
    seen.addresses[name] = textAt(network, "IPAddress");
  return seen;
}

} // namespace

StackRig::StackRig(const QString& project, DockerRig::Options engine, const QString& overlay)
    : m_project(project), m_overlay(overlay), m_engine(withPorts(engine)), m_images(m_engine) {
  m_socket = QString::fromStdString(m_engine.endpoint().socket);
  m_portalPort = freePort();
  m_ratdPort = freePort();
}

StackRig::~StackRig() = default;

QProcessEnvironment StackRig::environment(const QString& version) const {
  auto environment = CtlRig::environment(version);
  environment.remove(QStringLiteral("DOCKER_CONTEXT"));
  environment.insert(QStringLiteral("DOCKER_HOST"), QStringLiteral("unix://") + m_socket);
  environment.insert(QStringLiteral("PORTAL_PORT"), QStringLiteral("127.0.0.1:%1").arg(m_portalPort));
  environment.insert(QStringLiteral("RATD_PORT"), QStringLiteral("127.0.0.1:%1").arg(m_ratdPort));
  return environment;
}

QStringList StackRig::completed(const QStringList& arguments) const {
  QStringList words = arguments;
  words << QStringLiteral("--runtime") << QStringLiteral("docker") << QStringLiteral("-p") << m_project;
  for (const QString& file : files())
    words << QStringLiteral("-f") << file;
  return words;
}

QStringList StackRig::files() const {
  QStringList files = shippedFiles() << QStringLiteral(STACK_FOLDER "/stack.yml");
  if (!m_overlay.isEmpty())
    files << QStringLiteral(STACK_FOLDER "/") + m_overlay;
  return files + m_more;
}

QString StackRig::start() {
  if (auto problem = m_engine.start(); !problem.isEmpty())
    return problem;
  return m_images.makeStack();
}

QStringList StackRig::deployWords(const QString& service) {
  QStringList words = {QStringLiteral("deploy"), QStringLiteral("--yes"), QStringLiteral("--output"),
                       QStringLiteral("json")};
  if (!service.isEmpty())
    words << QStringLiteral("--service") << service;
  return words;
}

QString StackRig::startAndBringUp() {
  if (const auto problem = start(); !problem.isEmpty())
    return problem;
  const auto brought = up();
  return brought.exitCode == 0 ? QString() : QString::fromStdString(brought.toString());
}

CliResult StackRig::up() {
  return run(deployWords({}), QStringLiteral("1.0.0"), upMilliseconds);
}

CliResult StackRig::deploy(const QString& service, const QString& version, int timeoutMs) {
  return run(deployWords(service), version, timeoutMs);
}

std::string StackRig::routerSocket() const {
  QDirIterator found(folder() + QStringLiteral("/ratdeck/docker"), {QStringLiteral("haproxy.sock")},
                     QDir::System | QDir::Files, QDirIterator::Subdirectories);
  return found.hasNext() ? found.next().toStdString() : std::string();
}

Result<RouterCounts> StackRig::routerCounts() const {
  return readRouterCounts(routerSocket());
}

bool StackRig::waitForRequests(long long count, int timeoutMs) {
  const auto answered = [this] {
    const auto counts = routerCounts();
    return counts ? counts->requests : -1;
  };
  const auto before = answered();
  return before >= 0 && QTest::qWaitFor([&] { return answered() >= before + count; }, timeoutMs);
}

LoadTargets StackRig::targets() {
  const auto address = running("router").addresses[m_project.toStdString() + "_ratdeck"];
  return targetsAt(address + ":3000", address + ":8080", address + ":5432");
}

LoadTargets StackRig::publishedTargets() const {
  return targetsAt("127.0.0.1:" + std::to_string(m_portalPort), "127.0.0.1:" + std::to_string(m_ratdPort),
                   {});
}

QString StackRig::startLoad(int rate) {
  if (auto problem = m_load.start(targets(), rate); !problem.isEmpty())
    return problem;
  return waitForRequests(rate / 4) ? QString() : QStringLiteral("the router answers no requests");
}

std::optional<QByteArray> StackRig::dockerCompose(const QStringList& words) const {
  QFile file(folder() + QStringLiteral("/names.yml"));
  if (!file.open(QIODevice::WriteOnly))
    return std::nullopt;
  file.write("version: '3'\nservices:\n");
  for (const std::string& service : StandInImages::applications())
    file.write("  " + QByteArray::fromStdString(service) + ": { image: any }\n");
  file.close();
  return runTool(QStringLiteral("docker-compose"),
                 QStringList{QStringLiteral("-H"), QStringLiteral("unix://") + m_socket, QStringLiteral("-p"),
                             m_project, QStringLiteral("-f"), file.fileName()} +
                     words);
}

std::vector<SeenContainer> StackRig::containers() {
  const Json filters = {{"label", {"com.docker.compose.project=" + m_project.toStdString()}}};
  const auto query = QUrl::toPercentEncoding(QString::fromStdString(dumpJson(filters))).toStdString();
  const auto list = m_engine.raw("GET", "/containers/json?all=true&filters=" + query);
  std::vector<SeenContainer> containers;
  if (list && list->status == 200)
    for (const Json& container : parseJson(list->body).value_or(Json::array()))
      containers.push_back(seenFrom(container));
  std::sort(containers.begin(), containers.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return containers;
}

std::vector<std::string> StackRig::inventory() {
  std::vector<std::string> lines;
  for (const SeenContainer& one : containers())
    lines.push_back(one.service + ' ' + one.image + ' ' + one.state);
  std::sort(lines.begin(), lines.end());
  return lines;
}

SeenContainer StackRig::running(const std::string& service) {
  for (const SeenContainer& one : containers())
    if (one.service == service && one.state == "running")
      return one;
  return {};
}

} // namespace ratdeck
