// The stage of a Docker Engine of the test's own.
#pragma once

#include "tests/e2e/docker/stack_rig.h"
#include "tests/specification/stage.h"

namespace ratdeck {

class DockerStage final : public Stage {
public:
  DockerStage() : m_rig(QStringLiteral("rdspec")) {}
  QString up() override { return m_rig.startAndBringUp(); }
  QString make(const QString& service, const QString& version) override {
    return service.isEmpty() ? m_rig.images().makeAll(version.toStdString())
                             : m_rig.images().make(service.toStdString(), version.toStdString());
  }
  QString makeFaulty(const QString& service, const QString& version, const QString& fault) override {
    return m_rig.images().make(service.toStdString(), version.toStdString(), {fault});
  }
  void clear(const QString&) override {}
  QString startLoad() override { return m_rig.startLoad(100); }
  std::pair<long long, long long> stopLoad() override;
  bool startRuns(int count, int milliseconds) override;
  CliResult run(const QStringList& words, const QString& version, const QStringList& overlays) override;
  CtlRig& rig() override { return m_rig; }
  StackRig& stack() { return m_rig; }

private:
  StackRig m_rig;
};

} // namespace ratdeck
