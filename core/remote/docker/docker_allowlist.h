// What may be asked of a Docker Engine: one table of method and path. Everything else is refused before it is
// sent, so that no mistake in a caller, and no name that came from outside, reaches another endpoint.
#pragma once

#include <string_view>

namespace ratdeck {

// `path` without the version and without a query, as it is sent (nothing in it is percent-encoded: the
// characters that would need it stand in no id, name or reference of Docker). Pure.
bool isDockerCallAllowed(std::string_view method, std::string_view path);

} // namespace ratdeck
