#include "core/remote/docker/docker_volume.h"

#include "core/remote/docker/docker_answer.h"

namespace ratdeck {

Result<DockerVolume> readDockerVolume(std::string_view body) {
  const auto json = readDockerJson(body, "a volume");
  if (!json)
    return failure(json.error());
  DockerVolume volume{textAt(*json, "Name"), textAt(*json, "Driver"), dockerLabelsAt(*json, "Labels")};
  if (volume.name.empty())
    return failure(ErrorKind::Internal, "Docker described a volume without a name");
  return volume;
}

} // namespace ratdeck
