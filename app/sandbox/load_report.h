// What the load saw: every request as a sample, every failure with who answered, streams, and the ids that a
// ledger must hold exactly once. Counts and arithmetic; knows no sockets.
#pragma once

#include "app/sandbox/http_connection.h"
#include "core/base/clock.h"
#include "core/base/json.h"

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ratdeck::sandbox {

enum class LoadFailure {
  None,
  Status5xx,
  Unexpected4xx,
  UnexpectedStatus,
  Refused,
  Reset,
  Timeout,
  Malformed,
  StreamCut,
  NotSent
};
const char* nameOf(LoadFailure failure);

// How an answer counts: None only for the status that was expected (2xx for expected = 0).
LoadFailure judge(const HttpOutcome& outcome, int expected);

// One request or stream, when it is over.
struct LoadSample {
  BootTime due; // when it was to be sent; latency counts from here
  Duration latency{};
  LoadFailure failure = LoadFailure::None;
  bool hasLatency = true; // a stream's length would say nothing among the others
  int classIndex = 0;     // into the report's class names
  std::string target;     // host:port/path
  int status = 0;
  std::string detail;
  std::string answeredBy; // "service version instance" of the last that answered, "" if nobody did
};

class LoadReport {
public:
  LoadReport(std::vector<std::string> classNames, Instant startedAt);

  void add(const LoadSample& sample, Instant now);
  // Who gave a good answer at this moment, the last hop as it says itself.
  void answered(const std::string& service, const std::string& version, Instant now);
  // So many that were never sent, without a sample each.
  void addNotSent(int classIndex, size_t count);
  void streamStarted() { ++m_streamsStarted; }
  void streamLetGo() { ++m_streamsLetGo; }
  void streamEnded(bool isWhole) { ++(isWhole ? m_streamsCompleted : m_streamsCut); }
  // Answers the number of the id that is about to be sent.
  size_t postSent();
  void postAcknowledged(size_t number) { m_acknowledged[number] = true; }
  // How often the ledger holds each number; numbers it does not hold are absent.
  void checkLedger(const std::map<size_t, long long>& counts);
  void ledgerUnread(std::string why) { m_ledgerProblem = std::move(why); }
  void finish(Instant now) { m_finished = now; }

  size_t requests() const { return m_requests; }
  size_t failed() const { return m_failed; }
  // Without samples: cheap enough to be asked each second.
  Json toJson(Instant now, bool withSamples) const;

private:
  void addLatency(Duration latency);
  Json postsJson() const;
  Json classesJson() const;
  std::vector<std::uint32_t> latencies() const;
  void addPercentiles(Json& json, bool isExact) const;
  double histogramMs(double share) const;

  struct Class {
    std::string name;
    size_t requests = 0;
    size_t failed = 0;
    bool hasLatency = true;
  };

  std::vector<Class> m_classes;
  Instant m_started;
  std::optional<Instant> m_finished;
  size_t m_requests = 0;
  size_t m_failed = 0;
  std::map<std::string, size_t> m_byKind;
  std::map<std::string, BootTime> m_firstAnswers; // by "service version"
  Json m_failures = Json::array();
  std::vector<std::int64_t> m_bootMs;
  std::vector<std::uint32_t> m_latencyUs;
  std::vector<std::uint8_t> m_failedFlags;
  std::vector<std::uint8_t> m_classOf;
  std::uint32_t m_largestUs = 0;
  size_t m_timed = 0;                            // samples with a latency
  std::array<std::uint32_t, 1024> m_histogram{}; // by the logarithm of the latency
  std::int64_t m_second = 0;
  size_t m_thisSecond = 0;
  size_t m_lastSecond = 0;
  size_t m_streamsStarted = 0;
  size_t m_streamsCompleted = 0;
  size_t m_streamsCut = 0;
  size_t m_streamsLetGo = 0;
  std::vector<bool> m_acknowledged;
  bool m_ledgerRead = false;
  std::string m_ledgerProblem;
  size_t m_lost = 0;
  size_t m_doubled = 0;
};

} // namespace ratdeck::sandbox
