// The lines that a pull writes, and what they come to.
//
// It knows nothing of the connection. The status is 200 long before the end is known: an error stands in the
// last line.
#pragma once

#include "core/remote/docker/docker_image.h"
#include "core/remote/docker/line_splitter.h"

#include <functional>

namespace ratdeck {

class DockerPullReader {
public:
  explicit DockerPullReader(std::function<void(const DockerPullStep&)> onStep);
  void take(std::string_view bytes) { m_lines.take(bytes); }
  // What it came to, once the stream has ended. Errors: Internal, with the words of the line; registryError()
  // says what they mean.
  Result<DockerPull> finish();

private:
  void readLine(std::string_view line);

  std::function<void(const DockerPullStep&)> m_onStep;
  LineSplitter m_lines;
  DockerPull m_pull;
  std::optional<Error> m_error;
  bool m_hasEnd = false;
};

} // namespace ratdeck
