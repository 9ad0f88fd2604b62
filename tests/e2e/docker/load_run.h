// The sandbox's load generator as a process of the test, against a router anywhere.
#pragma once

#include "core/runtime/process/load_report.h"

#include <QProcess>
#include <QStringList>

namespace ratdeck {

struct LoadTargets {
  std::string portal, ratd, ledger; // HOST:PORT, "" = left out
};

class LoadRun {
public:
  ~LoadRun(); // ends it without a report

  // `rate`: requests a second, beside `streams` of each kind all the time. "" or what went wrong.
  QString start(const LoadTargets& targets, int rate, int streams = 8);
  // Ends it, and waits for its open streams. Errors: Internal (it died, or said nothing).
  Result<LoadReport> stop();
  // What the last stop() read, without the samples.
  const Json& json() const { return m_json; }

private:
  QProcess m_process;
  Json m_json;
};

} // namespace ratdeck
