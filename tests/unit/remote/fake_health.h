// gRPC servers with and without a health service, on loopback.
#pragma once

#include "health.grpc.pb.h"

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <atomic>
#include <memory>

namespace ratdeck {

namespace health = grpc::health::v1;

// Answers by the name of the service asked for; never answers "mute" before it is told to.
class FakeHealth final : public health::Health::CallbackService {
public:
  std::atomic<int> calls = 0;

  grpc::ServerUnaryReactor* Check(grpc::CallbackServerContext* context,
                                  const health::HealthCheckRequest* request,
                                  health::HealthCheckResponse* response) override {
    ++calls;
    class Reactor final : public grpc::ServerUnaryReactor {
    public:
      void OnCancel() override { Finish(grpc::Status::CANCELLED); }
      void OnDone() override { delete this; }
    };
    auto* reactor = new Reactor;
    const auto& name = request->service();
    if (name == "mute")
      return reactor;
    grpc::Status status;
    if (name == "absent")
      status = grpc::Status(grpc::StatusCode::NOT_FOUND, "unknown service");
    else if (name == "locked")
      status = grpc::Status(grpc::StatusCode::UNAUTHENTICATED, "no token");
    else if (name == "broken")
      status = grpc::Status(grpc::StatusCode::INTERNAL, "it broke\nin two lines");
    else if (name == "draining")
      response->set_status(health::HealthCheckResponse::NOT_SERVING);
    else if (name == "odd")
      response->set_status(health::HealthCheckResponse::UNKNOWN);
    else if (name == "strange")
      response->set_status(health::HealthCheckResponse::SERVICE_UNKNOWN);
    else
      response->set_status(health::HealthCheckResponse::SERVING);
    (void)context;
    reactor->Finish(status);
    return reactor;
  }
};

struct RunningServer {
  explicit RunningServer(grpc::Service* service, const char* address = "127.95.3.1:0") {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
    if (service)
      builder.RegisterService(service);
    else // a server without a health service: it knows no method at all
      builder.RegisterCallbackGenericService(&nothing);
    server = builder.BuildAndStart();
  }
  ~RunningServer() {
    if (server)
      server->Shutdown(std::chrono::system_clock::time_point::min());
  }
  std::string address() const { return "127.95.3.1:" + std::to_string(port); }

  int port = 0;
  grpc::CallbackGenericService nothing;
  std::unique_ptr<grpc::Server> server;
};

} // namespace ratdeck
