// The answer of a call as the value it stands for.
#pragma once

#include "core/remote/call.h"
#include "core/remote/http/http_message.h"

#include <string_view>
#include <utility>

namespace ratdeck {

// `read` makes the value of the body; errors pass through.
template <class T>
Answer<HttpResponse> decodedBy(Result<T> (*read)(std::string_view body), Answer<T> done) {
  return [read, done = std::move(done)](const Result<HttpResponse>& response) {
    done(response ? read(response->body) : Result<T>(failure(response.error())));
  };
}

// For calls whose answer says nothing more than that they are done. One that has nothing left to do (404 for
// what is to be gone, 409 for what is being removed) counts as done where `isDone` says so.
inline Answer<HttpResponse> doneBy(Answer<Done> done, bool (*isDone)(const Error&) = nullptr) {
  return [done = std::move(done), isDone](const Result<HttpResponse>& response) {
    if (!response && !(isDone && isDone(response.error())))
      return done(failure(response.error()));
    done(Done{});
  };
}

} // namespace ratdeck
