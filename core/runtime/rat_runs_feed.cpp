#include "core/runtime/rat_runs_feed.h"

#include "core/base/file.h"
#include "core/remote/http/http_client.h"
#include "core/remote/outbox.h"
#include "core/remote/rat/rat_client.h"

#include <algorithm>

namespace ratdeck {

namespace {

constexpr std::string_view runsPath = "/api/v1/runs";
constexpr Duration pageTimeout = 3s;
constexpr size_t longestToken = 16384;

ActiveRun activeRunOf(const RatRun& run, WallTime now) {
  ActiveRun active{run.id, run.status, -1};
  if (run.startedAt)
    active.ageSeconds = std::max(0.0, seconds(now - *run.startedAt));
  return active;
}

} // namespace

struct RatRunsFeed::Impl {
  const Router& router;
  ActiveRunsSpec spec;
  Result<Secret> token;
  SystemClock clock;
  std::unique_ptr<HttpClient> ownHttp;
  HttpSender& http;
  Outbox outbox;
  std::unique_ptr<RatClient> client; // made at the first call that finds a frontend
  std::optional<Duration> reapedWithin;
  int reaperTries = 0;

  void finish(ActiveWork work, Callback<ActiveWork> done);
};

// The reaper's settings are read once: whoever keeps them from us does so each time.
void RatRunsFeed::Impl::finish(ActiveWork work, Callback<ActiveWork> done) {
  constexpr int mostTries = 3;
  work.reapedWithin = reapedWithin;
  if (reapedWithin || reaperTries++ >= mostTries)
    return done(std::move(work));
  client->reaper([this, work = std::move(work), done = std::move(done)](Result<RatReaper> reaper) mutable {
    if (reaper)
      work.reapedWithin = reapedWithin = reaper->longest();
    done(std::move(work));
  });
}

RatRunsFeed::RatRunsFeed(const Router& router, const ActiveRunsSpec& spec, Result<Secret> token,
                         HttpSender* http) {
  auto own = http ? nullptr : std::make_unique<HttpClient>();
  HttpSender& sender = http ? *http : *own;
  m_impl.reset(new Impl{router, spec, std::move(token), {}, std::move(own), sender, {}, nullptr, {}, 0});
}
RatRunsFeed::~RatRunsFeed() = default;

void RatRunsFeed::activeRuns(Callback<ActiveWork> done) {
  Impl& impl = *m_impl;
  const auto refuse = [&impl, &done](Error error) {
    impl.outbox.post([done = std::move(done), error = std::move(error)] { done(failure(error)); });
  };
  const auto fail = [&refuse](ErrorKind kind, std::string message) {
    refuse({kind, std::move(message), {}, {}});
  };
  if (!impl.token)
    return refuse(impl.token.error());
  if (!impl.spec.path.ends_with(runsPath))
    return fail(ErrorKind::Input, "active_runs.path must end in " + std::string(runsPath));
  if (!impl.client) {
    const std::string frontend = impl.router.frontendOf(impl.spec.service, impl.spec.port);
    if (frontend.empty())
      return fail(ErrorKind::NotFound, "nothing routes to port " + std::to_string(impl.spec.port) +
                                           " of service " + impl.spec.service +
                                           ", where the active runs are read");
    const std::string prefix = impl.spec.path.substr(0, impl.spec.path.size() - runsPath.size());
    impl.client = std::make_unique<RatClient>(
        impl.http, RatEndpoint{"http://" + frontend + prefix, *impl.token, pageTimeout});
  }
  impl.client->activeRuns([&impl, done = std::move(done)](Result<RatActiveRuns> runs) {
    if (!runs)
      return done(failure(runs.error()));
    const WallTime now = impl.clock.now().wall;
    ActiveWork work;
    work.count = runs->count;
    for (const RatRun& run : runs->runs)
      work.runs.push_back(activeRunOf(run, now));
    impl.finish(std::move(work), done);
  });
}

Result<Secret> runsTokenOf(const StackSpec& stack) {
  const auto& runs = stack.policy.activeRuns;
  if (!runs || (runs->tokenEnv.empty() && runs->tokenFile.empty()))
    return Secret();
  if (!runs->tokenEnv.empty()) {
    const ServiceSpec* service = stack.find(runs->service);
    const auto found =
        service ? service->environment.find(runs->tokenEnv) : decltype(service->environment.end())();
    if (!service || found == service->environment.end() || found->second.isEmpty())
      return failure(ErrorKind::NotFound, "the environment of " + runs->service + " has no " +
                                              runs->tokenEnv + ", the token that active runs are read with");
    return found->second;
  }
  auto text = readFile(runs->tokenFile, longestToken);
  if (!text)
    return failure(text.error());
  while (!text->empty() && static_cast<unsigned char>(text->back()) <= 0x20)
    text->pop_back();
  if (text->empty())
    return failure(ErrorKind::Input,
                   runs->tokenFile + " is empty: there is no token to read active runs with");
  return Secret(std::move(*text));
}

} // namespace ratdeck
