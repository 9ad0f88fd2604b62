#include "tests/bench/docker/way.h"

#include <unistd.h>

namespace ratdeck {

namespace {

const std::string servedPort = ':' + std::to_string(WebRig::port);

QStringList wordsOf(const char* line) {
  return QString::fromLatin1(line).split(QLatin1Char(' '));
}

QString problemOf(const CliResult& result) {
  return result.exitCode == 0 ? QString() : QString::fromStdString(result.toString());
}

QString imageOf(const QString& version) {
  return QString::fromLatin1(WebRig::repository) + QLatin1Char(':') + version;
}

QString problemOfFront(bool answers) {
  return answers ? QString() : QStringLiteral("version 1.0.0 does not answer through its router");
}

} // namespace

QString RatdeckWay::up() {
  if (auto problem = problemOf(roll(QStringLiteral("1.0.0"))); !problem.isEmpty())
    return problem;
  return problemOfFront(m_rig.waitForAnswer(address()));
}

std::string RatdeckWay::address() {
  const std::string name = WebRig::project;
  return m_rig.addressOf(name + "-router-1", name + "_ratdeck") + servedPort;
}

CliResult RatdeckWay::roll(const QString& version) {
  return m_rig.run(wordsOf("deploy --yes --output json"), version);
}

// Docker calls the bridge that all copies get docker_gwbridge on the machine too, unless it is there already.
QString SwarmWay::makeGateway() {
  constexpr const char* name = "docker_gwbridge";
  const Json options = {{"com.docker.network.bridge.name", "rdgw" + std::to_string(::getpid() % 100000)},
                        {"com.docker.network.bridge.enable_ip_masquerade", "false"}};
  const bool isThere = m_rig.hasNetwork(name) || !m_rig.engine().makeNetwork(name, options).empty();
  return isThere ? QString() : QStringLiteral("no bridge for the swarm");
}

QString SwarmWay::up() {
  if (auto problem = makeGateway(); !problem.isEmpty())
    return problem;
  const auto front = m_rig.writeFront(QStringLiteral("tasks.web"));
  const QStringList health = {
      QStringLiteral("--health-cmd"),      QStringLiteral("wget -q http://localhost:8080/health"),
      QStringLiteral("--health-interval"), QStringLiteral("1s"),
      QStringLiteral("--health-timeout"),  QStringLiteral("1s"),
      QStringLiteral("--health-retries"),  QStringLiteral("3")};
  for (const QStringList& words :
       {wordsOf("swarm init --advertise-addr 127.0.0.1 --listen-addr 127.0.0.1:0"),
        wordsOf("network create --driver overlay --attachable rdbench_web"),
        wordsOf("service create --detach --quiet --no-resolve-image --name web --network rdbench_web "
                "--endpoint-mode dnsrr") +
            health + QStringList{imageOf(QStringLiteral("1.0.0"))},
        wordsOf("run --detach --name front --network rdbench_web --volume") +
            QStringList{front + QStringLiteral(":/usr/local/etc/haproxy/haproxy.cfg:ro"),
                        QStringLiteral("haproxy:2.6-alpine")}})
    if (auto problem = problemOf(m_rig.docker(words)); !problem.isEmpty())
      return problem;
  return problemOfFront(m_rig.waitForAnswer(address()));
}

std::string SwarmWay::address() {
  return m_rig.gatewayAddressOf("front") + servedPort;
}

CliResult SwarmWay::roll(const QString& version) {
  return m_rig.docker(wordsOf("service update --quiet --no-resolve-image --update-order start-first "
                              "--update-failure-action rollback --image") +
                      QStringList{imageOf(version), QStringLiteral("web")});
}

void SwarmWay::down() {
  m_rig.docker(wordsOf("service rm web"));
  Way::down();
  m_rig.docker(wordsOf("swarm leave --force"));
}

CliResult ComposeWay::compose(const QStringList& words, const QString& version) {
  const QStringList project = {QStringLiteral("-p"), QStringLiteral("rdbenchcompose"),
                               QStringLiteral("-f"), WebRig::source("web.yml"),
                               QStringLiteral("-f"), WebRig::source("front.yml")};
  return m_rig.tool(QStringLiteral("docker-compose"), project + words, version);
}

QString ComposeWay::up() {
  m_rig.writeFront(QStringLiteral("web"));
  if (auto problem = problemOf(compose(wordsOf("up -d"), QStringLiteral("1.0.0"))); !problem.isEmpty())
    return problem;
  return problemOfFront(m_rig.waitForAnswer(address()));
}

std::string ComposeWay::address() {
  return m_rig.addressOf("rdbenchcompose_router_1", "rdbenchcompose_default") + servedPort;
}

// The second command of the recipe brings it back to one copy.
CliResult ComposeWay::roll(const QString& version) {
  if (m_scales) {
    auto scaled = compose(wordsOf("up -d --no-deps --scale web=2 web"), version);
    if (scaled.exitCode != 0 || !m_rig.waitUntilHealthy(version.toStdString(), 2))
      return scaled;
  }
  return compose(wordsOf("up -d --no-deps web"), version);
}

} // namespace ratdeck
