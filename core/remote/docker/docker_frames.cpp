#include "core/remote/docker/docker_frames.h"

namespace ratdeck {

namespace {
constexpr std::size_t headBytes = 8;
}

Status DockerFrames::take(std::string_view bytes) {
  while (!bytes.empty() && !m_isBroken) {
    if (!m_isFramed) {
      m_sink(DockerOutput::Stdout, bytes);
      break;
    }
    if (m_left > 0) {
      const auto part = bytes.substr(0, m_left);
      bytes.remove_prefix(part.size());
      m_left -= part.size();
      m_sink(m_output, part);
      continue;
    }
    const auto part = bytes.substr(0, headBytes - m_head.size());
    bytes.remove_prefix(part.size());
    m_head += part;
    if (m_head.size() == headBytes)
      if (auto head = readHead(); !head)
        return head;
  }
  return m_isBroken ? Status(failure(ErrorKind::Internal, "Docker's output is not in frames"))
                    : Status(Done{});
}

Status DockerFrames::readHead() {
  const auto byte = [this](std::size_t i) {
    return static_cast<unsigned char>(m_head[i]);
  };
  // 0 is stdin, which Docker writes as stdout.
  m_isBroken = byte(0) > 2 || byte(1) != 0 || byte(2) != 0 || byte(3) != 0;
  if (m_isBroken)
    return failure(ErrorKind::Internal, "Docker's output is not in frames");
  m_output = byte(0) == 2 ? DockerOutput::Stderr : DockerOutput::Stdout;
  m_left = std::size_t{byte(4)} << 24 | std::size_t{byte(5)} << 16 | std::size_t{byte(6)} << 8 | byte(7);
  m_head.clear();
  return Done{};
}

} // namespace ratdeck
