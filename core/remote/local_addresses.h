// The addresses that this machine's own interfaces have, V4 and V6, as text; those that are down are left
// out.
#pragma once

#include <string>
#include <vector>

namespace ratdeck {

std::vector<std::string> localAddresses();

} // namespace ratdeck
