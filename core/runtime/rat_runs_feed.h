// Active runs of a RAT platform, read from ratd through the router, so that the copy that serves answers.
#pragma once

#include "core/remote/http/http_sender.h"
#include "core/runtime/runtime.h"

#include <memory>

namespace ratdeck {

class RatRunsFeed final : public RunsFeed {
public:
  // `router` and `http` outlive this object; without `http` it asks from here. `spec.path` must end in
  // /api/v1/runs. `token` empty: none is sent.
  RatRunsFeed(const Router& router, const ActiveRunsSpec& spec, Secret token = {},
              HttpSender* http = nullptr);
  ~RatRunsFeed() override; // cancels what is under way

  // Runs that are pending or running; an age of -1 where ratd names no start. Errors: NotFound (nothing
  // routes to the service), Input (the path), those of RatClient::activeRuns.
  void activeRuns(Callback<std::vector<ActiveRun>> done) override;

private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

} // namespace ratdeck
