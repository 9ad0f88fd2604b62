#include "core/remote/docker/docker_filters.h"

#include "core/base/json.h"

namespace ratdeck {

std::string toDockerQuery(const DockerFilters& filters) {
  return dumpJson(Json(filters));
}

} // namespace ratdeck
