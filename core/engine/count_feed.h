// The number of active work of one service, counted as its drain says: on each old copy and added up, or once
// for all. One that cannot be read leaves the whole unknown.
#pragma once

#include "core/remote/outbox.h"
#include "core/runtime/runtime.h"

#include <memory>
#include <string>
#include <vector>

namespace ratdeck {

class CountFeed final : public RunsFeed {
public:
  struct Copy {
    InstanceId id;
    std::string address;
    bool operator==(const Copy&) const = default;
  };

  // `counter` outlives this object; null: nothing can be counted. `spec` an error: that is every answer.
  CountFeed(WorkCounter* counter, Result<WorkCount> spec);

  // Those whose work is counted from here on; none has none.
  void setCopies(std::vector<Copy> copies) { m_copies = std::move(copies); }
  // Errors: those of WorkCounter::count, with the copy's name.
  void activeRuns(Callback<ActiveWork> done) override;

private:
  struct Sum;
  WorkCounter* m_counter;
  Result<WorkCount> m_spec;
  std::vector<Copy> m_copies;
  Outbox m_outbox;
};

} // namespace ratdeck
