#include "tests/specification/sandbox_stage.h"

#include <QTest>

namespace ratdeck {

namespace {

QString problemOf(const CliResult& result) {
  return result.exitCode == 0 ? QString() : QString::fromStdString(result.toString());
}

} // namespace

QString SandboxStage::up() {
  return problemOf(m_rig.up());
}

CliResult SandboxStage::run(const QStringList& words, const QString& version, const QStringList& overlays) {
  QStringList all = words;
  if (!overlays.isEmpty())
    for (const QString& file : m_rig.files())
      all << QStringLiteral("-f") << file;
  for (const QString& overlay : overlays)
    all << QStringLiteral("-f") << QStringLiteral(SPECIFICATION_FOLDER "/") + overlay;
  return m_rig.run(all, version);
}

QString SandboxStage::makeFaulty(const QString& service, const QString&, const QString& fault) {
  return problemOf(m_rig.run(
      {QStringLiteral("sandbox"), QStringLiteral("fault"), service, fault, QStringLiteral("--next")}));
}

CliResult SandboxStage::faultNow(const QString& service, const QString& fault) {
  return m_rig.run(
      {QStringLiteral("sandbox"), QStringLiteral("fault"), service, fault, QStringLiteral("--now")});
}

void SandboxStage::clear(const QString& service) {
  m_rig.run({QStringLiteral("sandbox"), QStringLiteral("fault"), service, QStringLiteral("clear")});
}

QString SandboxStage::startLoad() {
  return problemOf(m_rig.startLoad(100));
}

std::pair<long long, long long> SandboxStage::stopLoad() {
  const Json load = m_rig.stopLoad();
  return {integerAt(load, "requests"), integerAt(load, "failed", -1)};
}

bool SandboxStage::startRuns(int count, int milliseconds) {
  faultNow(QStringLiteral("runner"), QStringLiteral("runs=%1x%2ms").arg(count).arg(milliseconds));
  return QTest::qWaitFor([&] { return activeRuns() == count; }, 10000);
}

} // namespace ratdeck
