// One GET over HTTP/1.1 on a connection of its own.
#pragma once

#include "app/relay/line.h"

#include <functional>
#include <string>
#include <vector>

namespace ratdeck::relay {

struct HttpQuestion {
  std::string place;                // ADDRESS:PORT
  std::string path;                 // "/health?x=1"
  std::vector<std::string> headers; // "Accept: text/plain"
  std::size_t mostBody = 64u << 10; // bytes that are kept
};

struct HttpReply {
  int status = 0;
  std::string body;
  bool isCut = false; // there was more
};

// Errors: Input (what cannot stand in a request), those of Line, Internal (not HTTP, cut short).
Result<HttpReply> httpGet(const HttpQuestion& question, Duration timeout);

// Reads an answer from the pieces that `more` brings; "" is the end. For httpGet and tests.
Result<HttpReply> readHttpReply(const std::function<Result<std::string>()>& more, std::size_t mostBody);

} // namespace ratdeck::relay
