// Reads from ratd what a drain waits for: the runs that are pending or running.
//
// It knows nothing of drains. ratd's `total` is only the page's length where an auth plugin names a user, so
// it is never trusted: pages are read while they are full. Pending runs are read before running ones, so that
// a run which moves on between the two calls is counted.
#pragma once

#include "core/base/duration.h"
#include "core/base/secret.h"
#include "core/remote/call.h"
#include "core/remote/http/http_sender.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ratdeck {

struct RatRun {
  std::string id;
  std::string status;                // pending, running
  std::string pipeline;              // "" where ratd does not say
  std::optional<WallTime> startedAt; // else when it was created, if ratd says so
};

struct RatActiveRuns {
  int count = 0; // of runs[]
  std::vector<RatRun> runs;
};

struct RatPage {
  std::vector<RatRun> active; // those that are pending or running
  int length = 0;             // of all that stand on the page
};

// One page of GET /api/v1/runs. Errors (Internal): not JSON, no list of runs (a missing list is not an empty
// one; null is, since that is how ratd writes it), a run without an id.
Result<RatPage> parseRatRuns(std::string_view body);

// What an answer other than 200 means, with ratd's own words: 401 in its three shapes (plain text,
// {"error":"…"}, {"error":{code,type,message}}), 403, 429 (Refused), the rest (Internal).
Error ratError(int status, std::string_view body);

// Of GET /api/v1/admin/retention/config: what ratd's reaper does with runs that nobody follows any more.
struct RatReaper {
  std::chrono::minutes timeout = std::chrono::minutes(120); // after which a run counts as stuck
  std::chrono::minutes tick = std::chrono::minutes(60);     // between two looks
  // From the start of a run that is lost to the moment it is marked failed, at most.
  std::chrono::minutes longest() const { return timeout + tick; }
};

// Errors (Internal): not JSON, no "config". A value that is missing or no number keeps ratd's default.
Result<RatReaper> parseRatReaper(std::string_view body);

struct RatEndpoint {
  std::string baseUrl;   // http://HOST:PORT
  Secret token;          // empty: none is sent
  Duration timeout = 5s; // of each page
};

class RatClient {
public:
  // `http` must outlive this client.
  RatClient(HttpSender& http, RatEndpoint endpoint);
  ~RatClient(); // cancels what is under way
  RatClient(const RatClient&) = delete;
  RatClient& operator=(const RatClient&) = delete;

  // Errors: those of HttpClient::send, of parseRatRuns, of ratError; Internal with more than 5,000 runs.
  void activeRuns(Answer<RatActiveRuns> done);
  // Errors: those of HttpClient::send, of parseRatReaper, of ratError.
  void reaper(Answer<RatReaper> done);

private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

} // namespace ratdeck
