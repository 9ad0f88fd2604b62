#include "tests/e2e/docker/docker_rig.h"

#include "core/base/json.h"
#include "core/remote/docker/docker_file.h"
#include "core/remote/docker/docker_image.h"
#include "core/remote/http/http_client.h"

#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QUrl>

#include <csignal>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ratdeck {

namespace {

constexpr int startMilliseconds = 20000;
constexpr int stopMilliseconds = 20000;
// bcrypt of DockerRig::registryPassword, as htpasswd -B writes it.
const QByteArray registryPasswordHash = "$2b$05$abcdefghijklmnopqrstuupx2xBUC4954936wVIjyyPHmUBFu0wCW";

bool writeText(const QString& path, const QByteArray& text) {
  QFile file(path);
  return file.open(QIODevice::WriteOnly) && file.write(text) == text.size();
}

QByteArray readText(const QString& path) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QString find(const QString& program) {
  return QStandardPaths::findExecutable(program, {QStringLiteral("/usr/sbin"), QStringLiteral("/usr/bin"),
                                                  QStringLiteral("/usr/local/sbin"),
                                                  QStringLiteral("/usr/local/bin")});
}

// What dockerd's log adds to an error.
QString endOf(const QByteArray& log) {
  return QString::fromUtf8(log.right(2000));
}

// What dockerd and containerd make outside the folders they are given, the inner ones first.
const QStringList commonPlaces = {
    QStringLiteral("/etc/docker/key.json"), QStringLiteral("/etc/docker"),
    QStringLiteral("/opt/containerd/bin"),  QStringLiteral("/opt/containerd/lib"),
    QStringLiteral("/opt/containerd"),      QStringLiteral("/run/containerd/s"),
    QStringLiteral("/run/containerd"),      QStringLiteral("/run/docker/plugins"),
    QStringLiteral("/run/docker")};

// A third octet that other rigs of this machine hardly have.
std::string subnetOf(std::size_t index) {
  return "10.213." + std::to_string((static_cast<std::size_t>(::getpid()) * 8 + index) % 250) + ".0/24";
}

} // namespace

void bindToOurLife(QProcess& process) {
  process.setChildProcessModifier([] { ::prctl(PR_SET_PDEATHSIG, SIGTERM); });
}

std::optional<QByteArray> runTool(const QString& program, const QStringList& arguments) {
  QProcess process;
  process.start(program, arguments);
  process.waitForFinished(30000);
  if (process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0)
    return process.readAllStandardOutput();
  qWarning("%s %s: %s", qPrintable(program), qPrintable(arguments.join(QLatin1Char(' '))),
           process.readAllStandardError().constData());
  return std::nullopt;
}

QString DockerRig::whyNot(const QStringList& programs) {
  if (::geteuid() != 0)
    return QStringLiteral("not root, so there is no Docker Engine of the test's own");
  for (const QString& program :
       QStringList{QStringLiteral("dockerd"), QStringLiteral("docker-registry")} + programs)
    if (find(program).isEmpty())
      return program + QStringLiteral(" is not installed");
  return {};
}

DockerRig::DockerRig(Options options)
    : m_options(options), m_folder(QDir::tempPath() + QStringLiteral("/ratdeck-docker-XXXXXX")) {
  bindToOurLife(m_engine);
  bindToOurLife(m_registry);
  for (const QString& place : commonPlaces)
    if (!QFileInfo::exists(place))
      m_madePlaces += place;
  writeText(m_folder.filePath(QStringLiteral("daemon.json")), "{}");
  if (m_options.dataMegabytes > 0) {
    QDir().mkpath(m_folder.filePath(QStringLiteral("data")));
    const auto size = "size=" + std::to_string(m_options.dataMegabytes) + "m";
    if (::mount("tmpfs", m_folder.filePath(QStringLiteral("data")).toUtf8().constData(), "tmpfs", 0,
                size.c_str()) != 0)
      qWarning("no disk of the engine's own");
  }
  if (m_options.tls)
    makeCertificates(m_folder.filePath(QStringLiteral("tls")));
}

