// Counts the requests in the log of one copy by looking at its last lines again and again.
#pragma once

#include "core/remote/rat/request_log.h"
#include "core/runtime/measure/counter_window.h"

#include <string>
#include <vector>

namespace ratdeck {

class LogFollower {
public:
  // `asked`: how many lines are looked at each time.
  LogFollower(RequestLogFormat format, MeasuredQuantity quantity, int asked)
      : m_log(std::move(format)), m_quantity(quantity), m_asked(asked) {}

  // The last lines as they are now. What stood there at the look before is found again by its text and
  // counted once; where nothing of it is left, lines may have gone by unseen, and the reading is lossy. A
  // last line that does not end as JSON does may be unfinished, and is left for the next look. The first look
  // counts nothing: its lines are of before.
  CounterReading look(std::vector<std::string> lines);

private:
  RequestLog m_log;
  MeasuredQuantity m_quantity;
  int m_asked;
  bool m_hasLooked = false;
  std::vector<std::string> m_last;
};

} // namespace ratdeck
