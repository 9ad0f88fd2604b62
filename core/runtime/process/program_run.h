// One run of a program to its end, with what it wrote to stderr. On the owner's thread; destroying it ends
// the program. For short runs: the time is bounded.
#pragma once

#include "core/runtime/runtime.h"

#include <QProcess>

#include <string>
#include <vector>

namespace ratdeck {

struct ProgramEnd {
  int exitCode = 0;
  std::string complaint; // the last of stderr, at most 2,000 bytes, without the final newline
};

class ProgramRun {
public:
  ProgramRun() = default;
  ~ProgramRun();
  ProgramRun(const ProgramRun&) = delete;
  ProgramRun& operator=(const ProgramRun&) = delete;

  // Once an object. Errors: NotFound (cannot be started), Timeout, Internal (died of a signal).
  void start(const std::string& program, const std::vector<std::string>& arguments, Duration timeout,
             Callback<ProgramEnd> done);

private:
  void finish(Result<ProgramEnd> result);

  QProcess m_process;
  Callback<ProgramEnd> m_done;
};

} // namespace ratdeck
