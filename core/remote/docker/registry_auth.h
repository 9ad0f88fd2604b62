// What the user's docker config.json, or a credential helper, has for one registry. Pure.
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/base/secret.h"

#include <optional>
#include <string>

namespace ratdeck {

struct RegistryAuth {
  std::string user;
  Secret password;
  Secret identityToken; // instead of user and password
  Secret registryToken; // as well
};

// What config.json and the helpers call a registry: HOST[:PORT], and a URL of its own for docker.io.
std::string registryKey(const std::string& registry);

// The part NAME of the docker-credential-NAME that keeps this registry's credentials: of credHelpers, else of
// credsStore; "" where config.json itself keeps them. Errors: Input (no name of a program).
Result<std::string> credentialHelperFor(const Json& config, const std::string& registry);

// The entry of auths, whether it stands there by host or by a URL; nothing if there is none, or an empty one.
// Errors: Input (it cannot be read).
Result<std::optional<RegistryAuth>> readRegistryAuth(const Json& config, const std::string& registry);

// What a helper's `get` printed. Errors: Input.
Result<std::optional<RegistryAuth>> readHelperAnswer(const std::string& output);

// As the Engine takes it in X-Registry-Auth.
Secret toRegistryHeader(const RegistryAuth& auth, const std::string& registry);

} // namespace ratdeck
