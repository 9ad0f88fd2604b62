#include "core/runtime/process/supervisor_client.h"

namespace ratdeck {

namespace {

ErrorKind kindOf(int status) {
  if (status == 404)
    return ErrorKind::NotFound;
  if (status == 409)
    return ErrorKind::Conflict;
  return status >= 500 ? ErrorKind::Internal : ErrorKind::Input;
}

Error explain(Error error, const std::string& socket) {
  if (error.kind == ErrorKind::Unreachable)
    return Error{error.kind,
                 "the sandbox's supervisor does not answer at " + socket + " (" + error.message + ")",
                 "start it with `ratdeckctl sandbox up`",
                 {}};
  if (error.kind == ErrorKind::Timeout)
    error.message = "the sandbox's supervisor gave no answer in time: " + error.message;
  return error;
}

} // namespace

Result<Json> readSupervisorAnswer(int status, const std::string& body) {
  const bool isGood = status >= 200 && status < 300;
  if (isGood && body.empty())
    return Json::object();
  Result<Json> json = parseJson(body);
  if (isGood && !json)
    return failure(ErrorKind::Internal,
                   "the sandbox's supervisor answered something that is not JSON: " + json.error().message);
  if (isGood)
    return json;
  const Json& error = json ? memberAt(*json, "error") : Json();
  return failure(kindOf(status),
                 textAt(error, "message", "the supervisor answered " + std::to_string(status)),
                 textAt(error, "next"));
}

SupervisorClient::SupervisorClient(const std::string& dir) : m_socket(dir + "/supervisor.sock") {}

void SupervisorClient::call(const std::string& method, const std::string& path, const Json& body,
                            Duration timeout, Callback<Json> done) {
  HttpRequest request;
  request.method = method;
  request.url = path;
  request.unixSocket = m_socket;
  request.timeout = timeout;
  request.maxBody = 64u << 20; // a load's report has a sample for each request
  request.freshConnection = true;
  if (!body.is_null()) {
    request.headers.push_back({"Content-Type", "application/json"});
    request.body = dumpJson(body);
  }
  m_http.send(std::move(request), [socket = m_socket, done = std::move(done)](Result<HttpResponse> response) {
    if (!response)
      done(failure(explain(std::move(response.error()), socket)));
    else
      done(readSupervisorAnswer(response->status, response->body));
  });
}

std::string SupervisorClient::inPath(const std::string& part) {
  static const char* digits = "0123456789ABCDEF";
  std::string encoded;
  for (const unsigned char c : part) {
    const bool isPlain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         c == '-' || c == '_' || (c == '.' && part != "." && part != "..");
    if (isPlain)
      encoded += char(c);
    else
      encoded.append({'%', digits[c >> 4], digits[c & 15]});
  }
  return encoded;
}

} // namespace ratdeck
