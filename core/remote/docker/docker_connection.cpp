#include "core/remote/docker/docker_connection.h"

#include "core/base/plain_text.h"
#include "core/remote/docker/docker_allowlist.h"
#include "core/remote/docker/docker_answer.h"
#include "core/remote/http/http_client.h"
#include "core/remote/http/percent_encoding.h"
#include "core/remote/outbox.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <map>
#include <set>

namespace ratdeck {

namespace {

constexpr Duration pingTimeout = 5s;
constexpr int mostRepeats = 2;
constexpr Duration repeatDelay = 250ms; // a line that was cut is up again, or the engine is really gone

bool isFine(int status) {
  return (status >= 200 && status < 300) || status == 304;
}

} // namespace

Result<int> negotiateDockerApi(std::string_view apiVersion, const std::string& engine) {
  int minor = 0;
  const auto digits = apiVersion.starts_with("1.") ? apiVersion.substr(2) : std::string_view();
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), minor);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size() || minor < 0)
    return failure(ErrorKind::Internal,
                   engine + " answers, but not as a Docker Engine (API version \"" +
                       plainText(apiVersion.substr(0, 40)) + "\")",
                   "check the address; is there a proxy in between?");
  if (minor < oldestDockerApi)
    return failure(ErrorKind::Refused,
                   "the Docker Engine at " + engine + " speaks API 1." + std::to_string(minor) + ", and 1." +
                       std::to_string(oldestDockerApi) + " is the oldest understood",
                   "update Docker to 20.10 or later");
  return std::min(minor, newestDockerApi);
}

struct DockerConnection::Impl {
  struct Call {
    DockerRequest request;
    std::shared_ptr<HttpStreamer> streamer; // null: the answer is kept whole
    Answer<HttpResponse> done;
    CallId http{}; // 0 while it waits for the version
    int repeats = 0;
  };

  Impl(DockerEndpoint endpoint, SshTunnel::Options ssh);
  CallId begin(Call call, CallId as);
  bool isReady() const { return m_minor > 0 && (!m_tunnel || m_tunnel->isOpen()); }
  void prepare();
  void ping();
  void release(const Result<int>& minor);
  void dispatch(CallId id);
  HttpRequest addressed(const std::string& path) const;
  void finish(CallId id, Result<HttpResponse> response);
  void repeatLater(CallId id);
  static bool mayRepeat(const Call& call, const Error& error);
  void finishLater(CallId id, const Error& error);
  Error explain(Error error);

  DockerEndpoint m_endpoint;
  std::unique_ptr<SshTunnel> m_tunnel;
  std::string m_socket; // of this machine; empty: TCP
  int m_minor = 0;
  bool m_isPreparing = false;
  std::map<CallId, Call> m_calls;
  std::vector<CallId> m_waiting;
  std::set<CallId> m_held;
  std::uint64_t m_lastId = 0;
  HttpClient m_http;
  Outbox m_outbox;
};

DockerConnection::Impl::Impl(DockerEndpoint endpoint, SshTunnel::Options ssh)
    : m_endpoint(std::move(endpoint)) {
  if (m_endpoint.transport == DockerTransport::Ssh)
    m_tunnel = std::make_unique<SshTunnel>(m_endpoint, std::move(ssh));
  else
    m_socket = m_endpoint.socket;
}

CallId DockerConnection::Impl::begin(Call call, CallId as) {
  const CallId id = as == CallId{} ? CallId{++m_lastId} : as;
  m_held.erase(id);
  const bool isAllowed = isDockerCallAllowed(call.request.method, call.request.path);
  const std::string words = call.request.method + " " + plainText(call.request.path);
  m_calls.insert_or_assign(id, std::move(call));
  if (!isAllowed) {
    finishLater(id, {ErrorKind::Refused, "not among the calls that Docker may be asked: " + words, {}, {}});
  } else if (isReady()) {
    dispatch(id);
  } else {
    m_waiting.push_back(id);
    prepare();
  }
  return id;
}

