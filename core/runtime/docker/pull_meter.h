// Adds up the layers of one pull, and says when a line of progress is due. It knows nothing of the
// connection.
#pragma once

#include "core/base/clock.h"
#include "core/remote/docker/docker_image.h"

#include <map>
#include <optional>
#include <string>

namespace ratdeck {

struct PullProgress {
  std::string reference;
  long long done = 0, total = 0; // bytes that travel, of the layers whose size is known by now
  int layersDone = 0, layers = 0;
  bool operator==(const PullProgress&) const = default;
};

class PullMeter {
public:
  // `clock` must outlive this.
  PullMeter(std::string reference, const Clock& clock);
  // The progress after this step, if a line is due: the first step with a layer's is, then one a second at
  // most.
  std::optional<PullProgress> take(const DockerPullStep& step);
  PullProgress progress() const;

private:
  struct Layer {
    long long done = 0, total = 0;
    bool isComplete = false;
  };

  std::string m_reference;
  const Clock& m_clock;
  std::map<std::string, Layer> m_layers;
  std::optional<BootTime> m_lastLine;
};

} // namespace ratdeck
