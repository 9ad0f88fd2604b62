#include <QtTest>

#include "tests/e2e/sandbox/sandbox_rig.h"

#include <QDeadlineTimer>
#include <QDir>
#include <QDirIterator>
#include <QFile>

#include <algorithm>
#include <csignal>
#include <sys/resource.h>

namespace ratdeck {

namespace {

const QString program = QStringLiteral(RATDECKCTL);
const QString shipped = QStringLiteral(SHIPPED_STACK);

Json lastJson(const std::string& out) {
  auto text = out;
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  auto parsed = parseJson(std::string_view(text).substr(text.rfind('\n') + 1));
  return parsed ? *parsed : Json();
}

CliResult resultOf(QProcess& process) {
  CliResult result;
  result.exitCode = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
  result.out = process.readAllStandardOutput().toStdString();
  result.err = process.readAllStandardError().toStdString();
  result.json = lastJson(result.out);
  return result;
}

} // namespace

std::string CliResult::toString() const {
  return "exit " + std::to_string(exitCode) + "\n" + out.substr(out.size() > 4000 ? out.size() - 4000 : 0) +
         "\n" + err;
}

// A short path: the sandbox's sockets lie below it.
SandboxRig::SandboxRig() : m_temporary(QStringLiteral("/tmp/rd-XXXXXX")), m_folder(m_temporary.path()) {}

SandboxRig::~SandboxRig() {
  auto down = run({QStringLiteral("sandbox"), QStringLiteral("down")});
  if (down.exitCode != 0)
    qWarning("the sandbox did not go down: %s", down.toString().c_str());
}

QProcessEnvironment SandboxRig::environment(const QString& version) const {
  auto environment = QProcessEnvironment::systemEnvironment();
  environment.insert(QStringLiteral("XDG_STATE_HOME"), m_folder);
  environment.insert(QStringLiteral("XDG_CONFIG_HOME"), m_folder + QStringLiteral("/config"));
  environment.insert(QStringLiteral("XDG_RUNTIME_DIR"), m_folder + QStringLiteral("/run"));
  environment.insert(QStringLiteral("RAT_VERSION"), version);
  return environment;
}

std::unique_ptr<QProcess> SandboxRig::begin(const QStringList& arguments, const QString& version) {
  auto process = std::make_unique<QProcess>();
  process->setProcessEnvironment(environment(version));
  process->setStandardInputFile(QProcess::nullDevice());
  process->start(program, arguments);
  return process;
}

CliResult SandboxRig::runWithFullDisk(const QStringList& arguments, const QString& version,
                                      qint64 bytes) const {
  QProcess process;
  process.setProcessEnvironment(environment(version));
  process.setStandardInputFile(QProcess::nullDevice());
  process.setChildProcessModifier([bytes] {
    ::signal(SIGXFSZ, SIG_IGN); // the write fails instead
    rlimit limit{static_cast<rlim_t>(bytes), static_cast<rlim_t>(bytes)};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  });
  process.start(program, arguments);
  process.waitForFinished(60000);
  return resultOf(process);
}

std::unique_ptr<TerminalRun> SandboxRig::beginAtTerminal(const QStringList& arguments,
                                                         const QString& version) const {
  return std::make_unique<TerminalRun>(program, arguments, environment(version));
}

CliResult SandboxRig::run(const QStringList& arguments, const QString& version, int timeoutMs) {
  auto process = begin(arguments, version);
  std::string evidence;
  if (!process->waitForFinished(timeoutMs)) {
    evidence = evidenceOfHang(timeoutMs);
    process->kill();
    process->waitForFinished();
  }
  auto result = resultOf(*process);
  result.err += evidence;
  return result;
}

std::string SandboxRig::evidenceOfHang(int timeoutMs) const {
  std::string text = "killed after " + std::to_string(timeoutMs / 1000) + " s; the newest journal ends in\n";
  auto lines = journal(newestJournal());
  for (size_t i = lines.size() - std::min<size_t>(lines.size(), 12); i < lines.size(); ++i)
    text += "  " + lines[i].type + " " + dumpJson(lines[i].data).substr(0, 200) + "\n";
  QProcess list;
  list.start(QStringLiteral("ps"),
             {QStringLiteral("-eLo"), QStringLiteral("pid,ppid,lwp,stat,wchan:24,etimes,args")});
  list.waitForFinished(5000);
  for (const auto& line : list.readAllStandardOutput().split('\n'))
    if (line.contains("ratdeck") || line.contains("haproxy"))
      text += line.left(160).toStdString() + "\n";
  return text;
}

QStringList SandboxRig::files() const {
  return {shipped + QStringLiteral("/docker-compose.yml"),
          shipped + QStringLiteral("/docker-compose.pro.yml"), QStringLiteral(QUICK_OVERLAY)};
}

CliResult SandboxRig::up() {
  QStringList arguments = {QStringLiteral("sandbox"), QStringLiteral("up"), QStringLiteral("--output"),
                           QStringLiteral("json")};
  for (const auto& file : files())
    arguments << QStringLiteral("-f") << file;
  return run(arguments);
}

CliResult SandboxRig::startLoad(int rate) {
  return run({QStringLiteral("sandbox"), QStringLiteral("load"), QStringLiteral("start"),
              QStringLiteral("--rate"), QString::number(rate)});
}

Json SandboxRig::stopLoad() {
  return run({QStringLiteral("sandbox"), QStringLiteral("load"), QStringLiteral("stop"),
              QStringLiteral("--output"), QStringLiteral("json")})
      .json;
}

Json SandboxRig::stopLoadWithSamples() {
  auto path = m_folder + QStringLiteral("/load.json");
  run({QStringLiteral("sandbox"), QStringLiteral("load"), QStringLiteral("stop"), QStringLiteral("--out"),
       path});
  QFile file(path);
  auto parsed =
      file.open(QIODevice::ReadOnly) ? parseJson(file.readAll().toStdString()) : Result<Json>(Json());
  return parsed ? *parsed : Json();
}

bool SandboxRig::waitForRequests(long long count, int timeoutMs) {
  auto sent = [this] {
    return integerAt(run({QStringLiteral("sandbox"), QStringLiteral("load"), QStringLiteral("report"),
                          QStringLiteral("--output"), QStringLiteral("json")})
                         .json,
                     "requests");
  };
  auto before = sent();
  return QTest::qWaitFor([&] { return sent() >= before + count; }, timeoutMs);
}

std::vector<std::string> SandboxRig::versionsOf(const std::string& service) {
  auto status = run({QStringLiteral("status"), QStringLiteral("--output"), QStringLiteral("json")});
  std::vector<std::string> versions;
  for (const auto& instance : memberAt(status.json, "instances"))
    if (textAt(instance, "service") == service && textAt(instance, "state") == "running")
      versions.push_back(textAt(instance, "version"));
  std::sort(versions.begin(), versions.end());
  return versions;
}

std::string SandboxRig::newestJournal() const {
  QStringList paths;
  QDirIterator it(m_folder + QStringLiteral("/ratdeck/journals"), {QStringLiteral("*.ratlog")}, QDir::Files,
                  QDirIterator::Subdirectories);
  while (it.hasNext())
    paths << it.next();
  std::sort(paths.begin(), paths.end(), [](const QString& a, const QString& b) { // ids sort by time
    return QFileInfo(a).fileName() < QFileInfo(b).fileName();
  });
  return paths.isEmpty() ? std::string() : paths.last().toStdString();
}

std::vector<JournalLine> SandboxRig::journal(const std::string& path) const {
  QFile file(QString::fromStdString(path));
  std::vector<JournalLine> lines;
  if (!file.open(QIODevice::ReadOnly))
    return lines;
  for (const auto& line : file.readAll().split('\n'))
    if (auto record = parseJson(line.toStdString()))
      lines.push_back({textAt(*record, "type"), memberAt(*record, "data")});
  return lines;
}

bool SandboxRig::waitForEvent(const std::string& before, const std::string& type, const std::string& service,
                              int timeoutMs) const {
  return QTest::qWaitFor(
      [&] {
        auto path = newestJournal();
        if (path.empty() || path == before)
          return false;
        auto lines = journal(path);
        return std::any_of(lines.begin(), lines.end(), [&](const auto& line) {
          return line.type == type && (service.empty() || textAt(line.data, "service") == service);
        });
      },
      timeoutMs);
}

} // namespace ratdeck
