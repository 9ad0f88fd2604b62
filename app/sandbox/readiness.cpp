#include "app/sandbox/readiness.h"

#include <utility>

namespace ratdeck::sandbox {

namespace {

constexpr Duration freshFor = std::chrono::seconds(1);
constexpr auto pageTimeout = std::chrono::milliseconds(1000);
constexpr Duration callTimeout = std::chrono::seconds(1);
constexpr size_t checkCount = 4;

} // namespace

Readiness::Readiness(HttpPool* postgres, HttpPool* s3, RunnerClient* runner, QueryClient* query)
    : m_postgres(postgres), m_s3(s3), m_runner(runner), m_query(query) {}

void Readiness::check(std::function<void(const Checks&)> done) {
  if (!m_last.empty() && SystemClock().now().boot - m_when < freshFor)
    return done(m_last);
  m_waiting.push_back(std::move(done));
  if (m_waiting.size() == 1)
    ask();
}

void Readiness::ask() {
  m_next.clear();
  auto called = [this](const char* name) {
    return [this, name](const CallOutcome& outcome) {
      answered(name, outcome.ok ? "ok" : outcome.detail);
    };
  };
  askPage("postgres", m_postgres, "/health");
  askPage("s3", m_s3, "/minio/health/ready");
  m_runner ? m_runner->listPlugins(callTimeout, called("runner")) : answered("runner", "not configured");
  m_query ? m_query->listTables(callTimeout, called("query")) : answered("query", "not configured");
}

void Readiness::askPage(const char* name, HttpPool* pool, const char* path) {
  if (!pool)
    return answered(name, "not configured");
  pool->request("GET", path, {}, pageTimeout, [this, name](HttpOutcome outcome) {
    if (outcome.failure != HttpFailure::None)
      return answered(name, outcome.detail);
    answered(name, outcome.status == 200 ? "ok" : "status " + std::to_string(outcome.status));
  });
}

void Readiness::answered(const std::string& name, const std::string& text) {
  m_next[name] = text;
  if (m_next.size() < checkCount)
    return;
  m_last = m_next;
  m_when = SystemClock().now().boot;
  auto waiting = std::exchange(m_waiting, {});
  for (auto& done : waiting)
    done(m_last);
}

} // namespace ratdeck::sandbox
