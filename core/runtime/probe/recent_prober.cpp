#include "core/runtime/probe/recent_prober.h"

#include <algorithm>

namespace ratdeck {

void RecentProber::probe(const ProbeSpec& spec, const InstanceId& id, const std::string& address,
                         Callback<ProbeResult> done) {
  const auto now = m_clock.now().boot;
  std::erase_if(m_asked, [now](const Asked& asked) { return now - asked.at >= fresh; });
  const auto known = std::find_if(m_asked.begin(), m_asked.end(), [&](const Asked& asked) {
    return asked.id == id && asked.address == address && asked.spec == spec;
  });
  if (known != m_asked.end())
    return m_outbox.post([result = known->result, done = std::move(done)] { done(result); });
  m_prober.probe(spec, id, address,
                 [this, spec, id, address, now, done = std::move(done)](Result<ProbeResult> result) {
                   if (result)
                     m_asked.push_back({spec, id, address, *result, now});
                   done(std::move(result));
                 });
}

} // namespace ratdeck
