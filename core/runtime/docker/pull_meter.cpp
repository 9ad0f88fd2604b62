#include "core/runtime/docker/pull_meter.h"

#include "core/base/duration.h"

namespace ratdeck {

namespace {

constexpr Duration betweenLines = 1s;

} // namespace

PullMeter::PullMeter(std::string reference, const Clock& clock)
    : m_reference(std::move(reference)), m_clock(clock) {}

std::optional<PullProgress> PullMeter::take(const DockerPullStep& step) {
  const bool isNew = step.status == "Pulling fs layer" || step.status == "Already exists";
  const auto found = isNew ? m_layers.try_emplace(step.layer).first : m_layers.find(step.layer);
  if (found == m_layers.end())
    return std::nullopt; // of the whole
  Layer& layer = found->second;
  if (step.status == "Downloading") {
    layer.done = step.done;
    layer.total = std::max(step.total, step.done);
  } else if (step.status == "Download complete") {
    layer.done = layer.total;
  } else if (step.status == "Pull complete" || step.status == "Already exists") {
    layer.done = layer.total;
    layer.isComplete = true;
  }
  const BootTime now = m_clock.now().boot;
  if (m_lastLine && now - *m_lastLine < betweenLines)
    return std::nullopt;
  m_lastLine = now;
  return progress();
}

PullProgress PullMeter::progress() const {
  PullProgress sum{m_reference, 0, 0, 0, static_cast<int>(m_layers.size())};
  for (const auto& [id, layer] : m_layers) {
    sum.done += layer.done;
    sum.total += layer.total;
    sum.layersDone += layer.isComplete ? 1 : 0;
  }
  return sum;
}

} // namespace ratdeck
