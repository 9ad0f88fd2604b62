// The sandbox's load generator as a process of the test, against a router anywhere.
#pragma once

#include "core/runtime/process/load_report.h"

#include <QProcess>
#include <QStringList>

namespace ratdeck {

struct LoadTargets {
  std::string portal, ratd, ledger; // HOST:PORT, "" = left out
  std::string web = {};             // one service of any kind, on a new connection each request
};

class LoadRun {
public:
  ~LoadRun(); // ends it without a report

  // `rate`: requests a second, beside `streams` of each kind all the time. "" or what went wrong.
  QString start(const LoadTargets& targets, int rate, int streams = 8);
  // Ends it, and waits for its open streams. Errors: Internal (it died, or said nothing).
  Result<LoadReport> stop();
  // What the last stop() read, without the samples, and they.
  const Json& json() const { return m_json; }
  const Json& samples() const { return m_samples; }

private:
  QProcess m_process;
  Json m_json, m_samples;
};

} // namespace ratdeck
