// A connection to an address or to a unix socket, with one deadline for all that is done on it. Blocking.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"

#include <string>

namespace ratdeck::relay {

class Line {
public:
  // Counts from here.
  explicit Line(Duration timeout);
  ~Line();
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  // `place`: V4:PORT or [V6]:PORT. Errors of all: Input (no such place), Unreachable, Timeout.
  Status connect(const std::string& place);
  Status connectToSocket(const std::string& path);
  Status send(const std::string& bytes);
  // What has come, at most 16 KiB, at least a byte; "" at the end.
  Result<std::string> read();

private:
  Status connectTo(const void* address, unsigned size);
  Status await(short what);
  tl::unexpected<Error> broken(int code) const;

  BootTime m_until;
  Duration m_timeout;
  int m_fd = -1;
};

} // namespace ratdeck::relay