void DockerConnection::Impl::prepare() {
  if (std::exchange(m_isPreparing, true))
    return;
  if (!m_tunnel)
    return ping();
  m_tunnel->open([this](const Result<std::string>& socket) {
    if (!socket)
      return release(failure(socket.error()));
    m_socket = *socket;
    ping();
  });
}

void DockerConnection::Impl::ping() {
  HttpRequest request = addressed("/_ping");
  request.timeout = pingTimeout;
  m_http.send(std::move(request), [this](Result<HttpResponse> response) {
    if (!response)
      return release(failure(explain(std::move(response.error()))));
    if (response->status != 200)
      return release(failure(dockerError(response->status, response->body)));
    release(negotiateDockerApi(response->header("api-version"), m_endpoint.toString()));
  });
}

void DockerConnection::Impl::release(const Result<int>& minor) {
  m_isPreparing = false;
  m_minor = minor.value_or(0);
  for (const CallId id : std::exchange(m_waiting, {})) {
    if (m_calls.count(id) == 0)
      continue; // cancelled
    const Call& call = m_calls.at(id);
    if (minor)
      dispatch(id);
    else if (call.repeats > 0 && mayRepeat(call, minor.error()))
      repeatLater(id);
    else
      finishLater(id, minor.error());
  }
}

HttpRequest DockerConnection::Impl::addressed(const std::string& path) const {
  HttpRequest request;
  request.unixSocket = m_socket;
  request.tls = m_endpoint.tls;
  request.url = path;
  if (m_socket.empty()) {
    const bool isV6 = m_endpoint.host.find(':') != std::string::npos;
    request.url = std::string(m_endpoint.transport == DockerTransport::Tls ? "https" : "http") + "://" +
                  (isV6 ? "[" + m_endpoint.host + "]" : m_endpoint.host) + ":" +
                  std::to_string(m_endpoint.port) + path;
  }
  return request;
}

void DockerConnection::Impl::dispatch(CallId id) {
  Call& call = m_calls.at(id);
  HttpRequest request = addressed("/v1." + std::to_string(m_minor) + call.request.path +
                                  (call.request.query.empty() ? "" : "?" + formText(call.request.query)));
  request.method = call.request.method;
  request.body = call.request.body;
  if (!request.body.empty())
    request.headers.push_back({"Content-Type", call.request.contentType});
  if (!call.request.registryAuth.isEmpty())
    request.headers.push_back({"X-Registry-Auth", call.request.registryAuth.reveal()});
  request.timeout = call.request.timeout;
  request.idleTimeout = call.request.idleTimeout;
  request.maxBody = call.request.maxBody;
  request.freshConnection = request.method != "GET"; // curl repeats by itself what a pooled connection lost
  auto done = [this, id](Result<HttpResponse> response) {
    finish(id, std::move(response));
  };
  if (call.streamer)
    call.http = m_http.stream(std::move(request), std::move(*call.streamer), std::move(done));
  else
    call.http = m_http.send(std::move(request), std::move(done));
}

void DockerConnection::Impl::finish(CallId id, Result<HttpResponse> response) {
  const auto found = m_calls.find(id);
  if (found == m_calls.end())
    return;
  if (!response && response.error().kind == ErrorKind::Unreachable)
    m_minor = 0; // another version may come up
  if (!response && mayRepeat(found->second, response.error()))
    return repeatLater(id);
  const auto done = std::move(found->second.done);
  m_calls.erase(found);
  if (!response)
    response = failure(explain(std::move(response.error())));
  else if (!isFine(response->status))
    response = failure(dockerError(response->status, response->body));
  done(std::move(response)); // may destroy this connection
}

bool DockerConnection::Impl::mayRepeat(const Call& call, const Error& error) {
  const bool isReading = call.request.method == "GET" && !call.streamer;
  return error.kind == ErrorKind::Unreachable && (isReading || call.request.isIdempotent) &&
         call.repeats < mostRepeats;
}

