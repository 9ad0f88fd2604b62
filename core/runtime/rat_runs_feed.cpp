#include "core/runtime/rat_runs_feed.h"

#include "core/remote/http/http_client.h"
#include "core/remote/outbox.h"
#include "core/remote/rat/rat_client.h"

#include <algorithm>

namespace ratdeck {

namespace {

constexpr std::string_view runsPath = "/api/v1/runs";
constexpr Duration pageTimeout = 3s;

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
  Secret token;
  SystemClock clock;
  std::unique_ptr<HttpClient> ownHttp;
  HttpSender& http;
  Outbox outbox;
  std::unique_ptr<RatClient> client; // made at the first call that finds a frontend
};

RatRunsFeed::RatRunsFeed(const Router& router, const ActiveRunsSpec& spec, Secret token, HttpSender* http) {
  auto own = http ? nullptr : std::make_unique<HttpClient>();
  HttpSender& sender = http ? *http : *own;
  m_impl.reset(new Impl{router, spec, std::move(token), {}, std::move(own), sender, {}, nullptr});
}
RatRunsFeed::~RatRunsFeed() = default;

void RatRunsFeed::activeRuns(Callback<std::vector<ActiveRun>> done) {
  Impl& impl = *m_impl;
  const auto fail = [&impl, &done](ErrorKind kind, std::string message) {
    impl.outbox.post(
        [done = std::move(done), error = Error{kind, std::move(message), {}, {}}] { done(failure(error)); });
  };
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
        impl.http, RatEndpoint{"http://" + frontend + prefix, impl.token, pageTimeout});
  }
  impl.client->activeRuns([&impl, done = std::move(done)](Result<RatActiveRuns> runs) {
    if (!runs)
      return done(failure(runs.error()));
    const WallTime now = impl.clock.now().wall;
    std::vector<ActiveRun> active;
    for (const RatRun& run : runs->runs)
      active.push_back(activeRunOf(run, now));
    done(std::move(active));
  });
}

} // namespace ratdeck