DockerRig::~DockerRig() {
  stopRegistry();
  thaw();
  if (m_hasCrashed)
    start(); // or containerd and its containers would outlive us
  if (isRunning()) {
    removeAll();
    stop();
  }
  unmountAll();
  for (const QString& place : m_madePlaces)
    if (QFileInfo(place).isDir())
      QDir().rmdir(place); // stays if somebody else has put something into it
    else
      QFile::remove(place);
}

QString DockerRig::start() {
  const auto in = [this](const char* name) {
    return m_folder.filePath(QString::fromLatin1(name));
  };
  // The log is of this start alone.
  QFile::remove(in("dockerd.log"));
  QStringList words = {QStringLiteral("--config-file"),
                       in("daemon.json"),
                       QStringLiteral("--host"),
                       QStringLiteral("unix://") + in("docker.sock"),
                       QStringLiteral("--data-root"),
                       in("data"),
                       QStringLiteral("--exec-root"),
                       in("exec"),
                       QStringLiteral("--pidfile"),
                       in("dockerd.pid"),
                       QStringLiteral("--containerd-namespace"),
                       QStringLiteral("ratdeck-%1").arg(::getpid()),
                       QStringLiteral("--containerd-plugins-namespace"),
                       QStringLiteral("ratdeck-plugins-%1").arg(::getpid()),
                       QStringLiteral("--bridge=none"),
                       QStringLiteral("--iptables=false"),
                       QStringLiteral("--ip6tables=false"),
                       QStringLiteral("--ip-forward=false"),
                       QStringLiteral("--ip-masq=false"),
                       QStringLiteral("--userland-proxy=") +
                           (m_options.userlandProxy ? QStringLiteral("true") : QStringLiteral("false"))};
  if (m_options.liveRestore)
    words += QStringLiteral("--live-restore");
  if (m_options.tls)
    words += {QStringLiteral("--host"),
              QStringLiteral("tcp://127.0.0.1:0"),
              QStringLiteral("--tlsverify"),
              QStringLiteral("--tlscacert"),
              in("tls/ca.pem"),
              QStringLiteral("--tlscert"),
              in("tls/server.pem"),
              QStringLiteral("--tlskey"),
              in("tls/server-key.pem")};
  m_engine.setProcessChannelMode(QProcess::MergedChannels);
  m_engine.setStandardOutputFile(in("dockerd.log"));
  m_engine.start(find(QStringLiteral("dockerd")), words);
  m_hasCrashed = false;
  const auto ready = [&] {
    const auto log = readText(in("dockerd.log"));
    return !isRunning() || (log.contains("API listen on " + in("docker.sock").toUtf8()) &&
                            (!m_options.tls || log.contains("API listen on 127.0.0.1:")));
  };
  if (m_engine.waitForStarted(5000) && QTest::qWaitFor(ready, startMilliseconds) && isRunning())
    return {};
  return QStringLiteral("dockerd does not come up: ") + endOf(readText(in("dockerd.log")));
}

void DockerRig::stop() {
  m_engine.terminate();
  if (m_engine.waitForFinished(stopMilliseconds))
    return;
  qWarning("dockerd does not end: %s",
           qPrintable(endOf(readText(m_folder.filePath(QStringLiteral("dockerd.log"))))));
  m_engine.kill();
  m_engine.waitForFinished(5000);
}

void DockerRig::freeze() {
  ::kill(pid_t(m_engine.processId()), SIGSTOP);
}

void DockerRig::thaw() {
  if (isRunning())
    ::kill(pid_t(m_engine.processId()), SIGCONT);
}

void DockerRig::crash() {
  m_hasCrashed = true;
  // Until somebody has reaped its containerd, the next dockerd takes it for alive and waits for it.
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  const int containerd =
      readText(m_folder.filePath(QStringLiteral("exec/containerd/containerd.pid"))).toInt();
  m_engine.kill();
  m_engine.waitForFinished(5000);
  if (containerd <= 0 || !QTest::qWaitFor([&] { return ::waitpid(containerd, nullptr, WNOHANG) != 0; }, 5000))
    qWarning("containerd has not ended with its dockerd");
}

// dockerd leaves its data mounted when containers outlive it.
void DockerRig::unmountAll() const {
  const auto lines = readText(QStringLiteral("/proc/self/mounts")).split('\n');
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) // the newest first
    if (const auto place = line->split(' ').value(1); place.startsWith(m_folder.path().toUtf8() + '/'))
      ::umount2(place.constData(), MNT_DETACH);
}

