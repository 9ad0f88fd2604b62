#include "app/sandbox/load_report.h"

#include <algorithm>
#include <cmath>

namespace ratdeck::sandbox {

namespace {

constexpr size_t maxFailures = 200;
constexpr double bucketsPerDoubling = 32; // 2 % wide
constexpr double perMs = 1000;            // µs

double elapsed(Instant from, Instant to) {
  return std::chrono::duration<double>(to.boot - from.boot).count();
}

std::int64_t milliseconds(BootTime at) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
}

} // namespace

const char* nameOf(LoadFailure failure) {
  switch (failure) {
  case LoadFailure::None:
    return "none";
  case LoadFailure::Status5xx:
    return "status_5xx";
  case LoadFailure::Unexpected4xx:
    return "unexpected_4xx";
  case LoadFailure::UnexpectedStatus:
    return "unexpected_status";
  case LoadFailure::Refused:
    return "refused";
  case LoadFailure::Reset:
    return "reset";
  case LoadFailure::Timeout:
    return "timeout";
  case LoadFailure::Malformed:
    return "malformed";
  case LoadFailure::StreamCut:
    return "stream_cut";
  case LoadFailure::NotSent:
    return "not_sent";
  }
  return "none";
}

LoadFailure judge(const HttpOutcome& outcome, int expected) {
  switch (outcome.failure) {
  case HttpFailure::Refused:
    return LoadFailure::Refused;
  case HttpFailure::Reset:
    return LoadFailure::Reset;
  case HttpFailure::Timeout:
    return LoadFailure::Timeout;
  case HttpFailure::Malformed:
    return LoadFailure::Malformed;
  case HttpFailure::None:
    break;
  }
  if (outcome.status >= 500)
    return LoadFailure::Status5xx;
  if (outcome.status >= 400)
    return LoadFailure::Unexpected4xx;
  bool fits = expected == 0 ? outcome.status >= 200 && outcome.status < 300 : outcome.status == expected;
  return fits ? LoadFailure::None : LoadFailure::UnexpectedStatus;
}

LoadReport::LoadReport(std::vector<std::string> classNames, Instant startedAt) : m_started(startedAt) {
  for (auto& name : classNames)
    m_classes.push_back({std::move(name), 0, 0});
}

void LoadReport::add(const LoadSample& sample, Instant now) {
  bool failed = sample.failure != LoadFailure::None;
  auto& kind = m_classes[static_cast<size_t>(sample.classIndex)];
  ++m_requests;
  ++kind.requests;
  kind.hasLatency = sample.hasLatency;
  m_bootMs.push_back(milliseconds(sample.due));
  auto us = std::chrono::duration_cast<std::chrono::microseconds>(sample.latency).count();
  m_latencyUs.push_back(static_cast<std::uint32_t>(std::clamp<std::int64_t>(us, 0, UINT32_MAX)));
  m_failedFlags.push_back(failed ? 1 : 0);
  m_classOf.push_back(static_cast<std::uint8_t>(sample.classIndex));
  if (sample.hasLatency)
    addLatency(sample.latency);
  auto second = std::chrono::duration_cast<std::chrono::seconds>(now.boot.time_since_epoch()).count();
  if (second != m_second) {
    m_lastSecond = second == m_second + 1 ? m_thisSecond : 0;
    m_thisSecond = 0;
    m_second = second;
  }
  ++m_thisSecond;
  if (!failed)
    return;
  ++m_failed;
  ++kind.failed;
  ++m_byKind[nameOf(sample.failure)];
  if (m_failures.size() >= maxFailures)
    return;
  auto version = sample.answeredBy.find(' ');
  auto end = version == std::string::npos ? version : sample.answeredBy.find(' ', version + 1);
  m_failures.push_back(
      {{"t", toRfc3339(now.wall)},
       {"boot_ns", now.boot.time_since_epoch().count()},
       {"kind", nameOf(sample.failure)},
       {"class", kind.name},
       {"target", sample.target},
       {"status", sample.status},
       {"detail", sample.detail},
       {"answered_by", sample.answeredBy},
       {"version",
        version == std::string::npos ? "" : sample.answeredBy.substr(version + 1, end - version - 1)}});
}

void LoadReport::answered(const std::string& service, const std::string& version, Instant now) {
  m_firstAnswers.try_emplace(service + ' ' + version, now.boot);
}

void LoadReport::addNotSent(int classIndex, size_t count) {
  if (count == 0)
    return;
  auto& kind = m_classes[static_cast<size_t>(classIndex)];
  m_requests += count;
  kind.requests += count;
  m_failed += count;
  kind.failed += count;
  m_byKind[nameOf(LoadFailure::NotSent)] += count;
}

