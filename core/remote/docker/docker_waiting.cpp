#include "core/remote/docker/docker_waiting.h"

namespace ratdeck {

namespace {
constexpr std::size_t longestAnswer = 64u << 10;
}

CallId waitForExit(DockerConnection& connection, const std::string& id, Duration timeout,
                   Answer<DockerExit> done, CallId as) {
  DockerRequest request;
  request.method = "POST";
  request.path = "/containers/" + id + "/wait";
  request.query = {{"condition", "not-running"}};
  request.timeout = timeout;
  request.idleTimeout = timeout;
  const auto body = std::make_shared<std::string>();
  return connection.stream(
      std::move(request),
      {{},
       [body](std::string_view piece) {
         *body += piece.substr(0, longestAnswer - body->size());
       }},
      [body, done = std::move(done)](const Result<HttpResponse>& response) {
        done(response ? readDockerExit(*body) : Result<DockerExit>(failure(response.error())));
      },
      as);
}

} // namespace ratdeck
