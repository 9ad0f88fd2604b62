// Result<T>: a value or an Error. The one alias for tl::expected in the project.
#pragma once

#include "core/base/error.h"

#include <tl/expected.hpp>

#include <utility>

namespace ratdeck {

template <class T>
using Result = tl::expected<T, Error>;

struct Done {}; // the value of a call that has none
using Status = Result<Done>;

inline tl::unexpected<Error> failure(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

inline tl::unexpected<Error> failure(ErrorKind kind, std::string message, std::string next = {},
                                     SourceLocation where = {}) {
  return failure(Error{kind, std::move(message), std::move(next), std::move(where)});
}

} // namespace ratdeck
