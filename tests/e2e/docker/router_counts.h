// What a router counts about itself, read from its runtime API as its administrator would.
#pragma once

#include "core/base/result.h"

#include <string>

namespace ratdeck {

struct RouterCounts {
  long long requests = 0; // over all frontends
  long long retries = 0;  // over all backends: sent again to the same copy, or to another
};

// `socket`: the path of its stats socket. Errors: Unreachable.
Result<RouterCounts> readRouterCounts(const std::string& socket);

} // namespace ratdeck
