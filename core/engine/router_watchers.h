// Watches that read the router's counters.
#pragma once

#include "core/engine/probe_streak.h"
#include "core/engine/router_judge.h"

namespace ratdeck {

// Something that wants to see each sample of the router.
class RouterReader {
public:
  virtual ~RouterReader() = default;
  // Adds what it tells that is new.
  virtual void read(const RouterSample& sample, BootTime now, std::vector<Observation>& news) = 0;
};

// Requests in flight on one draining copy: each change, zero at last.
class InFlightWatcher final : public Watcher, public RouterReader {
public:
  InFlightWatcher(std::string service, InstanceId instance);
  void read(const RouterSample& sample, BootTime now, std::vector<Observation>& news) override;

private:
  std::string m_service;
  InstanceId m_instance;
  long long m_last = -1;
};

// A copy that has got traffic: bad when its probes fail three rounds in a row (those in which none failed but
// one could not be run are left out), the last of them two seconds after the first, or half the monitor time
// where that is shorter: one answer that came late, or is cached, is no verdict. Bad also when the router
// marks it down; both are said once. And what the analyses say of its requests.
class ServingWatcher final : public Watcher, public RouterReader {
public:
  // `old`: what the old version answered up to here.
  ServingWatcher(Prober& prober, const ServicePlan& plan, const RequestTally& old,
                 std::vector<ProbeSpec> probes, const InstanceRollout& instance, const Clock& clock,
                 WatchSet::Post post);
  void read(const RouterSample& sample, BootTime now, std::vector<Observation>& news) override;

private:
  void count(Round round, const std::string& failure);
  std::optional<Observation> bad(const std::string& why);

  std::string m_service;
  InstanceId m_instance;
  const Clock& m_clock;
  Duration m_badTime;
  WatchSet::Post m_post;
  std::vector<RouterJudge> m_judges;
  RouterSample m_last;
  int m_failedRounds = 0; // in a row
  BootTime m_failingSince;
  bool m_isReported = false;
  std::unique_ptr<ProbeRounds> m_rounds;
};

// As an observation; no instance: of the service as a whole.
Observation observationOf(const Judgement& judgement, const std::string& service, const InstanceId& instance);

} // namespace ratdeck
