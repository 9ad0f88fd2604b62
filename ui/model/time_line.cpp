#include "ui/model/time_line.h"

#include <algorithm>

namespace ratdeck {

namespace {

template <class Time>
ChartTime millisecondsOf(Time time) {
  return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

} // namespace

ChartTime TimeLine::advance(Instant at, const std::string& bootId) {
  const bool isOtherBoot = !bootId.empty() && bootId != m_bootId;
  if (!m_offset || isOtherBoot) {
    const ChartTime wall = millisecondsOf(at.wall);
    m_offset = (m_offset ? std::max(wall, m_last) : wall) - millisecondsOf(at.boot);
    m_bootId = bootId;
  }
  m_last = std::max(m_last, millisecondsOf(at.boot) + *m_offset);
  return m_last;
}

ChartTime TimeLine::at(Instant instant) const {
  return m_offset ? millisecondsOf(instant.boot) + *m_offset : millisecondsOf(instant.wall);
}

} // namespace ratdeck