void LoadReport::addLatency(Duration latency) {
  double us = std::max(1.0, std::chrono::duration<double, std::micro>(latency).count());
  auto bucket = static_cast<size_t>(std::log2(us) * bucketsPerDoubling);
  ++m_histogram[std::min(bucket, m_histogram.size() - 1)];
  ++m_timed;
  m_largestUs = std::max(m_largestUs, static_cast<std::uint32_t>(std::min<double>(us, UINT32_MAX)));
}

double LoadReport::histogramMs(double share) const {
  auto wanted = static_cast<double>(m_timed) * share;
  double seen = 0;
  for (size_t i = 0; i < m_histogram.size(); ++i) {
    seen += m_histogram[i];
    if (seen >= wanted && seen > 0)
      return std::exp2(static_cast<double>(i + 1) / bucketsPerDoubling) / perMs;
  }
  return 0;
}

size_t LoadReport::postSent() {
  m_acknowledged.push_back(false);
  return m_acknowledged.size() - 1;
}

void LoadReport::checkLedger(const std::map<size_t, long long>& counts) {
  m_ledgerRead = true;
  m_lost = m_doubled = 0;
  for (size_t number = 0; number < m_acknowledged.size(); ++number) {
    auto it = counts.find(number);
    auto count = it == counts.end() ? 0 : it->second;
    m_lost += m_acknowledged[number] && count == 0 ? 1 : 0;
    m_doubled += count > 1 ? 1 : 0;
  }
}

Json LoadReport::postsJson() const {
  Json posts{{"sent", m_acknowledged.size()},
             {"acknowledged", std::count(m_acknowledged.begin(), m_acknowledged.end(), true)},
             {"ledger_read", m_ledgerRead},
             {"lost", m_ledgerRead ? Json(m_lost) : Json()},
             {"doubled", m_ledgerRead ? Json(m_doubled) : Json()}};
  if (!m_ledgerProblem.empty())
    posts["ledger_problem"] = m_ledgerProblem;
  return posts;
}

Json LoadReport::classesJson() const {
  Json all = Json::object();
  for (const auto& kind : m_classes)
    all[kind.name] = {{"requests", kind.requests}, {"failed", kind.failed}};
  return all;
}

std::vector<std::uint32_t> LoadReport::latencies() const {
  std::vector<std::uint32_t> found;
  for (size_t i = 0; i < m_latencyUs.size(); ++i)
    if (m_classes[m_classOf[i]].hasLatency)
      found.push_back(m_latencyUs[i]);
  return found;
}

void LoadReport::addPercentiles(Json& json, bool isExact) const {
  if (m_timed == 0) {
    json["p50_ms"] = json["p99_ms"] = json["max_ms"] = Json();
    return;
  }
  json["max_ms"] = m_largestUs / perMs;
  if (!isExact) {
    json["p50_ms"] = histogramMs(0.5);
    json["p99_ms"] = histogramMs(0.99);
    return;
  }
  auto sorted = latencies();
  std::sort(sorted.begin(), sorted.end());
  auto at = [&](double share) {
    auto rank = static_cast<size_t>(std::ceil(share * static_cast<double>(sorted.size())));
    return sorted[std::max<size_t>(rank, 1) - 1] / perMs;
  };
  json["p50_ms"] = at(0.5);
  json["p99_ms"] = at(0.99);
}

Json LoadReport::toJson(Instant now, bool withSamples) const {
  auto until = m_finished.value_or(now);
  Json json{{"requests", m_requests},
            {"failed", m_failed},
            {"failures", m_failures},
            {"by_kind", m_byKind},
            {"by_class", classesJson()},
            {"streams",
             {{"started", m_streamsStarted},
              {"completed", m_streamsCompleted},
              {"cut", m_streamsCut},
              {"let_go", m_streamsLetGo}}},
            {"posts", postsJson()},
            {"started_at", toRfc3339(m_started.wall)},
            {"started_boot_ns", m_started.boot.time_since_epoch().count()},
            {"duration_s", elapsed(m_started, until)},
            {"rate_last_s", m_lastSecond}};
  json["first_answer_boot_ms"] = Json::object();
  for (const auto& [who, at] : m_firstAnswers)
    json["first_answer_boot_ms"][who] = milliseconds(at);
  addPercentiles(json, withSamples);
  if (!withSamples)
    return json;
  Json names = Json::array();
  for (const auto& kind : m_classes)
    names.push_back(kind.name);
  json["classes"] = names;
  json["samples"] = {
      {"boot_ms", m_bootMs}, {"latency_us", m_latencyUs}, {"failed", m_failedFlags}, {"class", m_classOf}};
  return json;
}

} // namespace ratdeck::sandbox
