#include "tests/bench/docker/web_rig.h"

#include "core/remote/http/http_client.h"

#include <QFile>
#include <QUrl>

#include <algorithm>

namespace ratdeck {

namespace {

constexpr int toolMilliseconds = 120000;
constexpr int healthMilliseconds = 30000;
constexpr int answerMilliseconds = 20000;

} // namespace

WebRig::WebRig() : m_images(m_engine) {}

QString WebRig::source(const char* file) {
  return QStringLiteral(BENCH_FOLDER "/") + QString::fromLatin1(file);
}

QString WebRig::start() {
  if (auto problem = m_engine.start(); !problem.isEmpty())
    return problem;
  if (auto problem = m_images.makeBase(); !problem.isEmpty())
    return problem;
  const std::vector<std::string> pace = {"--start-ms",     "2000", "--work-ms",         "50",
                                         "--long-work-ms", "200",  "--long-work-every", "50"};
  for (const char* version : {"1.0.0", "2.0.0", badVersion}) {
    auto words = pace;
    if (version == badVersion)
      words.insert(words.end(), {"--fault", "never-healthy"});
    if (auto problem = m_images.makeGeneric(std::string(repository) + ':' + version, words);
        !problem.isEmpty())
      return problem;
  }
  return m_images.makeGeneric(longImage, {"--start-ms", "2000", "--work-ms", "200"});
}

QProcessEnvironment WebRig::environment(const QString& version) const {
  auto environment = CtlRig::environment(version);
  environment.remove(QStringLiteral("DOCKER_CONTEXT"));
  environment.insert(QStringLiteral("DOCKER_HOST"),
                     QStringLiteral("unix://") + QString::fromStdString(m_engine.endpoint().socket));
  environment.insert(QStringLiteral("FRONT_CONFIG"), frontPath());
  return environment;
}

QStringList WebRig::completed(const QStringList& arguments) const {
  return arguments + QStringList{QStringLiteral("--runtime"),  QStringLiteral("docker"), QStringLiteral("-p"),
                                 QString::fromLatin1(project), QStringLiteral("-f"),     source("web.yml")};
}

std::unique_ptr<QProcess> WebRig::beginTool(const QString& program, const QStringList& words,
                                            const QString& version) const {
  auto process = std::make_unique<QProcess>();
  bindToOurLife(*process);
  process->setProcessEnvironment(environment(version));
  process->setStandardInputFile(QProcess::nullDevice());
  process->start(program, words);
  return process;
}

CliResult WebRig::tool(const QString& program, const QStringList& words, const QString& version) {
  const auto process = beginTool(program, words, version);
  if (!QTest::qWaitFor([&] { return process->state() == QProcess::NotRunning; }, toolMilliseconds)) {
    process->kill();
    process->waitForFinished();
  }
  return resultOf(*process);
}

Json WebRig::inspect(const std::string& container) {
  const auto answer = m_engine.raw("GET", "/containers/" + container + "/json");
  return answer && answer->status == 200 ? parseJson(answer->body).value_or(Json()) : Json();
}

std::vector<std::string> WebRig::copiesOf(const std::string& version) {
  const Json filters = {{"ancestor", {std::string(repository) + ':' + version}}, {"status", {"running"}}};
  const auto query = QUrl::toPercentEncoding(QString::fromStdString(dumpJson(filters))).toStdString();
  const auto list = m_engine.raw("GET", "/containers/json?filters=" + query);
  std::vector<std::string> ids;
  if (list && list->status == 200)
    for (const Json& container : parseJson(list->body).value_or(Json::array()))
      ids.push_back(textAt(container, "Id"));
  return ids;
}

int WebRig::pidOf(const std::string& container) {
  return static_cast<int>(integerAt(memberAt(inspect(container), "State"), "Pid", 0));
}

std::string WebRig::addressOf(const std::string& container, const std::string& network) {
  const auto seen = inspect(container);
  const auto& networks = memberAt(memberAt(seen, "NetworkSettings"), "Networks");
  return textAt(memberAt(networks, network.c_str()), "IPAddress");
}

std::string WebRig::gatewayAddressOf(const std::string& name) {
  const auto answer = m_engine.raw("GET", "/networks/docker_gwbridge");
  const auto network = answer ? parseJson(answer->body).value_or(Json()) : Json();
  const auto& endpoint = memberAt(memberAt(network, "Containers"), textAt(inspect(name), "Id").c_str());
  const auto address = textAt(endpoint, "IPv4Address");
  return address.substr(0, address.find('/'));
}

bool WebRig::hasNetwork(const std::string& name) {
  const auto answer = m_engine.raw("GET", "/networks/" + name);
  return answer && answer->status == 200;
}

bool WebRig::waitUntilHealthy(const std::string& version, size_t count) {
  const auto isHealthy = [&](const std::string& id) {
    const auto seen = inspect(id);
    return textAt(memberAt(memberAt(seen, "State"), "Health"), "Status") == "healthy";
  };
  return QTest::qWaitFor(
      [&] {
        const auto copies = copiesOf(version);
        return copies.size() == count && std::all_of(copies.begin(), copies.end(), isHealthy);
      },
      healthMilliseconds);
}

bool WebRig::waitForAnswer(const std::string& address) {
  HttpClient http;
  HttpRequest request;
  request.url = "http://" + address + "/";
  request.timeout = std::chrono::seconds(2);
  return QTest::qWaitFor(
      [&] {
        const auto answer =
            await<HttpResponse>([&](Answer<HttpResponse> done) { http.send(request, std::move(done)); });
        return answer && answer->status == 200;
      },
      answerMilliseconds);
}

void WebRig::removeContainers() {
  if (const auto list = m_engine.raw("GET", "/containers/json?all=true"); list && list->status == 200)
    for (const Json& container : parseJson(list->body).value_or(Json::array()))
      m_engine.raw("DELETE", "/containers/" + textAt(container, "Id") + "?force=true&v=true");
}

QString WebRig::writeFront(const QString& name) {
  QFile from(source("front.cfg")), to(frontPath());
  if (!from.open(QIODevice::ReadOnly) || !to.open(QIODevice::WriteOnly))
    return {};
  to.write(from.readAll().replace("WEB:", name.toUtf8() + ':'));
  return frontPath();
}

} // namespace ratdeck
