// One HTTP request and its answer, as values.
#pragma once

#include "core/base/duration.h"
#include "core/base/secret.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ratdeck {

struct HttpHeader {
  std::string name; // of an answer: lower case
  std::string value;
  bool operator==(const HttpHeader&) const = default;
};

// What an https:// server is judged by, and shown. The server's certificate and name are always verified.
struct HttpTls {
  std::string caFile;          // PEM; empty: the system's authorities
  std::string certificateFile; // PEM, the client's own; empty: none is shown
  std::string keyFile;         // PEM, without a password
  bool operator==(const HttpTls&) const = default;
};

struct HttpRequest {
  std::string method = "GET";
  // http:// or https://; with a unix socket a path such as "/v1/info" is enough.
  std::string url;
  std::string unixSocket;    // the path of the socket; empty: connect to the URL's host
  std::string sourceAddress; // the local address to connect from; empty: the system's choice
  std::vector<HttpHeader> headers;
  Secret bearerToken; // sent as "Authorization: Bearer …", never printed
  std::string user;   // of basic authentication; empty: none
  Secret password;    // the user's
  std::string body;
  HttpTls tls;
  Duration timeout = 5s; // for all of it: connect, send, wait, receive; of a stream: until its head has come
  Duration idleTimeout = 0s;      // of a stream: the longest silence after the head; 0: any
  std::size_t maxBody = 8u << 20; // bytes; a longer answer is an error
  bool freshConnection = false;   // neither use nor keep a pooled connection: what a probe needs
};

// Takes the body of a 2xx answer as it comes. Both are called in turns of the event loop of their own, and
// may cancel the call or destroy the client.
struct HttpStreamer {
  std::function<void()> onOpen; // the head has come; may be empty
  std::function<void(std::string_view piece)> onBody;
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
