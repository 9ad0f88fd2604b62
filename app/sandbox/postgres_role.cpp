// The store behind ratd: a ledger of record ids with how often each was stored, and the list of runs. HTTP
// inside.
//
//   POST /ledger?id=ID       201 {"count":N}
//   GET  /ledger?prefix=P    {"ids":{ID:N,…}}
//   POST /runs {…}           201    PATCH /runs/ID {…}   200, 404
//   GET  /runs?status=&limit=&offset=    {"runs":[…],"total":N}, the newest first
#include "app/sandbox/http_role.h"

#include "core/base/json.h"

#include <algorithm>
#include <unordered_map>

namespace ratdeck::sandbox {

namespace {

constexpr long long defaultPage = 50;
constexpr long long largestPage = 200;

class PostgresRole final : public HttpRole {
public:
  using HttpRole::HttpRole;

protected:
  void handle(std::shared_ptr<Exchange> exchange) override {
    const auto& request = exchange->request();
    if (request.path == "/health")
      return exchange->reply({200, R"({"status":"accepting connections"})", "application/json", {}});
    if (request.path == "/ledger")
      return exchange->reply(request.method == "POST" ? append(request) : ledger(request));
    if (request.path == "/runs")
      return exchange->reply(request.method == "POST" ? addRun(request) : runs(request));
    if (request.path.starts_with("/runs/") && request.method == "PATCH")
      return exchange->reply(changeRun(request.path.substr(6), request.body));
    exchange->reply({404, R"({"error":"no such page"})", "application/json", {}});
  }

private:
  HttpReply append(const HttpRequest& request) {
    auto id = request.queryValue("id");
    if (id.empty())
      return {400, R"({"error":"an id is required"})", "application/json", {}};
    return {201, "{\"count\":" + std::to_string(++m_ledger[id]) + "}", "application/json", {}};
  }

  HttpReply ledger(const HttpRequest& request) {
    auto prefix = request.queryValue("prefix");
    Json ids = Json::object();
    for (const auto& [id, count] : m_ledger)
      if (id.starts_with(prefix))
        ids[id] = count;
    return {200, dumpJson({{"ids", ids}}), "application/json", {}};
  }

  HttpReply addRun(const HttpRequest& request) {
    auto run = parseJson(request.body);
    if (!run || textAt(*run, "id").empty())
      return {400, R"({"error":"a run with an id is required"})", "application/json", {}};
    m_runs.push_back(*run);
    return {201, dumpJson(*run), "application/json", {}};
  }

  HttpReply changeRun(const std::string& id, const std::string& body) {
    auto change = parseJson(body);
    auto run =
        std::find_if(m_runs.begin(), m_runs.end(), [&](const Json& r) { return textAt(r, "id") == id; });
    if (run == m_runs.end() || !change || !change->is_object())
      return {404, R"({"error":"no such run"})", "application/json", {}};
    run->update(*change);
    return {200, dumpJson(*run), "application/json", {}};
  }

  HttpReply runs(const HttpRequest& request) {
    auto status = request.queryValue("status");
    auto limit = std::clamp(request.queryNumber("limit", defaultPage), 1LL, largestPage);
    auto offset = std::max(request.queryNumber("offset", 0), 0LL);
    Json page = Json::array();
    long long total = 0;
    for (auto run = m_runs.rbegin(); run != m_runs.rend(); ++run) {
      if (!status.empty() && textAt(*run, "status") != status)
        continue;
      if (total >= offset && static_cast<long long>(page.size()) < limit)
        page.push_back(*run);
      ++total;
    }
    return {200, dumpJson({{"runs", page}, {"total", total}}), "application/json", {}};
  }

  std::unordered_map<std::string, long long> m_ledger;
  std::vector<Json> m_runs;
};

} // namespace

std::unique_ptr<Role> makePostgres(RoleContext& context) {
  return std::make_unique<PostgresRole>(context);
}

} // namespace ratdeck::sandbox
