// Asks a gRPC server for its health: grpc.health.v1.Health/Check.
//
// It knows nothing of services that are rolled out, nor of what an answer is worth: in particular
// Unimplemented says "reachable, has no health service". Each call connects anew, so that no old connection
// answers for a new copy, without TLS, without a proxy from the environment, without retries, and with a
// deadline.
//
// Life of one call: check() starts it; gRPC's own thread ends it and posts the result to the owner's thread,
// the one thing the two threads share being guarded by a mutex. The destructor cancels and waits until gRPC's
// thread has let go of every call (a few milliseconds), so that none outlives main(): destroy clients before
// the event loop's end. Where the process forks, turn gRPC's fork support off (GRPC_ENABLE_FORK_SUPPORT=0).
#pragma once

#include "core/remote/call.h"

#include <memory>
#include <string>

namespace ratdeck {

enum class GrpcHealth { Serving, NotServing, Unknown, ServiceUnknown, Unimplemented };

const char* toString(GrpcHealth health);

class GrpcHealthClient {
public:
  GrpcHealthClient();
  ~GrpcHealthClient();
  GrpcHealthClient(const GrpcHealthClient&) = delete;
  GrpcHealthClient& operator=(const GrpcHealthClient&) = delete;

  // `address`: HOST:PORT or [V6]:PORT. `service`: its full gRPC name, "" asks for the server.
  // Errors: Unreachable, Timeout, Refused (credentials are wanted), Internal (another failure, in gRPC's
  // words).
  CallId check(const std::string& address, const std::string& service, Duration timeout,
               Answer<GrpcHealth> done);
  // The answer is not called any more. Unknown or answered ids: nothing happens.
  void cancel(CallId id);

private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

} // namespace ratdeck
