#include "core/rollout/reaper.h"

#include <cmath>

namespace ratdeck {

Duration reaperTime(const ServiceRollout& service) {
  constexpr double most = 1e9; // whatever a damaged journal says
  if (!(service.reaperSeconds >= 0 && service.reaperSeconds <= most))
    return usualReaperTime;
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(service.reaperSeconds));
}

std::string reaperText(const ServiceRollout& service) {
  const auto within = reaperTime(service);
  const auto minutes = std::chrono::ceil<std::chrono::minutes>(within).count();
  const auto clock = toRfc3339(service.runsEndedAt.wall + within).substr(11, 5);
  return "by about " + clock + " UTC (within " + std::to_string(minutes) + " min" +
         (service.reaperSeconds < 0 ? ", unless it is configured otherwise)" : ")");
}

} // namespace ratdeck
