// Runs commands of HAProxy 2.6's runtime API over its stats socket.
//
// It knows nothing of backends or servers: a line in, a text out. Commands run one after another in the order
// of the calls, each on a connection of its own: HAProxy then ends its answer by closing, which is the only
// unmistakable end of an answer (in prompt mode "\n> " may also stand in the data), nothing that came too
// late can be taken for the next answer, and a reloaded HAProxy is reached without noticing. A connection
// costs some 50 µs.
#pragma once

#include "core/base/duration.h"
#include "core/remote/call.h"

#include <functional>
#include <memory>
#include <string>

namespace ratdeck {

// Runs one command, and gives HAProxy's answer as HaproxyRuntimeClient::run does.
using HaproxyRun = std::function<void(const std::string& command, Answer<std::string> done)>;

// Sends one line from where HAProxy's socket can be reached, and gives all that came until HAProxy closed,
// within `timeout` counted there. Errors: Unreachable, Timeout, Internal (an answer that is too large).
using HaproxyExchange =
    std::function<void(const std::string& line, Duration timeout, Answer<std::string> done)>;

class HaproxyRuntimeClient {
public:
  // `endpoint`: the absolute path of a unix socket, or HOST:PORT ([V6]:PORT). `timeout` is for each command,
  // from its start (the wait in the queue does not count).
  explicit HaproxyRuntimeClient(std::string endpoint, Duration timeout = 2s);
  // Everything goes through `exchange`; an answer that comes after this object's end is dropped.
  explicit HaproxyRuntimeClient(HaproxyExchange exchange, Duration timeout = 2s);
  ~HaproxyRuntimeClient(); // drops the queue
  HaproxyRuntimeClient(const HaproxyRuntimeClient&) = delete;
  HaproxyRuntimeClient& operator=(const HaproxyRuntimeClient&) = delete;

  // The answer's text without the empty line that ends it (the lines of a `show …` keep their newlines); ""
  // is HAProxy's way to agree to most changes, and a refusal is a text too: what an answer means is the
  // caller's to say. Errors: Input (a control character, a ';' or more than 8 KiB in the command),
  // Unreachable, Timeout, Internal (an answer that is cut short or over 16 MiB).
  void run(const std::string& command, Answer<std::string> done);

private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

} // namespace ratdeck
