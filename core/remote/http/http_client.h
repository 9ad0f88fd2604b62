// An HTTP/1.1 client over TCP, TLS and unix sockets: libcurl's multi interface inside the Qt event loop.
//
// It knows nothing of who answers. It follows no redirects, uses no proxy from the environment, sends no
// "Expect", decodes nothing, and raises no signals. Any status is an answer; an Error says that there was
// none.
//
// main() calls curl_global_init(CURL_GLOBAL_DEFAULT) once, before the first client and before other threads.
//
// Life of one request: send() checks it and hands it to curl; notifiers and a timer drive curl; when a
// transfer has ended its handle is taken out of curl (never inside one of curl's own callbacks), and the
// answer is called in a later turn of the event loop. A pooled connection that the server has closed
// meanwhile makes curl send the request again on a new one: use freshConnection for what must be sent once at
// most.
#pragma once

#include "core/remote/http/http_sender.h"

#include <memory>

namespace ratdeck {

class HttpClient final : public HttpSender {
public:
  HttpClient();
  ~HttpClient() override; // cancels all that is under way
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Errors: Input (the request itself is off, a TLS file cannot be used), Refused (one side does not trust
  // the other's certificate), Unreachable (refused, no such socket, unknown host, no TLS, closed or reset
  // before the whole of an answer), Timeout, Internal (not HTTP, larger than maxBody).
  CallId send(HttpRequest request, Answer<HttpResponse> done) override;
  // As send(), for an answer without end, or too large to keep: the body of a 2xx answer goes to `streamer`
  // and does not count against maxBody, and the answer, with an empty body, says that the stream has ended.
  // Other answers are kept as by send(). Errors: as send();
  // Timeout says that no head came within `timeout`, or nothing for `idleTimeout` after it.
  CallId stream(HttpRequest request, HttpStreamer streamer, Answer<HttpResponse> done);
  void cancel(CallId id) override;

private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

} // namespace ratdeck
