// Asks a copy only where it has not just been asked the same: a rollout looks at the stack before and after
// it has taken the lock, and a command in a container takes its time.
//
// For looks. A gate counts answers, and asks each time. Engine thread only.
#pragma once

#include "core/base/clock.h"
#include "core/remote/outbox.h"
#include "core/runtime/runtime.h"

#include <vector>

namespace ratdeck {

class RecentProber final : public Prober {
public:
  static constexpr Duration fresh = std::chrono::seconds(1);

  // Both outlive this object.
  RecentProber(Prober& prober, const Clock& clock) : m_prober(prober), m_clock(clock) {}

  // An answer is given again until it is `fresh` old; an error never is.
  void probe(const ProbeSpec& spec, const InstanceId& id, const std::string& address,
             Callback<ProbeResult> done) override;

private:
  struct Asked {
    ProbeSpec spec;
    InstanceId id;
    std::string address;
    ProbeResult result;
    BootTime at;
  };

  Prober& m_prober;
  const Clock& m_clock;
  std::vector<Asked> m_asked;
  Outbox m_outbox;
};

} // namespace ratdeck
