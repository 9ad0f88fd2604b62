#include "app/sandbox/run_tracker.h"

#include "core/base/duration.h"
#include "core/base/json.h"

#include <random>

namespace ratdeck::sandbox {

namespace {

constexpr auto pollInterval = std::chrono::seconds(1);
constexpr auto callTimeout = 2s;
constexpr auto storeTimeout = std::chrono::seconds(5);
constexpr int lostAfter = 3; // "no such run" in a row

std::string newRunId() {
  std::random_device device;
  char text[32];
  std::snprintf(text, sizeof text, "run-%08x%08x", device(), device());
  return text;
}

std::string nowText() {
  return toRfc3339(SystemClock().now().wall);
}

} // namespace

RunTracker::RunTracker(boost::asio::io_context& io, HttpPool& store, RunnerClient& runner)
    : m_store(store), m_runner(runner), m_timer(io) {
  poll();
}

void RunTracker::submit(const std::string& pipeline, Duration length, std::function<void(std::string)> done) {
  auto id = newRunId();
  Json run{
      {"id", id},          {"status", "pending"},     {"namespace", "default"}, {"pipeline_name", pipeline},
      {"layer", "silver"}, {"created_at", nowText()}, {"trigger", "manual"}};
  m_store.request("POST", "/runs", dumpJson(run), storeTimeout, [=, this](HttpOutcome stored) {
    if (stored.failure != HttpFailure::None || stored.status != 201)
      return done({});
    m_runner.submit(pipeline, length, callTimeout,
                    [=, this](const CallOutcome& outcome) { started(id, outcome, done); });
  });
}

void RunTracker::started(const std::string& id, const CallOutcome& outcome,
                         const std::function<void(std::string)>& done) {
  if (!outcome.ok) {
    Json failed{
        {"status", "failed"}, {"error", "submit failed: " + outcome.detail}, {"finished_at", nowText()}};
    return change(id, dumpJson(failed), done);
  }
  m_live[id] = {outcome.text, 0};
  change(id, dumpJson({{"status", "running"}, {"started_at", nowText()}, {"runner_run_id", outcome.text}}),
         done);
}

void RunTracker::change(const std::string& id, const std::string& body,
                        std::function<void(std::string)> done) {
  m_store.request("PATCH", "/runs/" + id, body, storeTimeout, [done = std::move(done)](HttpOutcome outcome) {
    if (done)
      done(outcome.failure == HttpFailure::None && outcome.status == 200 ? outcome.body : "");
  });
}

void RunTracker::poll() {
  for (const auto& [id, run] : m_live)
    m_runner.status(run.runnerId, callTimeout,
                    [this, id = id](const CallOutcome& outcome) { heard(id, outcome); });
  m_timer.expires_after(pollInterval);
  m_timer.async_wait([this](boost::system::error_code error) {
    if (!error)
      poll();
  });
}

void RunTracker::heard(const std::string& id, const CallOutcome& outcome) {
  auto it = m_live.find(id);
  if (it == m_live.end())
    return;
  if (outcome.notFound && ++it->second.notFound >= lostAfter) {
    m_live.erase(it);
    return change(
        id,
        dumpJson({{"status", "failed"}, {"error", "the runner has no such run"}, {"finished_at", nowText()}}),
        nullptr);
  }
  if (!outcome.ok)
    return; // unreachable is not an answer
  it->second.notFound = 0;
  if (outcome.text == "running" || outcome.text == "pending")
    return;
  m_live.erase(it);
  change(id, dumpJson({{"status", outcome.text}, {"finished_at", nowText()}}), nullptr);
}

} // namespace ratdeck::sandbox
