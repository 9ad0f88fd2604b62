// Watches that read the router's counters.
#pragma once

#include "core/engine/probe_streak.h"

#include <optional>

namespace ratdeck {

// Something that wants to see each sample of the router.
class RouterReader {
public:
  virtual ~RouterReader() = default;
  virtual std::optional<Observation> read(const RouterSample& sample) = 0;
};

// Requests in flight on one draining copy: each change, zero at last.
class InFlightWatcher final : public Watcher, public RouterReader {
public:
  InFlightWatcher(std::string service, InstanceId instance);
  std::optional<Observation> read(const RouterSample& sample) override;

private:
  std::string m_service;
  InstanceId m_instance;
  long long m_last = -1;
};

// A copy that has just got traffic: bad when its probes fail three rounds in a row (those that could not be
// run left out), when the router marks it down, or when the error gate's ratio is passed. Says so once.
class ServingWatcher final : public Watcher, public RouterReader {
public:
  ServingWatcher(Prober& prober, const ServicePlan& plan, std::vector<ProbeSpec> probes,
                 const InstanceRollout& instance, WatchSet::Post post);
  std::optional<Observation> read(const RouterSample& sample) override;

private:
  std::optional<Observation> bad(const std::string& why);

  std::string m_service;
  InstanceId m_instance;
  std::optional<ErrorGate> m_errorGate;
  RouterSample m_last;
  int m_failedRounds = 0;
  bool m_isReported = false;
  std::unique_ptr<ProbeRounds> m_rounds;
};

} // namespace ratdeck
