// Who sends HTTP requests, from wherever that is done.
#pragma once

#include "core/remote/call.h"
#include "core/remote/http/http_message.h"

namespace ratdeck {

class HttpSender {
public:
  virtual ~HttpSender() = default;
  // Any status is an answer; an Error says that there was none.
  virtual CallId send(HttpRequest request, Answer<HttpResponse> done) = 0;
  // The answer is not called any more. Unknown or answered ids: nothing happens.
  virtual void cancel(CallId id) = 0;
};

} // namespace ratdeck
