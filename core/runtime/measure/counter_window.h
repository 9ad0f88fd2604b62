// Counters of one copy, read now and then, and how far they went up over a sliding window. Pure.
#pragma once

#include "core/remote/prometheus/counters.h"
#include "core/runtime/measure.h"

#include <deque>
#include <string>

namespace ratdeck {

// Counters as they stood at one look.
struct CounterReading {
  CounterValues errors, requests;
  CounterValues buckets;      // of a histogram of seconds
  std::optional<double> mean; // seconds, where the source knows no more of the time than that
  std::string missing;        // why what was asked for is not there; "" = it is
  bool isLossy = false;       // something was not counted since the look before
};

// What happened between two looks, of one copy or of several together.
struct CounterChange {
  double errors = 0, requests = 0;
  HistogramBuckets buckets;
  double meanSum = 0, meanRequests = 0; // the means, by the weight of their requests
  std::string missing;
  bool isLossy = false;
  Duration covered = 0s;

  void add(const CounterChange& other);
};

class CounterWindow {
public:
  // `length`: of the window, above 0.
  explicit CounterWindow(Duration length) : m_length(length) {}

  // Readings come in the order of their times. No more than about 300 are told apart: those that come faster
  // take the place of the one before.
  void add(BootTime at, CounterReading reading);
  // Since the newest reading that is as old as the window, or else the oldest one; none with one reading, or
  // where those before are more than twice the window away. Each step between two readings counts by itself,
  // so that a counter which begins again in between loses nothing.
  std::optional<CounterChange> change() const;

private:
  struct Step {
    BootTime at;
    CounterChange since; // the reading before
  };
  Duration m_length;
  std::deque<Step> m_steps;
  CounterReading m_last;
};

// What the change says of the quantity that was asked for.
Measurement measurementOf(const MeasurementSpec& spec, const CounterChange& change);

} // namespace ratdeck
