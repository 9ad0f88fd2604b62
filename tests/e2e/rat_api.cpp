#include "tests/e2e/rat_api.h"

#include <QtTest>

#include <map>
#include <optional>

namespace ratdeck {

Json RatApi::ask(const std::string& method, const std::string& path, const Json& body) {
  HttpRequest request;
  request.method = method;
  request.url = m_base + path;
  request.freshConnection = true;
  if (!body.is_null()) {
    request.headers = {{"Content-Type", "application/json"}};
    request.body = dumpJson(body);
  }
  std::optional<Json> answer;
  m_http.send(std::move(request), [&answer](const Result<HttpResponse>& response) {
    const bool isGood = response && response->status >= 200 && response->status < 300;
    answer = isGood ? parseJson(response->body).value_or(Json()) : Json();
  });
  [[maybe_unused]] const bool isAnswered = QTest::qWaitFor([&] { return answer.has_value(); }, 10000);
  return answer.value_or(Json());
}

std::vector<std::string> RatApi::beginRuns(int count, Duration length) {
  std::vector<std::string> runs;
  for (int i = 0; i < count; ++i) {
    const auto run =
        ask("POST", "/api/v1/runs",
            {{"pipeline", "nightly"},
             {"duration_ms", std::chrono::duration_cast<std::chrono::milliseconds>(length).count()}});
    if (auto id = textAt(run, "id"); !id.empty())
      runs.push_back(std::move(id));
  }
  return runs;
}

std::string RatApi::statusOf(const std::vector<std::string>& runs) {
  std::map<std::string, std::string> known;
  const auto page = ask("GET", "/api/v1/runs?limit=200");
  for (const auto& run : memberAt(page, "runs"))
    known[textAt(run, "id")] = textAt(run, "status");
  std::string text;
  for (const auto& run : runs)
    text += (text.empty() ? "" : " ") + (known.contains(run) ? known[run] : std::string("?"));
  return text;
}

std::string RatApi::waitForStatus(const std::vector<std::string>& runs, const std::string& status,
                                  int timeoutMs) {
  std::string last;
  [[maybe_unused]] const bool isSo = QTest::qWaitFor(
      [&] {
        last = statusOf(runs);
        return last == status;
      },
      timeoutMs);
  return last;
}

bool RatApi::setReaper(int timeoutMinutes, int tickMinutes) {
  return ask("PUT", "/api/v1/admin/retention/config",
             {{"runs_max_per_pipeline", 100},
              {"stuck_run_timeout_minutes", timeoutMinutes},
              {"reaper_interval_minutes", tickMinutes}})
      .is_object();
}

} // namespace ratdeck
