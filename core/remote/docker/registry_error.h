// What a failure means that a Docker Engine tells of a registry. Pure.
#pragma once

#include "core/base/error.h"

#include <string>

namespace ratdeck {

// By the words, since a registry's failures come as status 500 or as a line of a stream. Refused: it wants to
// know who asks, or did not like the answer; NotFound: it has no such image; Timeout and Internal: it does
// not answer, or something else; each with what to do next. Errors of the engine itself pass through.
// `credentials`: why the user's credentials for this registry could not be found, stands in a refusal; may be
// empty.
Error registryError(Error error, const std::string& registry, const std::string& credentials = {});

// Whether the registry did not answer at all, so that asking it for another image is in vain.
bool isRegistrySilent(const Error& error);

} // namespace ratdeck
