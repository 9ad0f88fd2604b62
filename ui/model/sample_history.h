// What charts are made of: the series folded from a rollout's events. Asks no clock: what is known is known
// up to the last event. Not thread-safe.
#pragma once

#include "core/rollout/rollout_state.h"
#include "ui/model/sample_series.h"
#include "ui/model/step_mark.h"
#include "ui/model/step_series.h"
#include "ui/model/time_line.h"

#include <QStringList>

#include <set>

namespace ratdeck {

class SampleHistory {
public:
  // Seconds kept of each service; 64 bytes a second and service.
  static constexpr size_t fourHours = 4 * 3600;
  explicit SampleHistory(size_t capacity = fourHours);

  // `after` is the state after the event.
  void fold(const Event& event, const RolloutState& after);
  void clear();
  // Which services make up the scope "": those whose clients are users. Empty: all that the router serves.
  void setUserFacing(std::set<std::string> services);

  // A scope is the name of a service, or "" for all user-facing services together. Lines in `range`, not
  // decimated; active runs have a Total alone, and are the same in every scope.
  Line line(const QString& scope, Measure measure, Side side, TimeRange range) const;
  // At the second next to `at`, if it is not further than `reach` milliseconds.
  std::optional<double> value(const QString& scope, Measure measure, Side side, ChartTime at,
                              ChartTime reach) const;
  // Was it ever measured, and of runs: were there ever any? A panel of what was not is not to be shown.
  bool has(const QString& scope, Measure measure, Side side = Side::Total) const;
  // "total"; "ratd 2.3.0", or "old" and "new" where several services are meant.
  QString nameOf(const QString& scope, Side side) const;
  // The greatest ratio of 5xx answers that the plan lets pass, in percent; absent: no gate, or not the same
  // one.
  std::optional<double> threshold(const QString& scope) const;
  // Of one service: without the switches of others.
  std::vector<StepMark> marks(const QString& scope, TimeRange range) const;

  QStringList services() const; // that were sampled
  // From the first event to the last; absent before the first.
  std::optional<TimeRange> span() const { return m_span; }
  ChartTime at(Instant instant) const { return m_time.at(instant); }
  // The sampled second before (-1) or after (+1) `at`; `at` where there is none.
  ChartTime neighbour(const QString& scope, ChartTime at, int direction) const;
  // Changes with everything that the questions above can answer.
  long long revision() const { return m_revision; }

private:
  void takeSample(const Event& event, const RolloutState& after, ChartTime at);
  void takeRuns(const Event& event, const RolloutState& after, ChartTime at);
  void takeMark(const Event& event, ChartTime at);
  void takePlan(const Plan& plan);
  void sumUp();
  bool isUserFacing(const std::string& service) const;
  const SampleSeries* seriesOf(const QString& scope) const;

  struct Versions {
    QString from, to;
    std::optional<double> threshold;
  };

  size_t m_capacity;
  TimeLine m_time;
  std::optional<TimeRange> m_span;
  std::optional<ChartTime> m_lastSample; // absent: the next reading is a base line
  std::map<std::string, SampleSeries> m_series;
  SampleSeries m_users;
  std::set<std::string> m_userFacing;
  StepSeries m_runs;
  std::map<std::string, int> m_activeRuns; // by the service that waits for them
  std::deque<StepMark> m_marks;
  std::map<std::string, Versions> m_versions; // of the plan's services
  long long m_revision = 0;
};

} // namespace ratdeck