void DockerConnection::Impl::repeatLater(CallId id) {
  Call& call = m_calls.at(id);
  ++call.repeats;
  call.http = {};
  m_outbox.postAfter(repeatDelay, [this, id] {
    if (m_calls.count(id) == 0)
      return; // cancelled
    if (isReady())
      return dispatch(id);
    m_waiting.push_back(id);
    prepare();
  });
}

void DockerConnection::Impl::finishLater(CallId id, const Error& error) {
  m_outbox.post([this, id, error] {
    const auto found = m_calls.find(id);
    if (found == m_calls.end())
      return;
    const auto done = std::move(found->second.done);
    m_calls.erase(found);
    done(failure(error)); // may destroy this connection
  });
}

Error DockerConnection::Impl::explain(Error error) {
  const std::string from = m_endpoint.toString() + " (" + m_endpoint.origin + ")";
  if (error.kind == ErrorKind::Timeout)
    error.message = "Docker at " + from + ": " + error.message;
  if (error.kind != ErrorKind::Unreachable)
    return error;
  if (m_endpoint.transport == DockerTransport::Unix &&
      ::faccessat(AT_FDCWD, m_socket.c_str(), R_OK | W_OK, AT_EACCESS) != 0 && errno == EACCES)
    return {ErrorKind::Unreachable,
            "this user may not use Docker's socket " + m_socket + ": permission denied",
            "add yourself to the group docker, or use sudo",
            {}};
  std::string words = error.message;
  if (m_tunnel)
    if (const auto complaint = m_tunnel->complaint(); !complaint.empty())
      words += "; ssh says: " + complaint;
  // A refusal of the certificate is lost where the server closes before our request has reached it.
  const bool isTls = m_endpoint.transport == DockerTransport::Tls;
  return {ErrorKind::Unreachable,
          "no Docker Engine answers at " + from + ": " + words,
          isTls ? "is dockerd running, and does it accept this side's certificate?" : "is dockerd running?",
          {}};
}

DockerConnection::DockerConnection(DockerEndpoint endpoint, SshTunnel::Options ssh)
    : m_impl(std::make_unique<Impl>(std::move(endpoint), std::move(ssh))) {}
DockerConnection::~DockerConnection() = default;

CallId DockerConnection::send(DockerRequest request, Answer<HttpResponse> done, CallId as) {
  return m_impl->begin({std::move(request), nullptr, std::move(done), {}}, as);
}

CallId DockerConnection::stream(DockerRequest request, HttpStreamer streamer, Answer<HttpResponse> done,
                                CallId as) {
  auto kept = std::make_shared<HttpStreamer>(std::move(streamer));
  return m_impl->begin({std::move(request), std::move(kept), std::move(done), {}}, as);
}

CallId DockerConnection::fail(const Error& error, Answer<HttpResponse> done) {
  const CallId id{++m_impl->m_lastId};
  m_impl->m_calls.emplace(id, Impl::Call{{}, nullptr, std::move(done), {}});
  m_impl->finishLater(id, error);
  return id;
}

CallId DockerConnection::hold() {
  const CallId id{++m_impl->m_lastId};
  m_impl->m_held.insert(id);
  return id;
}

bool DockerConnection::isHeld(CallId id) const {
  return m_impl->m_held.count(id) > 0;
}

void DockerConnection::cancel(CallId id) {
  m_impl->m_held.erase(id);
  const auto found = m_impl->m_calls.find(id);
  if (found == m_impl->m_calls.end())
    return;
  m_impl->m_http.cancel(found->second.http);
  m_impl->m_calls.erase(found);
}

const DockerEndpoint& DockerConnection::endpoint() const {
  return m_impl->m_endpoint;
}

int DockerConnection::apiMinor() const {
  return m_impl->m_minor;
}

} // namespace ratdeck
