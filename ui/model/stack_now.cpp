#include "ui/model/stack_now.h"

#include "ui/model/plain.h"
#include "ui/model/plan_summary.h"
#include "ui/model/tr.h"

#include <QStringList>

namespace ratdeck {

QString stackNowText(const World& world) {
  constexpr int mostNamed = 3;
  if (!world.isReachable)
    return {};
  int running = 0, well = 0;
  QStringList ill;
  for (const auto& copy : world.instances) {
    if (copy.state != InstanceState::Running)
      continue;
    ++running;
    well += copy.health == Health::Healthy;
    if (copy.health == Health::Unhealthy)
      ill << plain(copy.id.value, 60);
  }
  const auto run = running == 1 ? tr("Now: 1 copy runs") : tr("Now: %1 copies run").arg(running);
  if (!ill.isEmpty())
    return run + tr(", %1 unhealthy: %2").arg(ill.size()).arg(listed(ill, mostNamed));
  return run +
         (running > 0 && well == running ? tr(", all healthy") : tr(", %1 known to be healthy").arg(well));
}

} // namespace ratdeck
