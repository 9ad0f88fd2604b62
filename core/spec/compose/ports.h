// The short form of a published port: [[IP:]HOST:]CONTAINER[/PROTOCOL], ranges included.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ratdeck::compose {

struct ShortPort {
  std::string hostIp;
  std::string published; // "", a number or FIRST-LAST
  std::uint32_t target = 0;
  std::string protocol; // tcp, udp, sctp
};

// A range gives one entry a container port, ordered as the reference orders them (by the text
// TARGET/PROTOCOL). Errors (kind Input, no location): no port, a bad number, a bad address, ranges of
// different length, an unknown protocol. At most 65,536 entries.
Result<std::vector<ShortPort>> parsePort(const std::string& text);

bool isIpAddress(const std::string& text);

} // namespace ratdeck::compose
