#include "core/runtime/docker/relay_http.h"

#include <chrono>

namespace ratdeck {

namespace {

constexpr std::string_view scheme = "http://";

Result<HttpResponse> responseOf(const Result<RelayReply>& reply) {
  if (!reply)
    return failure(reply.error());
  if (reply->error)
    return failure(*reply->error);
  if (boolAt(reply->value, "cut"))
    return failure(ErrorKind::Internal, "the answer is too large");
  HttpResponse response;
  response.status = static_cast<int>(integerAt(reply->value, "status"));
  response.body = textAt(reply->value, "body");
  response.took = std::chrono::duration_cast<Duration>(
      std::chrono::duration<double, std::milli>(numberAt(reply->value, "took_ms")));
  return response;
}

} // namespace

CallId RelayHttp::send(HttpRequest request, Answer<HttpResponse> done) {
  const CallId id{++m_last};
  m_open.insert(id);
  const auto finish = [this, life = std::weak_ptr(m_life), id,
                       done = std::move(done)](Result<HttpResponse> response) {
    if (!life.expired() && m_open.erase(id) > 0)
      done(std::move(response));
  };
  const auto slash = request.url.find('/', scheme.size());
  if (request.method != "GET" || !request.url.starts_with(scheme) || !request.user.empty()) {
    m_outbox.post(
        [finish] { finish(failure(ErrorKind::Input, "the relay sends plain GETs without a user alone")); });
    return id;
  }
  const std::string path = slash == std::string::npos ? "/" : request.url.substr(slash);
  std::vector<std::string> words = {request.url.substr(scheme.size(), slash - scheme.size()), path,
                                    std::to_string(request.maxBody)};
  for (const HttpHeader& header : request.headers)
    words.push_back(header.name + ": " + header.value);
  const auto answer = [finish](const Result<RelayReply>& reply) {
    finish(responseOf(reply));
  };
  if (request.bearerToken.isEmpty())
    m_relay.ask("get", request.timeout, std::move(words), answer);
  else
    m_relay.askAs(request.bearerToken, request.timeout, std::move(words), answer);
  return id;
}

} // namespace ratdeck
