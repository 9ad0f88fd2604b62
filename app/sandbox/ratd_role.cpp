// ratd: the platform's API. Queries go through ratq, previews through the runner, records and runs into the
// postgres stand-in, so that a break anywhere behind it shows as a failed request here.
#include "app/sandbox/detached_connection.h"
#include "app/sandbox/event_stream.h"
#include "app/sandbox/http_role.h"
#include "app/sandbox/rate_limiter.h"
#include "app/sandbox/readiness.h"
#include "app/sandbox/run_tracker.h"
#include "core/base/json.h"

#include <algorithm>

namespace ratdeck::sandbox {

namespace {

constexpr auto callTimeout = 4s;
constexpr auto storeTimeout = std::chrono::seconds(4);
constexpr long long defaultStreamSeconds = 4;
constexpr long long longestStreamSeconds = 600;
constexpr long long defaultRunMs = 5000;

HttpReply problem(int status, const std::string& text) {
  return {status, dumpJson({{"error", text}}), "application/json", {}};
}

template <class Client>
std::unique_ptr<Client> clientTo(RoleContext& context, const std::string& address, std::uint16_t port) {
  auto endpoint = parseEndpoint(address, port);
  return endpoint ? std::make_unique<Client>(context.io(), *endpoint) : nullptr;
}

class RatdRole final : public HttpRole {
public:
  explicit RatdRole(RoleContext& context);
  void startRuns(int count, Duration length) override;

protected:
  void handle(std::shared_ptr<Exchange> exchange) override;

private:
  using Page = void (RatdRole::*)(std::shared_ptr<Exchange>);
  void health(std::shared_ptr<Exchange> exchange);
  void ready(std::shared_ptr<Exchange> exchange);
  void metrics(std::shared_ptr<Exchange> exchange);
  void runs(std::shared_ptr<Exchange> exchange);
  void submitRun(std::shared_ptr<Exchange> exchange);
  void plugins(std::shared_ptr<Exchange> exchange);
  void retention(std::shared_ptr<Exchange> exchange);
  void setRetention(std::shared_ptr<Exchange> exchange);
  void runRetention(std::shared_ptr<Exchange> exchange);
  void query(std::shared_ptr<Exchange> exchange);
  void preview(std::shared_ptr<Exchange> exchange);
  void record(std::shared_ptr<Exchange> exchange);
  void stream(std::shared_ptr<Exchange> exchange);
  void webSocket(std::shared_ptr<Exchange> exchange);

