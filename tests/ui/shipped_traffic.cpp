#include "tests/ui/shipped_traffic.h"

#include <algorithm>
#include <cmath>

namespace ratdeck::test {

namespace {

struct Habit {
  int requests;  // a second
  double timeMs; // of an answer by the old version
  bool isFromUsers;
};

const std::map<std::string, Habit>& habits() {
  static const std::map<std::string, Habit> each = {{"ratd", {240, 6.5, true}},
                                                    {"portal", {60, 22, true}},
                                                    {"ratq", {85, 31, false}},
                                                    {"runner", {12, 9, false}},
                                                    {"auth-keycloak", {240, 1.8, false}},
                                                    {"enforcement", {130, 2.4, false}},
                                                    {"executor-container", {6, 14, false}},
                                                    {"cloud-aws", {9, 40, false}},
                                                    {"nessie", {48, 11, false}},
                                                    {"minio", {95, 7, false}}};
  return each;
}

// Between -1 and 1, and nowhere regular.
double swing(int second, double phase) {
  return (std::sin(second * 0.7 + phase) + std::sin(second * 0.13 + 2 * phase) +
          std::sin(second * 1.9 + 3 * phase)) /
         3;
}

int around(int middle, int second, double phase, double by) {
  return std::max(0, static_cast<int>(std::lround(middle * (1 + by * swing(second, phase)))));
}

void addTo(Json& sum, const Json& counts) {
  for (const char* key : {"requests", "errors_5xx", "connection_errors", "retries", "in_flight"})
    sum[key] = integerAt(sum, key) + integerAt(counts, key);
}

} // namespace

Json ShippedTraffic::countsOf(const RoutedCopy& copy, int requests) {
  double& owed = m_owed[copy.id];
  const auto ratio = failing.find(copy.service);
  if (copy.isNew && ratio != failing.end())
    owed += requests * ratio->second;
  const int errors = m_isBaseLine ? 0 : static_cast<int>(owed);
  owed -= errors;
  const int inFlight = copy.isDraining ? 3 : std::max(1, around(requests / 30, m_second, 4, 0.5));
  return {{"requests", m_isBaseLine ? 0 : requests},
          {"errors_5xx", errors},
          {"connection_errors", 0},
          {"retries", 0},
          {"in_flight", inFlight},
          {"routing", copy.isDraining ? "draining" : "serving"}};
}

Json ShippedTraffic::count(const std::vector<RoutedCopy>& copies) {
  ++m_second;
  std::map<std::string, int> serving;
  for (const auto& copy : copies)
    serving[copy.service] += copy.isDraining ? 0 : 1;
  Json services = Json::object();
  for (const auto& copy : copies) {
    const auto habit = habits().find(copy.service);
    if (habit == habits().end())
      continue;
    const double phase = static_cast<double>(copy.service.size());
    const int all = around(habit->second.requests, m_second, phase, 0.05);
    const int own = copy.isDraining ? 0 : all / std::max(1, serving[copy.service]);
    auto counts = countsOf(copy, own);
    auto& service = services[copy.service];
    addTo(service, counts);
    const double better = copy.isNew ? 0.85 : 1;
    counts["time_ms"] = habit->second.timeMs * better * (1 + 0.12 * swing(m_second, phase));
    if (!copy.isDraining)
      service["time_ms"] = counts["time_ms"];
    if (habit->second.isFromUsers) {
      m_requests += integerAt(counts, "requests");
      m_failed += integerAt(counts, "errors_5xx");
    }
    service["instances"][copy.id.value] = std::move(counts);
  }
  m_isBaseLine = false;
  return {{"services", std::move(services)}};
}

} // namespace ratdeck::test
