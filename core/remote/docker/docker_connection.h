// Requests to one Docker Engine: over its socket, TCP, TLS or ssh, in the newest API version that both sides
// speak, and only what the allowlist has.
//
// It knows nothing of containers. Life of one request: the allowlist is asked; the first one, and each one
// after the engine was away, opens the tunnel if there is one and asks /_ping for the version; then the
// request goes out under /v1.N, and its answer comes back, or Docker's {"message"} as an Error. What only
// reads is asked again, twice at most, where the line broke before its answer was whole; a stream never.
#pragma once

#include "core/remote/call.h"
#include "core/remote/docker/docker_endpoint.h"
#include "core/remote/docker/ssh_tunnel.h"
#include "core/remote/http/http_message.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ratdeck {

// The minor numbers of API 1.N: from Docker 19.03 to 27. An older engine is refused, a newer one is spoken to
// in 1.47.
inline constexpr int oldestDockerApi = 40;
inline constexpr int newestDockerApi = 47;

struct DockerRequest {
  std::string method = "GET";
  std::string path; // without the version: "/containers/ID/json"
  std::vector<std::pair<std::string, std::string>> query;
  std::string body;
  std::string contentType = "application/json";
  Secret registryAuth;                         // sent as X-Registry-Auth, never printed; empty: none is sent
  Duration timeout = std::chrono::seconds(10); // of the request itself; of a stream: until its head
  Duration idleTimeout = Duration::zero();     // of a stream; 0: any silence is fine
  std::size_t maxBody = 16u << 20;
  bool isIdempotent = false; // of what is no GET: may be asked again where the line broke before an answer
};

class DockerConnection {
public:
  explicit DockerConnection(DockerEndpoint endpoint, SshTunnel::Options ssh = {});
  ~DockerConnection(); // cancels all that is under way, ends ssh
  DockerConnection(const DockerConnection&) = delete;
  DockerConnection& operator=(const DockerConnection&) = delete;

  // Answers with a 2xx or a 304. `as` goes on under the id of a call that has just been answered, so that
  // what is one call to a user can be cancelled by one id. Errors: Refused (not in the allowlist, the API is
  // too old, ssh was not let in), Unreachable with what to do next (negotiation: within 5 s; ssh: within 15
  // s), Timeout, those of dockerError(), Internal (a body over maxBody, a redirect, a server that is no
  // Docker).
  CallId send(DockerRequest request, Answer<HttpResponse> done, CallId as = {});
  // As HttpClient::stream().
  CallId stream(DockerRequest request, HttpStreamer streamer, Answer<HttpResponse> done, CallId as = {});
  // An id for a call that is made later, by send() or stream() with `as`, when something else has been found
  // out; isHeld() says that it was neither used nor cancelled until now.
  CallId hold();
  bool isHeld(CallId id) const;
  // Answers with an error that is known without asking.
  CallId fail(const Error& error, Answer<HttpResponse> done);
  void cancel(CallId id);

  const DockerEndpoint& endpoint() const;
  // The negotiated minor number of API 1.N; 0 before the first answer.
  int apiMinor() const;

private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

// The minor number to speak with an engine whose /_ping says this of itself ("1.41"). Pure. Errors: Refused
// (older than 1.40), Internal (no version).
Result<int> negotiateDockerApi(std::string_view apiVersion, const std::string& engine);

} // namespace ratdeck
