#include "core/remote/rat/rat_client.h"

#include <map>
#include <set>

namespace ratdeck {

namespace {

constexpr int pageSize = 200;  // ratd's limit
constexpr int mostRuns = 5000; // 26 pages: within ratd's rate limit

struct Reading {
  std::string status = "pending";
  int offset = 0;
  RatActiveRuns found;
  std::set<std::string> ids; // a page boundary may move between two pages, and show a run twice
  CallId call{};
  Answer<RatActiveRuns> done;
};

} // namespace

struct RatClient::Impl {
  void readPage(int number);
  void onPage(int number, Result<HttpResponse> response);
  HttpRequest requestOf(const std::string& page) const;
  void onReaper(int number, const Result<HttpResponse>& response);
  Result<bool> take(Reading& reading, const Result<HttpResponse>& response); // whether there is more to read
  void finish(int number, Result<RatActiveRuns> result);

  HttpSender& m_http;
  RatEndpoint m_endpoint;
  std::map<int, Reading> m_readings;
  int m_lastNumber = 0;
  std::map<int, std::pair<CallId, Answer<RatReaper>>> m_reapers; // asked for
};

void RatClient::Impl::readPage(int number) {
  Reading& reading = m_readings.at(number);
  auto request = requestOf("/api/v1/runs?status=" + reading.status + "&limit=" + std::to_string(pageSize) +
                           "&offset=" + std::to_string(reading.offset));
  reading.call = m_http.send(std::move(request), [this, number](Result<HttpResponse> response) {
    onPage(number, std::move(response));
  });
}

HttpRequest RatClient::Impl::requestOf(const std::string& page) const {
  HttpRequest request;
  request.url = m_endpoint.baseUrl + page;
  request.headers = {{"Accept", "application/json"}};
  request.bearerToken = m_endpoint.token;
  request.timeout = m_endpoint.timeout;
  return request;
}

Result<bool> RatClient::Impl::take(Reading& reading, const Result<HttpResponse>& response) {
  if (!response)
    return failure(response.error());
  if (response->status != 200)
    return failure(ratError(response->status, response->body));
  auto page = parseRatRuns(response->body);
  if (!page)
    return failure(page.error());
  for (auto& run : page->active)
    if (reading.ids.insert(run.id).second)
      reading.found.runs.push_back(std::move(run));
  reading.offset += page->length;
  if (reading.offset > mostRuns)
    return failure(ErrorKind::Internal, "ratd lists more than " + std::to_string(mostRuns) + " active runs");
  if (page->length >= pageSize)
    return true;
  if (reading.status == "running")
    return false;
  reading.status = "running";
  reading.offset = 0;
  return true;
}

void RatClient::Impl::onPage(int number, Result<HttpResponse> response) {
  Reading& reading = m_readings.at(number);
  reading.call = {};
  const auto more = take(reading, response);
  if (!more)
    return finish(number, failure(more.error()));
  if (*more)
    return readPage(number);
  reading.found.count = static_cast<int>(reading.found.runs.size());
  finish(number, std::move(reading.found));
}

void RatClient::Impl::finish(int number, Result<RatActiveRuns> result) {
  auto done = std::move(m_readings.at(number).done);
  m_readings.erase(number);
  done(std::move(result)); // may destroy this client
}

void RatClient::Impl::onReaper(int number, const Result<HttpResponse>& response) {
  auto done = std::move(m_reapers.at(number).second);
  m_reapers.erase(number);
  if (!response)
    return done(failure(response.error())); // may destroy this client
  if (response->status != 200)
    return done(failure(ratError(response->status, response->body)));
  done(parseRatReaper(response->body));
}

RatClient::RatClient(HttpSender& http, RatEndpoint endpoint)
    : m_impl(new Impl{http, std::move(endpoint), {}, 0, {}}) {}

RatClient::~RatClient() {
  for (auto& [number, reading] : m_impl->m_readings)
    m_impl->m_http.cancel(reading.call);
  for (auto& [number, asked] : m_impl->m_reapers)
    m_impl->m_http.cancel(asked.first);
}

void RatClient::reaper(Answer<RatReaper> done) {
  const int number = ++m_impl->m_lastNumber;
  auto& asked = m_impl->m_reapers[number];
  asked.second = std::move(done);
  asked.first = m_impl->m_http.send(m_impl->requestOf("/api/v1/admin/retention/config"),
                                    [impl = m_impl.get(), number](const Result<HttpResponse>& response) {
                                      impl->onReaper(number, response);
                                    });
}

void RatClient::activeRuns(Answer<RatActiveRuns> done) {
  const int number = ++m_impl->m_lastNumber;
  m_impl->m_readings[number].done = std::move(done);
  m_impl->readPage(number);
}

} // namespace ratdeck
