// What benches of the window share: how they are run, and their figures.
#pragma once

#include "core/base/clock.h"
#include "tests/support/size.h"
#include "ui/widgets/theme.h"

#include <QApplication>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <vector>

namespace ratdeck::test {

inline double millisecondsOf(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

// `part` from 0 to 1; 0 of nothing.
inline double percentile(std::vector<double> values, double part) {
  if (values.empty())
    return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, static_cast<size_t>(part * static_cast<double>(values.size())))];
}

inline long residentMiB() {
  std::ifstream file("/proc/self/statm");
  long size = 0, resident = 0;
  file >> size >> resident;
  return resident / 256;
}

// `Bench(isFull).run()` prints its figures, and tells whether its controls missed and, at full size, the
// goals are met: those are judged on a machine with nothing else to do. The exit code.
template <class Bench>
int runWindowBench(int argc, char** argv) {
  if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM") && !qEnvironmentVariableIsSet("DISPLAY"))
    qputenv("QT_QPA_PLATFORM", "offscreen");
  QApplication application(argc, argv);
  applyTheme(application, ThemeChoice::Light);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  return Bench(isFullSize()).run() ? 0 : 1;
}

} // namespace ratdeck::test
