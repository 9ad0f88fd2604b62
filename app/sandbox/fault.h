// Faults that a stand-in can be told to show. Plain values and their text; knows no processes.
//
//   start     crash, migrate-fail, start-slow=5s, exit-code=N      copies started later
//   health    never-healthy, flap[=400ms], not-ready, crash-after=5s   copies started later
//   traffic   errors=0.2, slow=800ms                                those that run too
//   leaving   ignore-sigterm, abrupt-exit                           those that run too
//   work      runs=3x90s                                            once, through a ratd that runs
#pragma once

#include "core/base/duration.h"
#include "core/base/result.h"

#include <string>
#include <vector>

namespace ratdeck::sandbox {

enum class FaultKind {
  NeverHealthy,
  Crash,
  Flap,
  Errors,
  Slow,
  CrashAfter,
  IgnoreSigterm,
  AbruptExit,
  Runs,
  MigrateFail,
  StartSlow,
  NotReady,
  ExitCode,
};

enum class FaultScope {
  Default, // by its kind
  Now,     // the copies that run now, and only they
  Next,    // only copies started later
};

struct Fault {
  FaultKind kind = FaultKind::NeverHealthy;
  std::string value; // as written, "" without one
  FaultScope scope = FaultScope::Default;
  double ratio = 0;    // Errors: 0 to 1
  Duration duration{}; // Flap, Slow, CrashAfter, StartSlow, Runs
  int count = 0;       // Runs, ExitCode
};

// Errors (kind Input): an unknown kind (with the known ones), a bad or a missing value.
Result<Fault> parseFault(const std::string& kind, const std::string& value, const std::string& scope = {});
// "errors=0.2", "crash": what `serve --fault` takes and parseFaultText reads.
std::string toText(const Fault& fault);
Result<Fault> parseFaultText(const std::string& text);
const char* nameOf(FaultKind kind);
const char* nameOf(FaultScope scope);

// Whether it concerns a copy that runs already, or one that is started later.
bool appliesToRunning(const Fault& fault);
bool appliesToLater(const Fault& fault);

// What one copy has been told.
class FaultSet {
public:
  // Replaces the one of the same kind.
  void set(Fault fault);
  void clear() { m_faults.clear(); }
  bool has(FaultKind kind) const { return find(kind) != nullptr; }
  // Null if not set.
  const Fault* find(FaultKind kind) const;
  const std::vector<Fault>& all() const { return m_faults; }
  // Whether this request is to fail: of N calls, ratio × N answer true, evenly spread.
  bool failsNow();

private:
  std::vector<Fault> m_faults;
  double m_owed = 0;
};

} // namespace ratdeck::sandbox
