#include "core/remote/docker/docker_pull.h"

#include "core/remote/docker/docker_answer.h"

namespace ratdeck {

namespace {

constexpr std::size_t longestLine = 64u << 10;
constexpr std::string_view digestMark = "Digest: ";

} // namespace

DockerPullReader::DockerPullReader(std::function<void(const DockerPullStep&)> onStep)
    : m_onStep(std::move(onStep)), m_lines(longestLine, [this](std::string_view line) { readLine(line); }) {}

void DockerPullReader::readLine(std::string_view line) {
  if (line.empty())
    return;
  const auto json = readDockerJson(line, "the progress of a pull");
  if (!json) {
    m_error = json.error();
    return;
  }
  const auto error = textAt(memberAt(*json, "errorDetail"), "message", textAt(*json, "error"));
  if (!error.empty()) {
    m_error = {ErrorKind::Internal, "Docker says: " + dockerWords(error), {}, {}};
    return;
  }
  const std::string status = dockerWords(textAt(*json, "status"));
  if (status.starts_with(digestMark))
    m_pull.digest = status.substr(digestMark.size());
  m_hasEnd = m_hasEnd || status.starts_with("Status: ");
  m_pull.wasNew = m_pull.wasNew || status.starts_with("Status: Downloaded");
  const Json& progress = memberAt(*json, "progressDetail");
  if (m_onStep)
    m_onStep({dockerWords(textAt(*json, "id")), status, integerAt(progress, "current"),
              integerAt(progress, "total")});
}

Result<DockerPull> DockerPullReader::finish() {
  m_lines.finish();
  if (m_error)
    return failure(*m_error);
  if (!m_hasEnd)
    return failure(ErrorKind::Internal, "the pull ended without saying what it came to");
  return m_pull;
}

} // namespace ratdeck
