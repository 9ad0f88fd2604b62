#include "ui/model/step_series.h"

#include <algorithm>

namespace ratdeck {

void StepSeries::set(ChartTime at, std::optional<double> value) {
  if (m_steps.empty() ? !value : m_steps.back().value == value)
    return;
  if (m_steps.size() == m_capacity)
    m_steps.pop_front();
  m_steps.push_back({at, value});
  m_hasPositive = m_hasPositive || value.value_or(0) > 0;
}

Line StepSeries::line(TimeRange range, ChartTime known) const {
  Line line;
  const ChartTime end = std::min(range.to, known);
  bool joins = false;
  for (size_t i = 0; i < m_steps.size() && m_steps[i].at <= end; ++i) {
    const bool isLast = i + 1 == m_steps.size();
    const ChartTime until = isLast ? end : std::min(end, m_steps[i + 1].at);
    if (m_steps[i].value && until >= range.from) {
      line.push_back({std::max(m_steps[i].at, range.from), *m_steps[i].value, joins});
      line.push_back({until, *m_steps[i].value, true});
    }
    joins = m_steps[i].value.has_value() && until >= range.from;
  }
  return line;
}

std::optional<double> StepSeries::value(ChartTime at, ChartTime known) const {
  const auto next = std::upper_bound(m_steps.begin(), m_steps.end(), at,
                                     [](ChartTime time, const Step& step) { return time < step.at; });
  return next == m_steps.begin() || at > known ? std::nullopt : (next - 1)->value;
}

} // namespace ratdeck