  std::unique_ptr<HttpPool> m_postgres;
  std::unique_ptr<HttpPool> m_s3;
  std::unique_ptr<QueryClient> m_query;
  std::unique_ptr<RunnerClient> m_runner;
  std::unique_ptr<RunTracker> m_tracker;
  Readiness m_readiness;
  RateLimiter m_limiter;
  Json m_retention = {{"runs_max_per_pipeline", 100},
                      {"runs_max_age_days", 90},
                      {"logs_max_age_days", 30},
                      {"quality_results_max_per_test", 100},
                      {"soft_delete_purge_days", 30},
                      {"stuck_run_timeout_minutes", 120},
                      {"audit_log_max_age_days", 365},
                      {"nessie_orphan_branch_max_age_hours", 6},
                      {"reaper_interval_minutes", 60},
                      {"iceberg_snapshot_max_age_days", 7},
                      {"iceberg_orphan_file_max_age_days", 3}};
};

RatdRole::RatdRole(RoleContext& context)
    : HttpRole(context), m_postgres(clientTo<HttpPool>(context, context.environment("DATABASE_URL"), 5432)),
      m_s3(clientTo<HttpPool>(context, context.environment("S3_ENDPOINT"), 9000)),
      m_query(clientTo<QueryClient>(context, context.environment("RATQ_ADDR"), 50051)),
      m_runner(clientTo<RunnerClient>(context, context.environment("RUNNER_ADDR"), 50052)),
      m_readiness(m_postgres.get(), m_s3.get(), m_runner.get(), m_query.get()),
      m_limiter(std::strtod(context.environment("RATE_LIMIT").c_str(), nullptr)) {
  if (m_postgres && m_runner)
    m_tracker = std::make_unique<RunTracker>(context.io(), *m_postgres, *m_runner);
}

void RatdRole::startRuns(int count, Duration length) {
  for (int i = 0; m_tracker && i < count; ++i)
    m_tracker->submit("nightly-" + std::to_string(i + 1), length, [](const std::string&) {});
}

void RatdRole::handle(std::shared_ptr<Exchange> exchange) {
  struct Route {
    const char* method;
    const char* path;
    Page page;
  };
  static constexpr Route routes[] = {
      {"GET", "/health", &RatdRole::health},
      {"GET", "/health/live", &RatdRole::health},
      {"GET", "/health/ready", &RatdRole::ready},
      {"GET", "/metrics", &RatdRole::metrics},
      {"GET", "/api/v1/runs", &RatdRole::runs},
      {"POST", "/api/v1/runs", &RatdRole::submitRun},
      {"GET", "/api/v1/plugins", &RatdRole::plugins},
      {"GET", "/api/v1/admin/retention/config", &RatdRole::retention},
      {"PUT", "/api/v1/admin/retention/config", &RatdRole::setRetention},
      {"POST", "/api/v1/admin/retention/run", &RatdRole::runRetention},
      {"GET", "/api/v1/query", &RatdRole::query},
      {"GET", "/api/v1/preview", &RatdRole::preview},
      {"POST", "/api/v1/records", &RatdRole::record},
      {"GET", "/api/v1/stream", &RatdRole::stream},
      {"GET", "/api/v1/ws", &RatdRole::webSocket},
  };
  const auto& request = exchange->request();
  bool isApi = request.path.starts_with("/api/");
  if (isApi && !m_limiter.admit(request.remote, SystemClock().now().boot))
    return exchange->reply(problem(429, "rate limit exceeded"));
  for (const auto& route : routes)
    if (request.path == route.path && request.method == route.method)
      return (this->*route.page)(std::move(exchange));
  exchange->reply(problem(404, "no such page"));
}

void RatdRole::health(std::shared_ptr<Exchange> exchange) {
  exchange->reply({200,
                   dumpJson({{"status", "ok"},
                             {"version", m_context.options().version},
                             {"git_commit", "0000000"},
                             {"build_time", "1970-01-01T00:00:00Z"},
                             {"go_version", "none"}}),
                   "application/json",
                   {}});
}

void RatdRole::ready(std::shared_ptr<Exchange> exchange) {
  m_readiness.check([this, exchange](const Readiness::Checks& checks) {
    bool isReady =
        !m_context.faults().has(FaultKind::NotReady) &&
        std::all_of(checks.begin(), checks.end(), [](const auto& check) { return check.second == "ok"; });
    exchange->reply({isReady ? 200 : 503,
                     dumpJson({{"status", isReady ? "ready" : "not_ready"}, {"checks", checks}}),
                     "application/json",
                     {}});
  });
}

void RatdRole::metrics(std::shared_ptr<Exchange> exchange) {
  exchange->reply({200,
                   "# HELP ratd_info Build information.\n# TYPE ratd_info gauge\nratd_info{version=\"" +
                       m_context.options().version + "\"} 1\n",
                   "text/plain; version=0.0.4",
                   {}});
}

void RatdRole::runs(std::shared_ptr<Exchange> exchange) {
  if (!m_postgres)
    return exchange->reply(problem(503, "DATABASE_URL names no store"));
  auto target = exchange->request().target;
  auto mark = target.find('?');
  auto page = "/runs" + (mark == target.npos ? std::string() : target.substr(mark));
  m_postgres->request("GET", page, {}, storeTimeout, [exchange](HttpOutcome outcome) {
    if (outcome.failure != HttpFailure::None || outcome.status != 200)
      return exchange->reply(problem(500, "store: " + outcome.detail));
    exchange->reply({200, std::move(outcome.body), "application/json", {}});
  });
}

void RatdRole::submitRun(std::shared_ptr<Exchange> exchange) {
  if (!m_tracker)
    return exchange->reply(problem(503, "no store or no runner"));
  auto body = parseJson(exchange->request().body.empty() ? "{}" : exchange->request().body);
  if (!body)
    return exchange->reply(problem(400, body.error().message));
  auto length = std::chrono::milliseconds(std::max(0LL, integerAt(*body, "duration_ms", defaultRunMs)));
  m_tracker->submit(textAt(*body, "pipeline", "adhoc"), length, [exchange](std::string run) {
    run.empty() ? exchange->reply(problem(500, "the run was not stored"))
                : exchange->reply({202, std::move(run), "application/json", {}});
  });
}

void RatdRole::plugins(std::shared_ptr<Exchange> exchange) {
  Json list = Json::array();
  for (const char* name : {"auth-keycloak", "executor-container", "enforcement", "cloud-aws"})
    list.push_back({{"name", name}, {"status", "enabled"}});
  exchange->reply({200, dumpJson(list), "application/json", {}});
}

void RatdRole::retention(std::shared_ptr<Exchange> exchange) {
  exchange->reply({200, dumpJson({{"config", m_retention}}), "application/json", {}});
}

void RatdRole::setRetention(std::shared_ptr<Exchange> exchange) {
  auto body = parseJson(exchange->request().body);
  if (!body || !body->is_object())
    return exchange->reply(problem(400, "an object is required"));
  if (integerAt(*body, "runs_max_per_pipeline") < 1 || integerAt(*body, "reaper_interval_minutes") < 1)
    return exchange->reply(problem(400, "runs_max_per_pipeline and reaper_interval_minutes are at least 1"));
  m_retention = *body;
  retention(std::move(exchange));
}

void RatdRole::runRetention(std::shared_ptr<Exchange> exchange) {
  exchange->reply({202, R"({"status":"started"})", "application/json", {}});
}

// The answer of ratq or the runner, or the 502 that its absence is.
void passOn(Exchange& exchange, const char* service, const CallOutcome& outcome) {
  if (!outcome.ok)
    return exchange.reply(problem(502, std::string(service) + ": " + outcome.detail));
  auto who = std::string(service) + " " + outcome.version + " " + outcome.instance;
  exchange.reply({200, "{\"rows\":[" + outcome.text + "]}", "application/json", {{"X-Rat-Upstream", who}}});
}

void RatdRole::query(std::shared_ptr<Exchange> exchange) {
  if (!m_query)
    return exchange->reply(problem(503, "RATQ_ADDR names no ratq"));
  m_query->executeQuery(exchange->request().queryValue("sql", "select 1"), callTimeout,
                        [exchange](const CallOutcome& outcome) { passOn(*exchange, "ratq", outcome); });
}

void RatdRole::preview(std::shared_ptr<Exchange> exchange) {
  if (!m_runner)
    return exchange->reply(problem(503, "RUNNER_ADDR names no runner"));
  m_runner->preview(exchange->request().queryValue("pipeline", "adhoc"), callTimeout,
                    [exchange](const CallOutcome& outcome) { passOn(*exchange, "runner", outcome); });
}

void RatdRole::record(std::shared_ptr<Exchange> exchange) {
  auto id = exchange->request().queryValue("id");
  if (id.empty())
    if (auto body = parseJson(exchange->request().body))
      id = textAt(*body, "id");
  bool isPlain =
      std::all_of(id.begin(), id.end(), [](unsigned char c) { return std::isalnum(c) || c == '-'; });
  if (id.empty() || !isPlain)
    return exchange->reply(problem(400, "an id of letters, digits and - is required"));
  if (!m_postgres)
    return exchange->reply(problem(503, "DATABASE_URL names no store"));
  m_postgres->request("POST", "/ledger?id=" + id, {}, storeTimeout, [exchange](HttpOutcome outcome) {
    if (outcome.failure != HttpFailure::None || outcome.status != 201)
      return exchange->reply(problem(500, "store: " + outcome.detail));
    exchange->reply({201, std::move(outcome.body), "application/json", {}});
  });
}

std::chrono::milliseconds streamLength(const HttpRequest& request) {
  return std::chrono::seconds(
      std::clamp(request.queryNumber("seconds", defaultStreamSeconds), 0LL, longestStreamSeconds));
}

void RatdRole::stream(std::shared_ptr<Exchange> exchange) {
  auto length = streamLength(exchange->request());
  serveEventStream(m_context.io(), std::move(exchange), length);
}

void RatdRole::webSocket(std::shared_ptr<Exchange> exchange) {
  if (!exchange->wantsUpgrade())
    return exchange->reply(problem(400, "a WebSocket handshake is required"));
  auto length = streamLength(exchange->request());
  const auto& options = m_context.options();
  serveWebSocket(m_context.io(), exchange->detach(), length, options.service, options.version,
                 options.instance);
}

} // namespace

std::unique_ptr<Role> makeRatd(RoleContext& context) {
  return std::make_unique<RatdRole>(context);
}

} // namespace ratdeck::sandbox
