// Takes apart the stream that carries stdout and stderr side by side: frames of 8 bytes (stream, three zeros,
// the length in network order) and a payload. The stream of a container with a terminal has no frames: it is
// all stdout.
//
// It knows nothing of where the bytes come from; they may be cut anywhere.
#pragma once

#include "core/base/result.h"

#include <functional>
#include <string>
#include <string_view>

namespace ratdeck {

enum class DockerOutput { Stdout, Stderr };

class DockerFrames {
public:
  using Sink = std::function<void(DockerOutput, std::string_view)>;

  // `sink` is called from inside take(), with parts of frames as they come.
  DockerFrames(bool isFramed, Sink sink) : m_isFramed(isFramed), m_sink(std::move(sink)) {}
  // Errors: Internal (not a frame's head); nothing is taken after one.
  Status take(std::string_view bytes);
  // Whether no frame is open: a stream may end here.
  bool isWhole() const { return m_head.empty() && m_left == 0; }

private:
  Status readHead();

  bool m_isFramed;
  Sink m_sink;
  std::string m_head; // of the frame to come
  std::size_t m_left = 0;
  DockerOutput m_output = DockerOutput::Stdout;
  bool m_isBroken = false;
};

} // namespace ratdeck
