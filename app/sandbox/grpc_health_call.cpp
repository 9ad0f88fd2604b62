#include "app/sandbox/grpc_health_call.h"

#include "app/sandbox/grpc_deadline.h"
#include "app/sandbox/proto/health.grpc.pb.h"

#include <grpcpp/grpcpp.h>

namespace ratdeck::sandbox {

int callGrpcHealth(const std::string& target, const std::string& service, Duration timeout,
                   std::string& detail) {
  auto stub =
      grpc::health::v1::Health::NewStub(grpc::CreateChannel(target, grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  context.set_deadline(grpcDeadline(timeout));
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(service);
  grpc::health::v1::HealthCheckResponse reply;
  auto status = stub->Check(&context, request, &reply);
  if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED) {
    detail = "reachable, has no health service";
    return 0;
  }
  if (!status.ok()) {
    detail = status.error_message();
    return 1;
  }
  detail = grpc::health::v1::HealthCheckResponse::ServingStatus_Name(reply.status());
  return reply.status() == grpc::health::v1::HealthCheckResponse::SERVING ? 0 : 1;
}

} // namespace ratdeck::sandbox
