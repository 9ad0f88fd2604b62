// Runs probes from inside the engine's networks, by the relay. Commands are run in the copies as ever.
#pragma once

#include "core/runtime/docker/relay_container.h"
#include "core/runtime/runtime.h"

namespace ratdeck {

class RelayProber final : public Prober {
public:
  // Both outlive this object; `commands` runs Exec probes.
  RelayProber(RelayContainer& relay, Prober& commands) : m_relay(relay), m_commands(commands) {}

  // As TargetProber; the probe's timeout is counted inside the relay. A body is judged by its first 64 KiB.
  // Errors: Input, those of RelayContainer::ask, which say nothing of the copy.
  void probe(const ProbeSpec& spec, const InstanceId& id, const std::string& address,
             Callback<ProbeResult> done) override;

private:
  void ask(const ProbeSpec& spec, const std::string& place, Callback<ProbeResult> done);

  RelayContainer& m_relay;
  Prober& m_commands;
  Outbox m_outbox;
  std::shared_ptr<bool> m_life = std::make_shared<bool>(true);
};

// What the relay's answer to a probe comes to. Pure. Errors: Input (it could not be asked).
Result<ProbeResult> judgeReply(const ProbeSpec& spec, const std::string& place, const RelayReply& reply);

} // namespace ratdeck
