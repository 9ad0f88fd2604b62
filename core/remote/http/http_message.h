// One HTTP request and its answer, as values.
#pragma once

#include "core/base/duration.h"
#include "core/base/secret.h"

#include <string>
#include <string_view>
#include <vector>

namespace ratdeck {

struct HttpHeader {
  std::string name; // of an answer: lower case
  std::string value;
  bool operator==(const HttpHeader&) const = default;
};

struct HttpRequest {
  std::string method = "GET";
  // http:// or https://; with a unix socket a path such as "/v1/info" is enough.
  std::string url;
  std::string unixSocket;    // the path of the socket; empty: connect to the URL's host
  std::string sourceAddress; // the local address to connect from; empty: the system's choice
  std::vector<HttpHeader> headers;
  Secret bearerToken; // sent as "Authorization: Bearer …", never printed
  std::string body;
  Duration timeout = 5s;          // for all of it: connect, send, wait, receive
  std::size_t maxBody = 8u << 20; // bytes; a longer answer is an error
  bool freshConnection = false;   // neither use nor keep a pooled connection: what a probe needs
};

struct HttpResponse {
  int status = 0;
  std::vector<HttpHeader> headers; // in the order they came
  std::string body;
  Duration took = 0s; // from the start of the transfer to its last byte

  // The first header of this name (lower case), "" without one.
  std::string_view header(std::string_view name) const;
};

} // namespace ratdeck
