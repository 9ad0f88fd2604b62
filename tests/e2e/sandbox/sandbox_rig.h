// One sandbox with RAT Pro 1.0.0 under load, for tests that drive ratdeckctl as a user would. Everything lies
// in a temporary folder; the sandbox goes down with the rig.
#pragma once

#include "tests/e2e/ctl_rig.h"

#include <memory>

namespace ratdeck {

class SandboxRig : public CtlRig {
public:
  ~SandboxRig() override;

  // Brings version 1.0.0 up. Fails the test's expectations through the result's exit code.
  CliResult up();

  // Runs one that can write no file beyond so many bytes, as on a full disk.
  CliResult runWithFullDisk(const QStringList& arguments, const QString& version, qint64 bytes) const;

  CliResult startLoad(int rate = 200);
  Json stopLoad();
  // The generator's own report, with every sample.
  Json stopLoadWithSamples();
  // Waits until the load has sent so many more requests.
  bool waitForRequests(long long count, int timeoutMs = 60000);

  // The Compose files the sandbox is brought up with.
  QStringList files() const;
};

} // namespace ratdeck
