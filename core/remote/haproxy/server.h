// A server line of HAProxy: its name, its address and the keywords that follow, the same in a configuration
// file and in `add server` (which inherits nothing from `default-server`).
#pragma once

#include "core/base/duration.h"
#include "core/base/result.h"

#include <string>
#include <string_view>

namespace ratdeck {

struct HaproxyServerName {
  std::string backend;
  std::string server;

  std::string path() const { return backend + "/" + server; }
  bool operator==(const HaproxyServerName&) const = default;
};

struct HaproxyServerOptions {
  bool isH2 = false;     // HTTP/2 without TLS towards the server
  bool isChecked = true; // HAProxy's own check, beside the gates
  Duration interval = 200ms;
  int rise = 2;
  int fall = 10;          // two seconds of bad answers: one that came late does not take the only copy away
  int weight = 100;       // 1 to 256; fractions of 1 would round to 0
  int maxConnections = 0; // 0: no limit
  bool operator==(const HaproxyServerOptions&) const = default;
};

// "check inter 200ms rise 2 fall 10 weight 100 proto h2"
std::string toHaproxyKeywords(const HaproxyServerOptions& options);

// Letters, digits and "-_.:", at most 200: nothing that would end a word or a line.
bool isHaproxyName(std::string_view name);
// HOST:PORT or [V6]:PORT with a port from 1 to 65535 and nothing that would end a word.
bool isHaproxyAddress(std::string_view address);

// Errors: Input.
Status checkHaproxyServer(const HaproxyServerName& name);
Status checkHaproxyOptions(const HaproxyServerOptions& options);

} // namespace ratdeck
