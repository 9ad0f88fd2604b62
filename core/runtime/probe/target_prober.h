// Runs probes: commands through the runtime; HTTP, TCP and gRPC health at the address given, each on a
// connection of its own, so that no pooled one answers for a copy that is gone.
//
// It judges single answers only; how many must pass in a row is the gate's.
#pragma once

#include "core/runtime/runtime.h"

#include <memory>
#include <string>

namespace ratdeck {

class TargetProber final : public Prober {
public:
  // `runtime` outlives this object; it runs Exec probes.
  explicit TargetProber(Runtime& runtime);
  ~TargetProber() override; // cancels what is under way

  // `address`: HOST, to which the probe's port is added, or HOST:PORT, which is taken as it stands (a
  // frontend that listens elsewhere). The answer comes within the probe's timeout, 2 s more for Exec. Errors:
  // Input (an Exec probe without a command, a port 0).
  void probe(const ProbeSpec& spec, const InstanceId& id, const std::string& address,
             Callback<ProbeResult> done) override;

private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

} // namespace ratdeck
