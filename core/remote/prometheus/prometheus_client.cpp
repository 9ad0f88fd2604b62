#include "core/remote/prometheus/prometheus_client.h"

#include "core/remote/http/percent_encoding.h"
#include "core/remote/outbox.h"

#include <cstdio>
#include <set>

namespace ratdeck {

namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

// As the API takes times and durations: it keeps three decimals, and reads none before a unit.
std::string decimalSeconds(Duration duration) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", seconds(duration));
  return text;
}

Result<Exposition> expositionOf(const Result<HttpResponse>& response, const std::string& url) {
  if (!response)
    return failure(response.error());
  if (response->status == 200)
    return parseExposition(response->body, url);
  const std::string said = url + " answered " + std::to_string(response->status);
  if (response->status == 401 || response->status == 403)
    return failure(ErrorKind::Refused, said);
  if (response->status == 404)
    return failure(ErrorKind::NotFound, said, "check the path of the metrics");
  return failure(ErrorKind::Internal, said);
}

} // namespace

struct PrometheusClient::Impl {
  void ask(const char* path, Fields fields, Answer<PrometheusAnswer> done);

  HttpSender& http;
  PrometheusEndpoint endpoint;
  std::set<CallId> open;
  Outbox outbox;
};

// In the body, where a query may be long.
void PrometheusClient::Impl::ask(const char* path, Fields fields, Answer<PrometheusAnswer> done) {
  fields.emplace_back("timeout", decimalSeconds(endpoint.timeout));
  HttpRequest request;
  request.method = "POST";
  request.url = endpoint.baseUrl + path;
  request.headers = {{"Accept", "application/json"}, {"Content-Type", "application/x-www-form-urlencoded"}};
  request.body = formText(fields);
  request.bearerToken = endpoint.token;
  request.user = endpoint.user;
  request.password = endpoint.password;
  request.tls = endpoint.tls;
  request.timeout = endpoint.timeout;
  request.maxBody = maxPrometheusBody;
  const auto id = std::make_shared<CallId>();
  *id = http.send(std::move(request), [this, id, done = std::move(done)](Result<HttpResponse> response) {
    open.erase(*id);
    done(response ? parsePrometheusAnswer(response->status, response->body) // may destroy this client
                  : failure(response.error()));
  });
  open.insert(*id);
}

PrometheusClient::PrometheusClient(HttpSender& http, PrometheusEndpoint endpoint)
    : m_impl(new Impl{http, std::move(endpoint), {}, {}}) {
  std::string& url = m_impl->endpoint.baseUrl;
  while (url.ends_with('/'))
    url.pop_back();
}

PrometheusClient::~PrometheusClient() {
  for (const CallId id : m_impl->open)
    m_impl->http.cancel(id);
}

void PrometheusClient::query(const std::string& query, Answer<PrometheusAnswer> done) {
  m_impl->ask("/api/v1/query", {{"query", query}}, std::move(done));
}

void PrometheusClient::queryRange(const std::string& query, WallTime begin, WallTime end, Duration step,
                                  Answer<PrometheusAnswer> done) {
  if (end < begin || step <= 0s)
    return m_impl->outbox.post([done = std::move(done)] {
      done(failure(ErrorKind::Input, "a range ends after its begin, and has a step above 0"));
    });
  m_impl->ask("/api/v1/query_range",
              {{"query", query},
               {"start", decimalSeconds(begin.time_since_epoch())},
               {"end", decimalSeconds(end.time_since_epoch())},
               {"step", decimalSeconds(step)}},
              std::move(done));
}

CallId scrapeMetrics(HttpSender& http, const std::string& url, Duration timeout, Answer<Exposition> done) {
  HttpRequest request;
  request.url = url;
  request.headers = {{"Accept", "text/plain;version=0.0.4;q=1,*/*;q=0.1"}};
  request.timeout = timeout;
  request.maxBody = maxExpositionBytes;
  request.freshConnection = true; // no pooled one answers for a copy that is gone
  return http.send(std::move(request), [url, done = std::move(done)](Result<HttpResponse> response) {
    done(expositionOf(response, url));
  });
}

} // namespace ratdeck
