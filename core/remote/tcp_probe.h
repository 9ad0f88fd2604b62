// Asks whether somebody accepts a TCP connection, and closes it.
//
// It knows nothing of what is spoken there.
#pragma once

#include "core/remote/call.h"

#include <cstdint>
#include <memory>
#include <string>

namespace ratdeck {

struct TcpProbeResult {
  Duration took = Duration::zero(); // until the connection stood
};

class TcpProber {
public:
  TcpProber();
  ~TcpProber(); // cancels all that is under way
  TcpProber(const TcpProber&) = delete;
  TcpProber& operator=(const TcpProber&) = delete;

  // `host`: an address or a name. Errors: Unreachable (refused, unknown host, no route), Timeout.
  CallId connect(const std::string& host, std::uint16_t port, Duration timeout, Answer<TcpProbeResult> done);
  // The answer is not called any more. Unknown or answered ids: nothing happens.
  void cancel(CallId id);

private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

} // namespace ratdeck
