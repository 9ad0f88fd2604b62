// What is judged for a service as a whole while its new copies serve: at another service's front door, or by
// what Prometheus, metrics or a request log say.
#pragma once

#include "core/engine/router_watchers.h"
#include "core/runtime/measure.h"

#include <memory>
#include <vector>

namespace ratdeck {

class AnalysisWatcher final : public Watcher, public RouterReader {
public:
  // `meter` may be null: then what it would be asked is an error, never a pass.
  AnalysisWatcher(Meter* meter, const Clock& clock, const RolloutState& state, const std::string& service,
                  WatchSet::Post post);
  ~AnalysisWatcher() override;
  void read(const RouterSample& sample, BootTime now, std::vector<Observation>& news) override;

private:
  struct Front {
    std::string service;
    RouterJudge judge;
  };
  // One analysis that a source is asked for, copy by copy where the source tells copies apart.
  struct Asked {
    AnalysisSpec spec;
    double limit = 0;
    Verdict verdict = Verdict::Pending;
    bool isOpen = false; // the last question has not been answered
    QTimer timer;
  };
  void ask(Asked& asked);
  void answered(Asked& asked, const Result<Measurement>& measurement);
  bool isTooEarly(const Asked& asked) const;

  Meter* m_meter;
  const Clock& m_clock;
  std::string m_service;
  BootTime m_switchedAt;
  WatchSet::Post m_post;
  std::vector<Front> m_fronts;
  std::vector<std::unique_ptr<Asked>> m_asked;
  std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace ratdeck
