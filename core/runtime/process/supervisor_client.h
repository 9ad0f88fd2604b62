// Speaks with a sandbox's supervisor: JSON over HTTP on DIR/supervisor.sock. One call, one connection;
// nothing is sent twice. It knows nothing of instances; answers as core/remote/call.h says.
#pragma once

#include "core/base/json.h"
#include "core/remote/http/http_client.h"
#include "core/runtime/runtime.h"

#include <string>

namespace ratdeck {

class SupervisorClient {
public:
  // `dir`: the sandbox's folder.
  explicit SupervisorClient(const std::string& dir);

  // `path`: "/v1/…"; parts that come from outside go through `inPath`. A null `body` sends none.
  // Errors: Unreachable (no supervisor), Timeout; the supervisor's own words as NotFound (404), Conflict
  // (409), Input (other 4xx), Internal (5xx, or an answer that is not JSON).
  void call(const std::string& method, const std::string& path, const Json& body, Duration timeout,
            Callback<Json> done);

  // Percent-encoded, as one part of a path.
  static std::string inPath(const std::string& part);

private:
  std::string m_socket;
  HttpClient m_http;
};

// What an answer of the supervisor comes to; pure.
Result<Json> readSupervisorAnswer(int status, const std::string& body);

} // namespace ratdeck
