// The stage of the sandbox.
#pragma once

#include "tests/e2e/sandbox/sandbox_rig.h"
#include "tests/specification/stage.h"

namespace ratdeck {

class SandboxStage final : public Stage {
public:
  QString up() override;
  QString make(const QString&, const QString&) override { return {}; } // an image is a name there
  QString makeFaulty(const QString& service, const QString& version, const QString& fault) override;
  void clear(const QString& service) override;
  QString startLoad() override;
  std::pair<long long, long long> stopLoad() override;
  bool startRuns(int count, int milliseconds) override;
  CliResult run(const QStringList& words, const QString& version, const QStringList& overlays) override;
  CtlRig& rig() override { return m_rig; }
  // Of the copies that run.
  CliResult faultNow(const QString& service, const QString& fault);

private:
  SandboxRig m_rig;
};

} // namespace ratdeck
