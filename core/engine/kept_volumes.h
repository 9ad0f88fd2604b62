// Data in volumes without a name: where the old copy of a service stops before the new one starts, the new
// one goes on with the old one's volumes, and so does the old one when it is brought back. Pure but for
// reading the store.
#pragma once

#include "core/engine/deployment.h"

namespace ratdeck {

// Writes them into the new revision and into those that the old copies are of. A service with more than one
// copy is left alone: which of them would go on with which is not said anywhere.
void keepVolumes(Deployment& deployment, const World& world, const RevisionStore& store);

} // namespace ratdeck
