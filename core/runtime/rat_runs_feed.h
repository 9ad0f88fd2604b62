// Active runs of a RAT platform, read from ratd through the router, so that the copy that serves answers.
#pragma once

#include "core/remote/http/http_sender.h"
#include "core/runtime/runtime.h"

#include <memory>

namespace ratdeck {

class RatRunsFeed final : public RunsFeed {
public:
  // `router` and `http` outlive this object; without `http` it asks from here. `spec.path` must end in
  // /api/v1/runs. `token` empty: none is sent; an error: nothing is asked, and that is the answer.
  RatRunsFeed(const Router& router, const ActiveRunsSpec& spec, Result<Secret> token = Secret(),
              HttpSender* http = nullptr);
  ~RatRunsFeed() override; // cancels what is under way

  // Runs that are pending or running; an age of -1 where ratd names no start; the reaper's time unless ratd
  // does not tell it, which is no error. Errors: NotFound (nothing routes to the service), Input (the path),
  // those of RatClient::activeRuns.
  void activeRuns(Callback<ActiveWork> done) override;

private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

// The token that the stack says its runs are read with; empty where it names none. Errors: NotFound (no such
// variable of the service, no such file), Input (an empty one).
Result<Secret> runsTokenOf(const StackSpec& stack);

} // namespace ratdeck
