// One ImageKeeper::prepare(): the images of a rollout, one after the other.
#pragma once

#include "core/runtime/docker/image_keeper.h"

namespace ratdeck {

// `docker`, `calls`, `outbox` and `clock` must outlive the call.
void prepareImages(DockerClient& docker, DockerCallSet& calls, Outbox& outbox, const Clock& clock,
                   std::vector<WantedImage> wanted, ImageKeeper::OnProgress onProgress,
                   Callback<ImageKeeper::Images> done);

} // namespace ratdeck
