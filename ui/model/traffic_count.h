// What users got since the counting began, folded from the router's samples. A fold of events: live and
// replay alike. Value type; no clock.
#pragma once

#include "core/rollout/rollout_state.h"
#include "ui/model/boot_shift.h"

#include <map>
#include <optional>
#include <set>
#include <string>

namespace ratdeck {

// Failures further apart than this are two troubles.
inline constexpr Duration quietTime = std::chrono::seconds(15);

class TrafficCount {
public:
  struct Rate {                        // of one service in the last sample
    std::optional<long long> requests; // in that second
    std::optional<long long> inFlight;
  };

  // Whose clients are users: services that publish a port. Empty: all that the router serves.
  void setUserFacing(std::set<std::string> services) { m_userFacing = std::move(services); }
  // Counts a Sampled event. `state` is the state after the event; it knows which version a copy is of.
  void add(const Event& event, const RolloutState& state);

  long long requests() const { return m_requests; }
  long long failed() const { return m_failed; }
  // Failed answers by "ratd 2.4.0", as the router saw them at the copies.
  const std::map<std::string, long long>& culprits() const { return m_culprits; }
  // When copies of the service last answered with a failure; absent: never.
  std::optional<Instant> lastFailureOf(const std::string& service) const;
  // In which a service with users was measured.
  std::optional<Instant> lastSample() const { return m_lastSample; }
  std::optional<Instant> firstFailure() const {
    return m_firstFailure;
  } // of the row that goes on, or the last
  std::optional<Instant> lastFailure() const { return m_lastFailure; }
  // How long in all nothing was seen between two samples: an engine was away, or the router did not answer.
  Duration unseen() const { return m_unseen; }
  Rate rateOf(const std::string& service) const;

private:
  bool isUserFacing(const std::string& service) const;
  void noteGap(Instant at);
  void addCulprits(const Event& sample, const std::string& service, const Json& values,
                   const RolloutState& state);

  BootShift m_shift;
  std::set<std::string> m_userFacing;
  long long m_requests = 0, m_failed = 0;
  std::map<std::string, long long> m_culprits;
  std::map<std::string, Rate> m_rates;
  std::map<std::string, Instant> m_lastFailures; // by service
  Duration m_unseen{};
  std::optional<Instant> m_lastSample, m_firstFailure, m_lastFailure;
};

} // namespace ratdeck