void DockerRig::removeAll() {
  if (const auto list = raw("GET", "/containers/json?all=true"); list && list->status == 200)
    for (const Json& container : parseJson(list->body).value_or(Json::array()))
      raw("DELETE", "/containers/" + textAt(container, "Id") + "?force=true&v=true");
  // The bridges of this machine go with their networks.
  if (const auto list = raw("GET", "/networks?filters=%7B%22type%22%3A%5B%22custom%22%5D%7D");
      list && list->status == 200)
    for (const Json& network : parseJson(list->body).value_or(Json::array()))
      raw("DELETE", "/networks/" + textAt(network, "Id"));
}

DockerEndpoint DockerRig::endpoint() const {
  DockerEndpoint endpoint;
  endpoint.socket = m_folder.filePath(QStringLiteral("docker.sock")).toStdString();
  endpoint.origin = "the rig";
  return endpoint;
}

DockerEndpoint DockerRig::tlsEndpoint() const {
  static const QRegularExpression pattern(QStringLiteral("API listen on 127\\.0\\.0\\.1:(\\d+)"));
  const auto log = QString::fromUtf8(readText(m_folder.filePath(QStringLiteral("dockerd.log"))));
  const std::string tls = m_folder.filePath(QStringLiteral("tls/")).toStdString();
  DockerEndpoint endpoint;
  endpoint.transport = DockerTransport::Tls;
  endpoint.host = "127.0.0.1";
  endpoint.port = pattern.match(log).captured(1).toUShort();
  endpoint.tls = {tls + "ca.pem", tls + "cert.pem", tls + "key.pem"};
  endpoint.origin = "the rig";
  return endpoint;
}

Result<HttpResponse> DockerRig::raw(const std::string& method, const std::string& path,
                                    const std::string& body, const std::string& contentType) {
  HttpClient http;
  HttpRequest request;
  request.method = method;
  request.url = "/v1.41" + path;
  request.unixSocket = endpoint().socket;
  request.body = body;
  request.headers = {{"Content-Type", contentType}, {"X-Registry-Auth", "e30="}}; // {}: pushing needs one
  request.timeout = std::chrono::seconds(30);
  return await<HttpResponse>([&](Answer<HttpResponse> done) { http.send(request, std::move(done)); });
}

QString DockerRig::makeImage(const std::string& reference, const std::string& content,
                             const std::vector<std::string>& changes) {
  const auto name = parseDockerReference(reference).value_or(DockerReference{});
  const auto program = readText(QStringLiteral(CONTAINER_PROGRAM)).toStdString();
  const auto first = writeDockerTar({"program", Secret(program), 0755, 0, 0});
  const auto second = writeDockerTar({"content", Secret(content), 0644, 0, 0});
  if (!first || !second)
    return QStringLiteral("the program does not fit into an image");
  std::string said;
  for (const std::string& change : changes)
    said += "&changes=" + QUrl::toPercentEncoding(QString::fromStdString(change)).toStdString();
  // An archive ends with two blocks of zeros: only the last one's.
  const auto made = raw("POST", "/images/create?fromSrc=-&repo=" + name.name + "&tag=" + name.tag + said,
                        first->substr(0, first->size() - 1024) + *second, "application/x-tar");
  if (!made || made->status != 200 || made->body.find("\"error\"") != std::string::npos)
    return QStringLiteral("no image: ") + QString::fromStdString(made ? made->body : made.error().message);
  return {};
}

QString DockerRig::push(const std::string& reference) {
  const auto name = parseDockerReference(reference).value_or(DockerReference{});
  const auto pushed = raw("POST", "/images/" + name.name + "/push?tag=" + name.tag);
  if (!pushed || pushed->status != 200 || pushed->body.find("\"error\"") != std::string::npos)
    return QStringLiteral("not pushed: ") +
           QString::fromStdString(pushed ? pushed->body : pushed.error().message);
  return {};
}

