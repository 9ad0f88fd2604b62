#include "core/remote/docker/docker_images.h"

#include "core/remote/docker/docker_decoding.h"
#include "core/remote/docker/docker_pull.h"

namespace ratdeck {

namespace {

constexpr Duration pullPatience = 120s; // until the registry answers, and between two lines of progress
constexpr Duration removeTimeout = 60s;

DockerRequest request(const std::string& method, const std::string& image, const std::string& verb = {}) {
  DockerRequest request;
  request.method = method;
  request.path = "/images/" + image + verb;
  return request;
}

bool isGone(const Error& error) {
  return error.kind == ErrorKind::NotFound;
}

} // namespace

CallId DockerImages::inspect(const std::string& image, Answer<DockerImage> done) {
  return m_connection.send(request("GET", image, "/json"), decodedBy(&readDockerImage, std::move(done)));
}

CallId DockerImages::pull(const std::string& reference, OnStep onStep, Answer<DockerPull> done) {
  const auto reader = std::make_shared<DockerPullReader>(std::move(onStep));
  auto finished = [reader, done = std::move(done)](const Result<HttpResponse>& response) {
    done(response ? reader->finish() : Result<DockerPull>(failure(dockerPullError(response.error()))));
  };
  const auto parsed = parseDockerReference(reference);
  if (!parsed)
    return m_connection.fail(parsed.error(), std::move(finished));
  DockerRequest asked = request("POST", "create");
  asked.query = {{"fromImage", parsed->name}, {"tag", parsed->tag}};
  asked.timeout = pullPatience;
  asked.idleTimeout = pullPatience;
  return m_connection.stream(std::move(asked),
                             {{},
                              [reader](std::string_view piece) {
                                reader->take(piece);
                              }},
                             std::move(finished));
}

CallId DockerImages::tag(const std::string& image, const std::string& reference, Answer<Done> done) {
  const auto parsed = parseDockerReference(reference);
  if (!parsed)
    return m_connection.fail(parsed.error(), doneBy(std::move(done)));
  DockerRequest asked = request("POST", image, "/tag");
  asked.query = {{"repo", parsed->name}, {"tag", parsed->tag}};
  return m_connection.send(std::move(asked), doneBy(std::move(done)));
}

CallId DockerImages::removeTag(const std::string& reference, Answer<Done> done) {
  DockerRequest asked = request("DELETE", reference);
  asked.timeout = removeTimeout;
  return m_connection.send(std::move(asked), doneBy(std::move(done), &isGone));
}

} // namespace ratdeck
