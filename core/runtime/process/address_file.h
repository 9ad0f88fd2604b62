// DIR/addresses.json: a sandbox's address plan on disk. Every change is made under a lock beside it, so that
// a plan and a deploy at the same time give no number twice. The lock is waited for 2 s at most; then the
// error is Timeout.
#pragma once

#include "core/runtime/process/address_plan.h"

#include <string>
#include <vector>

namespace ratdeck {

// Errors: NotFound (no sandbox here), Input (damaged), Internal.
Result<AddressPlan> readAddressPlan(const std::string& dir);

// Writes the subnet; services that have numbers from an earlier life of the sandbox keep them.
Result<AddressPlan> writeSubnet(const std::string& dir, const std::string& subnet);

// Reads the plan and adds the services that are new.
// Errors: NotFound (no sandbox here), Input (damaged), Refused (too many services), Internal.
Result<AddressPlan> extendAddressPlan(const std::string& dir, const std::vector<std::string>& services);

} // namespace ratdeck