std::string DockerRig::makeNetwork(const std::string& name, const Json& options) {
  const Json body = {{"Name", name},
                     {"Driver", "bridge"},
                     {"Options", options},
                     {"IPAM", {{"Config", Json::array({{{"Subnet", subnetOf(m_madeNetworks)}}})}}}};
  const auto made = raw("POST", "/networks/create", dumpJson(body));
  const auto id = made ? textAt(parseJson(made->body).value_or(Json()), "Id") : std::string();
  if (id.empty())
    qWarning("no network: %s", made ? made->body.c_str() : made.error().message.c_str());
  else
    ++m_madeNetworks;
  return id;
}

Json DockerRig::containerOf(const std::string& image, const std::vector<std::string>& words) {
  return {{"Image", image},
          {"Entrypoint", {"/program"}},
          {"Cmd", words},
          {"Labels", {{"ratdeck.test", "yes"}}},
          {"HostConfig", {{"NetworkMode", "none"}}}};
}

std::string DockerRig::startRegistry(Door door) {
  const auto in = [this](const char* name) {
    return m_folder.filePath(QString::fromLatin1(name));
  };
  writeText(in("htpasswd"), QByteArray(registryUser) + ":" + registryPasswordHash + "\n");
  const QByteArray auth =
      door == Door::Open ? "" : "auth: {htpasswd: {realm: test, path: " + in("htpasswd").toUtf8() + "}}\n";
  writeText(in("registry.yml"), "version: 0.1\nlog: {level: info}\nstorage: {filesystem: {rootdirectory: " +
                                    in("registry").toUtf8() + "}}\nhttp: {addr: \"127.0.0.1:0\"}\n" + auth);
  QFile::remove(in("registry.log"));
  m_registry.setProcessChannelMode(QProcess::MergedChannels);
  m_registry.setStandardOutputFile(in("registry.log"));
  m_registry.start(find(QStringLiteral("docker-registry")), {QStringLiteral("serve"), in("registry.yml")});
  static const QRegularExpression pattern(QStringLiteral("listening on (127\\.0\\.0\\.1:\\d+)"));
  QString address;
  const bool isUp =
      m_registry.waitForStarted(5000) && QTest::qWaitFor(
                                             [&] {
                                               const auto log = readText(in("registry.log"));
                                               address = pattern.match(QString::fromUtf8(log)).captured(1);
                                               return !address.isEmpty();
                                             },
                                             startMilliseconds);
  if (!isUp)
    qWarning("no registry: %s", readText(in("registry.log")).constData());
  return address.toStdString();
}

void DockerRig::stopRegistry() {
  m_registry.kill();
  m_registry.waitForFinished(5000);
}

QString DockerRig::foreignCertificates() {
  const auto folder = m_folder.filePath(QStringLiteral("foreign"));
  return makeCertificates(folder) ? folder : QString();
}

// An authority, a server's certificate for 127.0.0.1 and a client's, as dockerd's manual makes them.
bool DockerRig::makeCertificates(const QString& folder) {
  QDir().mkpath(folder);
  const auto in = [&](const char* name) {
    return folder + QLatin1Char('/') + QString::fromLatin1(name);
  };
  const auto openssl = [](const QString& words) {
    return runTool(QStringLiteral("openssl"), words.split(QLatin1Char(' '))).has_value();
  };
  writeText(in("server.ext"), "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n");
  writeText(in("client.ext"), "extendedKeyUsage=clientAuth\n");
  const auto sign = [&](const char* key, const char* certificate, const char* extensions) {
    const QString request = in(certificate) + QStringLiteral(".csr");
    return openssl(
               QStringLiteral(
                   "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=test -keyout %1 -out %2")
                   .arg(in(key), request)) &&
           openssl(
               QStringLiteral("x509 -req -in %1 -CA %2 -CAkey %3 -CAcreateserial -days 2 -extfile %4 -out %5")
                   .arg(request, in("ca.pem"), in("ca-key.pem"), in(extensions), in(certificate)));
  };
  return openssl(
             QStringLiteral(
                 "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=authority "
                 "-keyout %1 -out %2")
                 .arg(in("ca-key.pem"), in("ca.pem"))) &&
         sign("server-key.pem", "server.pem", "server.ext") && sign("key.pem", "cert.pem", "client.ext");
}

} // namespace ratdeck
