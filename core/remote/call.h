// What every client of core/remote shares: how an answer arrives.
//
// The contract of all of them: a client belongs to the thread that made it, which runs a Qt event loop. A
// call answers exactly once, on that thread, never from inside the call itself. Destroying the client, or
// cancelling the call, drops it: the answer is not called any more. An answer may make further calls, cancel
// others and destroy its client.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"

#include <cstdint>
#include <functional>

namespace ratdeck {

template <class T>
using Answer = std::function<void(Result<T>)>;

// Names one call of one client; never used twice by it. 0 names none.
enum class CallId : std::uint64_t {};

} // namespace ratdeck
