#include "tests/e2e/docker/load_run.h"

#include "tests/e2e/docker/docker_rig.h"

namespace ratdeck {

namespace {

constexpr int stopMilliseconds = 40000;

} // namespace

LoadRun::~LoadRun() {
  m_process.kill();
  m_process.waitForFinished(5000);
}

QString LoadRun::start(const LoadTargets& targets, int rate, int streams) {
  QStringList words = {QStringLiteral("load"),          QStringLiteral("--rate"), QString::number(rate),
                       QStringLiteral("--streams"),     QString::number(streams), QStringLiteral("--samples"),
                       QStringLiteral("--duration-ms"), QStringLiteral("0")};
  for (const auto& [name, address] :
       {std::pair("--portal", targets.portal), {"--ratd", targets.ratd}, {"--ledger", targets.ledger}})
    if (!address.empty())
      words << QString::fromLatin1(name) << QString::fromStdString(address);
  bindToOurLife(m_process);
  m_process.start(QStringLiteral(STAND_IN), words);
  return m_process.waitForStarted(5000) ? QString() : QStringLiteral("the load does not start");
}

Result<LoadReport> LoadRun::stop() {
  m_process.terminate();
  if (!QTest::qWaitFor([this] { return m_process.state() == QProcess::NotRunning; }, stopMilliseconds)) {
    m_process.kill();
    return failure(ErrorKind::Internal, "the load does not end");
  }
  auto report = parseJson(m_process.readAllStandardOutput().toStdString());
  if (!report)
    return failure(ErrorKind::Internal,
                   "the load gave no report: " + m_process.readAllStandardError().toStdString());
  auto read = LoadReport::fromJson(*report);
  report->erase("samples");
  m_json = std::move(*report);
  return read;
}

} // namespace ratdeck
