#include "core/runtime/measure/counter_window.h"

#include <algorithm>
#include <cmath>

namespace ratdeck {

namespace {

constexpr int mostReadings = 300; // in a window

Measurement withoutRequests(Measurement measurement) {
  measurement.note = "no request in " + toHumanString(measurement.covered);
  return measurement;
}

Measurement ratioIn(const CounterChange& change, Measurement measurement) {
  measurement.samples = std::llround(change.requests);
  measurement.value = ratioOf(change.errors, change.requests);
  return measurement.value ? measurement : withoutRequests(std::move(measurement));
}

Measurement latencyIn(const MeasurementSpec& spec, const CounterChange& change, Measurement measurement) {
  if (change.meanRequests > 0) {
    measurement.samples = std::llround(change.requests);
    measurement.value = change.meanSum / change.meanRequests;
    measurement.note = "the mean of the last 1,024 requests";
    return measurement;
  }
  const auto quantile = quantileOf(spec.quantile, change.buckets);
  measurement.samples = 0;
  for (const auto& [bound, count] : change.buckets)
    measurement.samples = std::max(measurement.samples, std::llround(count));
  if (!quantile && measurement.samples == 0)
    return withoutRequests(std::move(measurement));
  if (!quantile) {
    measurement.note = "the histogram has no bucket +Inf, or no other";
    return measurement;
  }
  measurement.value = quantile->value;
  if (quantile->isBeyond)
    measurement.note = "at least: it lies above the highest bucket";
  return measurement;
}

} // namespace

void CounterChange::add(const CounterChange& other) {
  errors += other.errors;
  requests += other.requests;
  for (const auto& [bound, count] : other.buckets)
    buckets[bound] += count;
  meanSum += other.meanSum;
  meanRequests += other.meanRequests;
  if (missing.empty())
    missing = other.missing;
  isLossy = isLossy || other.isLossy;
  covered = std::max(covered, other.covered);
}

void CounterWindow::add(BootTime at, CounterReading reading) {
  CounterChange since;
  since.errors = increaseOf(m_last.errors, reading.errors);
  since.requests = increaseOf(m_last.requests, reading.requests);
  since.buckets = bucketIncreases(m_last.buckets, reading.buckets);
  since.isLossy = reading.isLossy;
  const auto count = m_steps.size();
  if (count > 1 && at - m_steps[count - 2].at < m_length / mostReadings) {
    since.add(m_steps.back().since);
    m_steps.pop_back();
  }
  m_steps.push_back({at, std::move(since)});
  m_last = std::move(reading);
  while (m_steps.size() > 1 && (at - m_steps[1].at >= m_length || at - m_steps[0].at > 2 * m_length))
    m_steps.pop_front();
}

std::optional<CounterChange> CounterWindow::change() const {
  if (m_steps.size() < 2)
    return {};
  CounterChange change;
  for (auto step = m_steps.begin() + 1; step != m_steps.end(); ++step)
    change.add(step->since);
  if (m_last.mean && change.requests > 0) {
    change.meanSum = *m_last.mean * change.requests;
    change.meanRequests = change.requests;
  }
  change.missing = m_last.missing;
  change.covered = m_steps.back().at - m_steps.front().at;
  return change;
}

Measurement measurementOf(const MeasurementSpec& spec, const CounterChange& change) {
  Measurement measurement;
  measurement.covered = change.covered;
  if (!change.missing.empty()) {
    measurement.note = change.missing;
    return measurement;
  }
  measurement = spec.quantity == MeasuredQuantity::ErrorRatio
                    ? ratioIn(change, std::move(measurement))
                    : latencyIn(spec, change, std::move(measurement));
  if (change.isLossy)
    measurement.note += (measurement.note.empty() ? "" : "; ") +
                        std::string("some lines of the log went by unseen between two looks");
  return measurement;
}

} // namespace ratdeck
