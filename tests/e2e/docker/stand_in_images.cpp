#include "tests/e2e/docker/stand_in_images.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QUrl>

namespace ratdeck {

namespace {

constexpr const char* baseImage = "stand-in:1";
constexpr const char* program = "/ratdeck-sandbox";

QString problemOfCall(const std::string& what, const Result<HttpResponse>& answer) {
  return QString::fromStdString(
      what + ": " +
      (answer ? std::to_string(answer->status) + " " + answer->body : answer.error().toString()));
}

std::string encoded(const std::string& text) {
  return QUrl::toPercentEncoding(QString::fromStdString(text)).toStdString();
}

// The program, and the names under which it is a health command.
bool writeProgram(const QString& folder) {
  const QDir root(folder);
  for (const char* place : {"usr/bin", "usr/sbin", "usr/local/etc/haproxy", "bin", "tmp", "etc"})
    root.mkpath(QString::fromLatin1(place));
  if (!QFile::copy(QStringLiteral(STAND_IN), root.filePath(QStringLiteral("ratdeck-sandbox"))))
    return false;
  for (const char* name : {"ratd", "bin/sh", "usr/bin/python", "usr/bin/wget", "usr/bin/curl",
                           "usr/bin/grpc_health_probe", "usr/bin/pg_isready", "usr/bin/mc"})
    if (!QFile::link(QString::fromLatin1(program), root.filePath(QString::fromLatin1(name))))
      return false;
  return true;
}

bool copyInto(const QString& folder, const QString& file) {
  QDir().mkpath(folder + QFileInfo(file).path());
  return QFile::exists(folder + file) || QFile::copy(file, folder + file);
}

// This machine's HAProxy, with the libraries it is linked to.
bool writeRouter(const QString& folder) {
  const QString haproxy = QStringLiteral("/usr/sbin/haproxy");
  const auto libraries = runTool(QStringLiteral("ldd"), {haproxy});
  if (!libraries || !copyInto(folder, haproxy))
    return false;
  static const QRegularExpression path(QStringLiteral("/\\S+"));
  for (auto found = path.globalMatch(QString::fromUtf8(*libraries)); found.hasNext();)
    if (!copyInto(folder, found.next().captured()))
      return false;
  return true;
}

} // namespace

const std::vector<std::string>& StandInImages::applications() {
  static const std::vector<std::string> names = {
      "ratq", "runner", "ratd", "portal", "auth-keycloak", "executor-container", "enforcement", "cloud-aws"};
  return names;
}

QString StandInImages::import(const std::string& reference, const QString& folder,
                              const std::string& change) {
  const auto archive = runTool(QStringLiteral("tar"),
                               {QStringLiteral("-C"), folder, QStringLiteral("-c"), QStringLiteral(".")});
  if (!archive)
    return QStringLiteral("no archive of ") + folder;
  const auto colon = reference.rfind(':');
  const auto made = m_engine.raw("POST",
                                 "/images/create?fromSrc=-&repo=" + reference.substr(0, colon) +
                                     "&tag=" + reference.substr(colon + 1) + "&changes=" + encoded(change),
                                 archive->toStdString(), "application/x-tar");
  const bool isMade = made && made->status == 200 && made->body.find("\"error\"") == std::string::npos;
  return isMade ? QString() : problemOfCall("no image " + reference, made);
}

QString StandInImages::makeBase() {
  const QTemporaryDir folder;
  if (!writeProgram(folder.path()))
    return QStringLiteral("the stand-ins' program is not there: " STAND_IN);
  if (auto problem = import(baseImage, folder.path(), "ENV PATH=/usr/bin:/bin"); !problem.isEmpty())
    return problem;
  const Json body = {{"Image", baseImage}, {"Cmd", {program}}, {"HostConfig", {{"NetworkMode", "none"}}}};
  const auto made = m_engine.raw("POST", "/containers/create", dumpJson(body));
  m_template = made ? textAt(parseJson(made->body).value_or(Json()), "Id") : std::string();
  if (m_template.empty())
    return problemOfCall("no container of the base", made);
  if (!writeRouter(folder.path()))
    return QStringLiteral("haproxy is not installed");
  return import("haproxy:2.6-alpine", folder.path(),
                R"(ENTRYPOINT ["/usr/sbin/haproxy","-W","-db","-f","/usr/local/etc/haproxy/haproxy.cfg"])");
}

QString StandInImages::commit(const std::string& reference, const std::string& plays,
                              std::vector<std::string> words) {
  const auto colon = reference.rfind(':');
  words.insert(words.begin(), {program, "serve", "--address", "0.0.0.0", "--start-ms", "300"});
  const Json config = {{"Entrypoint", words},
                       {"Cmd", Json::array()},
                       {"Env", {"PATH=/usr/bin:/bin", "STAND_IN_PLAYS=" + plays}}};
  const auto made = m_engine.raw("POST",
                                 "/commit?container=" + m_template + "&repo=" + reference.substr(0, colon) +
                                     "&tag=" + reference.substr(colon + 1),
                                 dumpJson(config));
  return made && made->status == 201 ? QString() : problemOfCall("no image " + reference, made);
}

QString StandInImages::make(const std::string& service, const std::string& version,
                            const QStringList& faults) {
  std::vector<std::string> words = {"--plays", service, "--service", service, "--version", version};
  for (const QString& fault : faults)
    words.insert(words.end(), {"--fault", fault.toStdString()});
  return commit("rat/" + service + ':' + version, service, words);
}

QString StandInImages::makeAll(const std::string& version) {
  for (const std::string& service : applications())
    if (auto problem = make(service, version); !problem.isEmpty())
      return problem;
  return {};
}

QString StandInImages::makeStack() {
  struct Part {
    const char *reference, *service, *version;
    bool isOneShot;
  };
  if (auto problem = makeBase(); !problem.isEmpty())
    return problem;
  for (const Part& part : {Part{"postgres:16.4-alpine", "postgres", "16.4", false},
                           Part{"minio/minio:RELEASE.2024-06-13T22-53-53Z", "minio", "1", false},
                           Part{"minio/mc:RELEASE.2024-06-12T14-34-03Z", "minio-init", "1", true},
                           Part{"projectnessie/nessie:0.99.0", "nessie", "0.99.0", false},
                           Part{"curlimages/curl:8.8.0", "nessie-init", "1", true}}) {
    std::vector<std::string> words = {"--plays",    part.service, "--service",
                                      part.service, "--version",  part.version};
    if (part.isOneShot)
      words.emplace_back("--one-shot");
    if (auto problem = commit(part.reference, part.service, words); !problem.isEmpty())
      return problem;
  }
  return makeAll("1.0.0");
}

} // namespace ratdeck
