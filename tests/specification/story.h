// What one rollout left behind: what it answered, what its journal tells, and what the load saw.
#pragma once

#include "core/base/duration.h"
#include "tests/e2e/ctl_rig.h"

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ratdeck {

// The events of one rollout in their order.
class Story {
public:
  Story() = default;
  explicit Story(std::vector<JournalLine> lines) : m_lines(std::move(lines)) {}

  // The place of the first event of this type, of this service or instance ("" = any), whose detail is as
  // wanted; none where there is no such event.
  using Wanted = std::function<bool(const Json& detail)>;
  std::optional<std::size_t> of(const std::string& type, const std::string& who,
                                const Wanted& wanted = {}) const;
  // The detail of that event, null without one.
  Json detailOf(const std::string& type, const std::string& who) const;
  // When the new copy's healthcheck passed first.
  std::optional<std::size_t> healthcheckOf(const std::string& service) const;

  // The copy that was started, and the one that was stopped for it; "" = none.
  std::string newCopy(const std::string& service) const;
  std::string oldCopy(const std::string& service) const;
  std::set<std::string> startedServices() const;
  // The plan as it was carried out, with the part of one service.
  Json plan() const;
  Json planOf(const std::string& service) const;

private:
  std::vector<JournalLine> m_lines;
};

struct Scene {
  CliResult result;
  Story story;
  long long requests = 0, failed = -1; // of the load beside it; -1: there was none

  std::string resultWord() const { return textAt(result.json, "result"); }
};

// Each says what of a scene contradicts a sentence of the specification; "" where it holds.
namespace sentences {

using Services = std::vector<std::string>;

const Services& application(); // the eight services of RAT Pro that are rolled
const Services& infrastructure();
const Services& plugins();

std::string nobodyIsHurt(const Scene& scene);
// Each of `then` is begun after all of `first` have the traffic.
std::string comesAfter(const Scene& scene, const Services& first, const Services& then);
std::string passesItsHealthcheckBeforeTheOldOneStops(const Scene& scene, const Services& services);
std::string startsBesideTheOldOne(const Scene& scene, const Services& services);
std::string getsTheTrafficAfterItsHealthcheck(const Scene& scene, const Services& services);
std::string stopsAfterTheSwitch(const Scene& scene, const Services& services);
// By SIGTERM, with so many seconds, and it was not killed.
std::string stopsGently(const Scene& scene, const std::string& service, int graceSeconds);
std::string isTheOnlyOneThatChanges(const Scene& scene, const std::string& service);
std::string leavesNoOldCopy(const Scene& scene, const std::string& service);
std::string runsEndBeforeTheSwitch(const Scene& scene);
// The old copy was told, and its gRPC health confirmed it, before the switch.
std::string takesNoNewWork(const Scene& scene, const std::string& service);
// So many runs were ended, and it is said by when the platform marks them failed.
std::string leavesRunsToTheReaper(const Scene& scene, int runs);
std::string isKilledAtTheEndOfItsGrace(const Scene& scene, const std::string& service);
std::string isUndone(const Scene& scene);
// The keys and values of the specification's own update_config.
std::string isPlanned(const Scene& scene, const std::string& service, const Json& wanted);
std::string isCheckedThroughTheRouter(const Scene& scene, const Services& services);
std::string answersHealth(const Scene& scene, const std::string& service);

} // namespace sentences

} // namespace ratdeck
