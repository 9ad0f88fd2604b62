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
  // What it came to, once the stream has ended. Errors: NotFound, Refused, Internal (with the words of the
  // line).
  Result<DockerPull> finish();

private:
  void readLine(std::string_view line);

  std::function<void(const DockerPullStep&)> m_onStep;
  LineSplitter m_lines;
  DockerPull m_pull;
  std::optional<Error> m_error;
  bool m_hasEnd = false;
};

// What a pull's failure is, by its words: those of the registry come as status 500, or as a line of the
// stream.
Error dockerPullError(Error error);

} // namespace ratdeck
