// Makes a reference lead to an image that is on the engine.
#pragma once

#include "core/remote/docker/docker_call_set.h"
#include "core/remote/docker/docker_client.h"
#include "core/runtime/runtime.h"

namespace ratdeck {

// As ImageKeeper::ensureTag(); `docker` and `calls` must outlive the call.
void ensureImageTag(DockerClient& docker, DockerCallSet& calls, const std::string& reference,
                    const std::string& id, Callback<std::string> done);

} // namespace ratdeck
