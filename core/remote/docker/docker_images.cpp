#include "core/remote/docker/docker_images.h"

#include "core/remote/docker/docker_decoding.h"
#include "core/remote/docker/docker_filters.h"
#include "core/remote/docker/docker_pull.h"
#include "core/remote/docker/registry_error.h"

namespace ratdeck {

namespace {

constexpr Duration lookUpTimeout = 5s;
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

CallId DockerImages::list(const std::string& pattern, Answer<std::vector<DockerImageSummary>> done) {
  DockerRequest asked = request("GET", "json");
  asked.query = {{"filters", toDockerQuery({{"reference", {pattern}}})}};
  return m_connection.send(std::move(asked), decodedBy(&readDockerImages, std::move(done)));
}

CallId DockerImages::lookUp(const std::string& reference, Answer<DockerDistribution> done) {
  const auto parsed = parseDockerReference(reference);
  if (!parsed)
    return m_connection.fail(parsed.error(), decodedBy(&readDockerDistribution, std::move(done)));
  DockerRequest asked;
  asked.path = "/distribution/" + parsed->toString() + "/json";
  asked.timeout = lookUpTimeout;
  const auto send = [&connection = m_connection, registry = parsed->registry(), done = std::move(done)](
                        DockerRequest request, const std::string& credentials, CallId as) {
    connection.send(
        std::move(request),
        [=](const Result<HttpResponse>& response) {
          done(response ? readDockerDistribution(response->body)
                        : failure(registryError(response.error(), registry, credentials)));
        },
        as);
  };
  return withCredentials(parsed->registry(), std::move(asked), send);
}

CallId DockerImages::pull(const std::string& reference, OnStep onStep, Answer<DockerPull> done) {
  const auto parsed = parseDockerReference(reference);
  if (!parsed)
    return m_connection.fail(parsed.error(), [done = std::move(done)](const Result<HttpResponse>& response) {
      done(failure(response.error()));
    });
  DockerRequest asked = request("POST", "create");
  asked.query = {{"fromImage", parsed->name}, {"tag", parsed->tag}};
  asked.timeout = pullPatience;
  asked.idleTimeout = pullPatience;
  const auto reader = std::make_shared<DockerPullReader>(std::move(onStep));
  const auto send = [&connection = m_connection, registry = parsed->registry(), reader,
                     done = std::move(done)](DockerRequest request, const std::string& credentials,
                                             CallId as) {
    connection.stream(
        std::move(request),
        {{},
         [reader](std::string_view piece) {
           reader->take(piece);
         }},
        [=](const Result<HttpResponse>& response) {
          auto pull = response ? reader->finish() : Result<DockerPull>(failure(response.error()));
          done(pull ? std::move(pull) : failure(registryError(pull.error(), registry, credentials)));
        },
        as);
  };
  return withCredentials(parsed->registry(), std::move(asked), send);
}

// The registry decides what a request without credentials is worth: that they cannot be found is told with
// its refusal alone.
CallId DockerImages::withCredentials(const std::string& registry, DockerRequest request, Send send) {
  const CallId id = m_connection.hold();
  if (!m_credentials) {
    send(std::move(request), {}, id);
    return id;
  }
  m_credentials->find(registry, [&connection = m_connection, id, request = std::move(request),
                                 send = std::move(send)](const Result<Secret>& found) mutable {
    if (!connection.isHeld(id))
      return;
    request.registryAuth = found.value_or(Secret());
    send(std::move(request), found ? std::string() : found.error().toString(), id);
  });
  return id;
}

CallId DockerImages::tag(const std::string& image, const std::string& reference, Answer<Done> done) {
  const auto parsed = parseDockerReference(reference);
  if (!parsed)
    return m_connection.fail(parsed.error(), doneBy(std::move(done)));
  DockerRequest asked = request("POST", image, "/tag");
  asked.isIdempotent = true;
  asked.query = {{"repo", parsed->name}, {"tag", parsed->tag}};
  return m_connection.send(std::move(asked), doneBy(std::move(done)));
}

CallId DockerImages::removeTag(const std::string& reference, Answer<Done> done) {
  DockerRequest asked = request("DELETE", reference);
  asked.timeout = removeTimeout;
  return m_connection.send(std::move(asked), doneBy(std::move(done), &isGone));
}

} // namespace ratdeck
