#include "core/remote/haproxy/haproxy_config.h"

#include <algorithm>
#include <set>

namespace ratdeck {

namespace {

std::string milliseconds(Duration duration) {
  return std::to_string(std::chrono::ceil<std::chrono::milliseconds>(duration).count()) + "ms";
}

std::string octal(unsigned mode) {
  std::string digits;
  for (int shift = 6; shift >= 0; shift -= 3)
    digits += char('0' + ((mode >> shift) & 7));
  return digits;
}

bool isPlainPath(std::string_view path) {
  return !path.empty() && path.front() == '/' && std::all_of(path.begin(), path.end(), [](unsigned char c) {
    return c > 0x20 && c < 0x7f && c != '"' && c != '\'' && c != '\\' && c != '#' && c != '$' && c != '%';
  });
}

Status checkGlobal(const HaproxyConfig& config) {
  if (!isPlainPath(config.statsSocket) && !isHaproxyAddress(config.statsSocket))
    return failure(ErrorKind::Input, "not a stats socket for HAProxy: \"" + config.statsSocket + "\"",
                   "give an absolute path without blanks or quotes, or HOST:PORT");
  if (!config.healthBind.empty() && !isHaproxyAddress(config.healthBind))
    return failure(ErrorKind::Input, "the router cannot bind \"" + config.healthBind + "\"");
  if (config.maxConnections < 1)
    return failure(ErrorKind::Input, "maxConnections is at least 1");
  const auto& timeouts = config.timeouts;
  for (Duration timeout : {timeouts.connect, timeouts.check, timeouts.queue, timeouts.httpRequest,
                           timeouts.idle, timeouts.tunnel, config.hardStopAfter})
    if (timeout < 1ms || timeout > 24h * 24)
      return failure(ErrorKind::Input, "a time limit of the router is not between 1 ms and 24 days");
  return Done{};
}

Status checkBackend(const HaproxyBackend& backend) {
  if (!isHaproxyName(backend.name))
    return failure(ErrorKind::Input, "not a backend name that HAProxy takes: \"" + backend.name + "\"");
  if (backend.binds.empty())
    return failure(ErrorKind::Input, "backend " + backend.name + " has no address to bind");
  for (const auto& bind : backend.binds)
    if (!isHaproxyAddress(bind))
      return failure(ErrorKind::Input, "backend " + backend.name + " cannot bind \"" + bind + "\"");
  if (!backend.checkPath.empty() && (backend.mode != HaproxyMode::Http || !isPlainPath(backend.checkPath)))
    return failure(ErrorKind::Input,
                   "backend " + backend.name + " cannot be checked at \"" + backend.checkPath + "\"");
  std::set<std::string> names;
  for (const auto& server : backend.servers) {
    if (auto named = checkHaproxyServer({backend.name, server.name}); !named)
      return named;
    if (!isHaproxyAddress(server.address))
      return failure(ErrorKind::Input,
                     "server " + server.name + " has no address: \"" + server.address + "\"");
    if (!names.insert(server.name).second)
      return failure(ErrorKind::Input, "backend " + backend.name + " names server " + server.name + " twice");
  }
  return checkHaproxyOptions(backend.options);
}

Status check(const HaproxyConfig& config) {
  if (auto global = checkGlobal(config); !global)
    return global;
  std::set<std::string> names;
  for (const auto& backend : config.backends) {
    if (auto fine = checkBackend(backend); !fine)
      return fine;
    if (!names.insert(backend.name).second)
      return failure(ErrorKind::Input, "two backends are named " + backend.name);
  }
  return Done{};
}

// `retries 0` and no redispatch: a retry hides a loss, and sends twice what may be done once only. For a
// reload that cuts nothing, the next process takes the listening sockets over (`expose-fd listeners`).
std::string globalText(const HaproxyConfig& config) {
  const auto& timeouts = config.timeouts;
  std::string text = "# Written by ratdeck; changes made here are lost.\n"
                     "global\n";
  text += "  stats socket " + config.statsSocket +
          (config.statsSocket.front() == '/'
               ? " mode " + octal(config.socketMode) + " level admin expose-fd listeners\n"
               : " level admin\n");
  text += "  stats timeout 10s\n";
  text += "  maxconn " + std::to_string(config.maxConnections) + "\n";
  text += "  hard-stop-after " + milliseconds(config.hardStopAfter) + "\n";
  text += "\ndefaults\n"
          "  mode http\n"
          "  no log\n"
          "  retries 0\n"
          "  no option redispatch\n"
          "  balance roundrobin\n"; // an algorithm that takes servers at run time
  text += "  timeout connect " + milliseconds(timeouts.connect) + "\n";
  text += "  timeout check " + milliseconds(timeouts.check) + "\n";
  text += "  timeout queue " + milliseconds(timeouts.queue) + "\n";
  text += "  timeout http-request " + milliseconds(timeouts.httpRequest) + "\n";
  text += "  timeout http-keep-alive " + milliseconds(timeouts.idle) + "\n";
  text += "  timeout client " + milliseconds(timeouts.idle) + "\n";
  text += "  timeout server " + milliseconds(timeouts.idle) + "\n";
  text += "  timeout tunnel " + milliseconds(timeouts.tunnel) + "\n";
  return text;
}

// A client's connection is kept, a server's HTTP/1 connection is not (`http-server-close`): a server may
// close an idle connection just as HAProxy sends the next request on it, and without retries that request is
// lost. Measured with clients that pause as long as the server's idle limit: 1.2 % of requests lost with
// `http-reuse safe`, 27 % with `http-reuse never`, none with `http-server-close`; the price is one connection
// a request inside the host. HTTP/2 announces the end of a connection (GOAWAY), so there connections are
// shared. A process that is reloaded closes a client's idle HTTP/1 connection with its next answer, not under
// its next request (`idle-close-on-response`).
std::string modeText(const HaproxyBackend& backend) {
  switch (backend.mode) {
  case HaproxyMode::Http:
    return "  mode http\n"
           "  option http-server-close\n"
           "  option idle-close-on-response\n"
           "  option forwardfor\n";
  case HaproxyMode::H2:
    return "  mode http\n"
           "  http-reuse safe\n"
           // Without a page: HTML is what gRPC's clients complain of, beside the status.
           "  http-error status 502\n"
           "  http-error status 503\n"
           "  http-error status 504\n";
  case HaproxyMode::Tcp:
    return "  mode tcp\n";
  }
  return {};
}

std::string backendText(const HaproxyBackend& backend) {
  const bool isH2 = backend.mode == HaproxyMode::H2;
  std::string text = "\nlisten " + backend.name + "\n";
  for (const auto& bind : backend.binds)
    text += "  bind " + bind + (isH2 ? " proto h2\n" : "\n");
  text += modeText(backend);
  if (!backend.checkPath.empty())
    text += "  option httpchk GET " + backend.checkPath + "\n";
  HaproxyServerOptions options = backend.options;
  options.isH2 = isH2;
  for (const auto& server : backend.servers)
    text += "  server " + server.name + " " + server.address + " " + toHaproxyKeywords(options) + "\n";
  return text;
}

} // namespace

Result<std::string> writeHaproxyConfig(const HaproxyConfig& config) {
  if (auto fine = check(config); !fine)
    return failure(fine.error());
  std::string text = globalText(config);
  if (!config.healthBind.empty())
    text += "\nfrontend health\n  bind " + config.healthBind + "\n  monitor-uri /health\n";
  for (const auto& backend : config.backends)
    text += backendText(backend);
  return text;
}

} // namespace ratdeck
