// Runs probes: commands through the runtime; HTTP, TCP and gRPC health at the address given, each on a
// connection of its own, so that no pooled one answers for a copy that is gone.
//
// It judges single answers only; how many must pass in a row is the gate's.
#pragma once

#include "core/remote/http/http_message.h"
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

// What an HTTP answer comes to: any 2xx or 3xx where no status is expected. The detail is the status, the
// readiness word where the body has one, and the body's first 200 bytes on one line. Pure.
ProbeResult judgeHttp(const ProbeSpec& spec, const HttpResponse& response);

} // namespace ratdeck
