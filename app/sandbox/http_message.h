// Requests and replies as the stand-ins, the supervisor and the load see them. Plain values; knows no
// sockets.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ratdeck::sandbox {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method;
  std::string target;                       // as sent: "/api/v1/runs?limit=2"
  std::string path;                         // decoded, without the query
  std::map<std::string, std::string> query; // decoded
  std::string body;
  std::string host;      // the Host header, "" without one
  std::string userAgent; // "" without one
  std::string remote;    // the peer's address, "" on a unix socket

  std::string queryValue(const std::string& name, const std::string& fallback = {}) const;
  // The fallback where the value is absent or no number.
  long long queryNumber(const std::string& name, long long fallback) const;
};

struct HttpReply {
  int status = 200;
  std::string body;
  std::string type = "application/json";
  Headers headers;
};

// Fills path and query from the target.
void splitTarget(HttpRequest& request);

// The request as bytes. `close` asks for the end of the connection after the answer.
std::string toWire(std::string_view method, std::string_view target, std::string_view host,
                   std::string_view body, bool close);
// The reply as bytes; HEAD leaves the body out.
std::string toWire(const HttpReply& reply, const Headers& common, bool close, bool isHead);

const char* reasonOf(int status);

} // namespace ratdeck::sandbox
