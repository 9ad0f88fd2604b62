// Requests a second for each client address, with a burst of twice as many: the platform's limit.
#pragma once

#include "core/base/clock.h"

#include <algorithm>
#include <string>
#include <unordered_map>

namespace ratdeck::sandbox {

class RateLimiter {
public:
  explicit RateLimiter(double perSecond) : m_rate(perSecond) {}

  // False: too many. A rate of 0 lets everything pass.
  bool admit(const std::string& client, BootTime now) {
    if (m_rate <= 0)
      return true;
    auto [it, isNew] = m_clients.try_emplace(client, Bucket{2 * m_rate, now});
    auto& bucket = it->second;
    bucket.tokens =
        std::min(2 * m_rate, bucket.tokens + m_rate * std::chrono::duration<double>(now - bucket.at).count());
    bucket.at = now;
    if (bucket.tokens < 1)
      return false;
    bucket.tokens -= 1;
    return true;
  }

private:
  struct Bucket {
    double tokens;
    BootTime at;
  };
  double m_rate;
  std::unordered_map<std::string, Bucket> m_clients;
};

} // namespace ratdeck::sandbox
