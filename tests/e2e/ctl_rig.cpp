#include <QtTest>

#include "tests/e2e/ctl_rig.h"

#include <QDirIterator>
#include <QFile>

#include <algorithm>

namespace ratdeck {

namespace {

const QString shipped = QStringLiteral(SHIPPED_STACK);

Json lastJson(const std::string& out) {
  auto text = out;
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  auto parsed = parseJson(std::string_view(text).substr(text.rfind('\n') + 1));
  return parsed ? *parsed : Json();
}

} // namespace

CliResult resultOf(QProcess& process) {
  CliResult result;
  result.exitCode = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
  result.out = process.readAllStandardOutput().toStdString();
  result.err = process.readAllStandardError().toStdString();
  result.json = lastJson(result.out);
  return result;
}

std::string CliResult::toString() const {
  return "exit " + std::to_string(exitCode) + "\n" + out.substr(out.size() > 4000 ? out.size() - 4000 : 0) +
         "\n" + err;
}

// A short path: sockets lie below it.
CtlRig::CtlRig() : m_temporary(QStringLiteral("/tmp/rd-XXXXXX")), m_folder(m_temporary.path()) {}

QString CtlRig::program() {
  return QStringLiteral(RATDECKCTL);
}

QStringList CtlRig::shippedFiles() {
  return {shipped + QStringLiteral("/docker-compose.yml"),
          shipped + QStringLiteral("/docker-compose.pro.yml")};
}

QProcessEnvironment CtlRig::environment(const QString& version) const {
  auto environment = QProcessEnvironment::systemEnvironment();
  environment.insert(QStringLiteral("XDG_STATE_HOME"), m_folder);
  environment.insert(QStringLiteral("XDG_CONFIG_HOME"), m_folder + QStringLiteral("/config"));
  environment.insert(QStringLiteral("XDG_RUNTIME_DIR"), m_folder + QStringLiteral("/run"));
  environment.insert(QStringLiteral("RAT_VERSION"), version);
  return environment;
}

std::unique_ptr<QProcess> CtlRig::begin(const QStringList& arguments, const QString& version) {
  auto process = std::make_unique<QProcess>();
  process->setProcessEnvironment(environment(version));
  process->setStandardInputFile(QProcess::nullDevice());
  settle(*process);
  process->start(program(), completed(arguments));
  return process;
}

std::unique_ptr<TerminalRun> CtlRig::beginAtTerminal(const QStringList& arguments,
                                                     const QString& version) const {
  return std::make_unique<TerminalRun>(program(), completed(arguments), environment(version));
}

CliResult CtlRig::run(const QStringList& arguments, const QString& version, int timeoutMs) {
  auto process = begin(arguments, version);
  std::string evidence;
  if (!QTest::qWaitFor([&] { return process->state() == QProcess::NotRunning; }, timeoutMs)) {
    evidence = evidenceOfHang(timeoutMs);
    process->kill();
    process->waitForFinished();
  }
  auto result = resultOf(*process);
  result.err += evidence;
  return result;
}

std::string CtlRig::evidenceOfHang(int timeoutMs) const {
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

std::vector<std::string> CtlRig::versionsOf(const std::string& service) {
  auto status = run({QStringLiteral("status"), QStringLiteral("--output"), QStringLiteral("json")});
  std::vector<std::string> versions;
  for (const auto& instance : memberAt(status.json, "instances"))
    if (textAt(instance, "service") == service && textAt(instance, "state") == "running")
      versions.push_back(textAt(instance, "version"));
  std::sort(versions.begin(), versions.end());
  return versions;
}

std::string CtlRig::newestJournal() const {
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

std::vector<JournalLine> CtlRig::journal(const std::string& path) const {
  QFile file(QString::fromStdString(path));
  std::vector<JournalLine> lines;
  if (!file.open(QIODevice::ReadOnly))
    return lines;
  for (const auto& line : file.readAll().split('\n'))
    if (auto record = parseJson(line.toStdString()))
      lines.push_back({textAt(*record, "type"), memberAt(*record, "data")});
  return lines;
}

bool CtlRig::waitForEvent(const std::string& before, const std::string& type, const std::string& service,
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

std::string CtlRig::writeFile(const QString& name, const QByteArray& content) const {
  const auto path = m_folder + QLatin1Char('/') + name;
  QFile file(path);
  if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size())
    qFatal("cannot write %s", qPrintable(path));
  return path.toStdString();
}

} // namespace ratdeck
