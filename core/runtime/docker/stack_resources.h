// The networks and volumes that a stack's services use, as a Docker Engine knows them. Pure.
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/spec/stack_spec.h"

#include <string>
#include <vector>

namespace ratdeck {

struct StackResource {
  std::string key;         // in the file
  std::string name;        // the real one: `name:`, the key of an external one, PROJECT_KEY
  bool isExternal = false; // somebody else's: it must exist, and is never made
  Json body;               // of POST /networks/create or /volumes/create, with Compose's labels
};

struct StackResources {
  std::vector<StackResource> networks; // by key
  std::vector<StackResource> volumes;
};

// Errors: Input (a key of a network or volume that no engine knows).
Result<StackResources> stackResources(const StackSpec& stack);

// The real name of a top-level resource; `section`: "networks", "volumes". Errors: NotFound (the stack does
// not define it).
Result<std::string> realName(const StackSpec& stack, const char* section, const std::string& key);

} // namespace ratdeck
