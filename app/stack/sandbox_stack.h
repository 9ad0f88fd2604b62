// The RAT Pro stack that ships with the product, laid into a sandbox's folder.
#pragma once

#include "app/stack/stack_source.h"

namespace ratdeck {

// Writes the shipped Compose files under FOLDER/stack and names them. Errors: Internal.
Result<SandboxFiles> layShippedStack(const std::string& folder);

} // namespace ratdeck
