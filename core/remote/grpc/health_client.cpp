#include "core/remote/grpc/health_client.h"

#include "core/base/duration.h"
#include "core/remote/outbox.h"
#include "health.grpc.pb.h"

#include <grpc/support/time.h>
#include <grpcpp/create_channel.h>

#include <QMetaObject>

#include <condition_variable>
#include <map>
#include <mutex>

namespace ratdeck {

namespace {

namespace health = grpc::health::v1;

// What gRPC's thread and the owner's share. The receiver is null once the client is being destroyed.
struct Bridge {
  std::mutex mutex;
  std::condition_variable ended;
  QObject* receiver = nullptr;
  int underWay = 0;
};

// Everything one call needs until gRPC has let go of it.
struct Check {
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<health::Health::Stub> stub;
  grpc::ClientContext context;
  health::HealthCheckRequest request;
  health::HealthCheckResponse response;
  grpc::Status status;
};

grpc::ChannelArguments channelArguments() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1); // no connection is shared with another check
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  arguments.SetInt(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, 64 << 10);
  return arguments;
}

// Addresses go to gRPC as such, so that no resolver is asked.
std::string targetOf(const std::string& address) {
  if (!address.empty() && address.front() == '[')
    return "ipv6:" + address;
  const bool isV4 = address.find_first_not_of("0123456789.:") == std::string::npos;
  return (isV4 ? "ipv4:" : "dns:///") + address;
}

Result<GrpcHealth> meaningOf(const health::HealthCheckResponse& response) {
  switch (response.status()) {
  case health::HealthCheckResponse::SERVING:
    return GrpcHealth::Serving;
  case health::HealthCheckResponse::NOT_SERVING:
    return GrpcHealth::NotServing;
  case health::HealthCheckResponse::SERVICE_UNKNOWN:
    return GrpcHealth::ServiceUnknown;
  default:
    return GrpcHealth::Unknown;
  }
}

std::string firstLine(const std::string& text) {
  return text.substr(0, std::min<size_t>(text.find('\n'), 200));
}

Result<GrpcHealth> meaningOf(const Check& check, const std::string& address, Duration timeout) {
  const std::string words = firstLine(check.status.error_message());
  switch (check.status.error_code()) {
  case grpc::StatusCode::OK:
    return meaningOf(check.response);
  case grpc::StatusCode::UNIMPLEMENTED:
    return GrpcHealth::Unimplemented;
  case grpc::StatusCode::NOT_FOUND:
    return GrpcHealth::ServiceUnknown;
  case grpc::StatusCode::UNAVAILABLE:
    return failure(ErrorKind::Unreachable, "gRPC at " + address + " is not reachable: " + words);
  case grpc::StatusCode::DEADLINE_EXCEEDED:
    return failure(ErrorKind::Timeout,
                   "gRPC at " + address + " did not answer within " + toHumanString(timeout));
  case grpc::StatusCode::UNAUTHENTICATED:
  case grpc::StatusCode::PERMISSION_DENIED:
    return failure(ErrorKind::Refused, "gRPC at " + address + " wants credentials: " + words);
  default:
    return failure(ErrorKind::Internal, "gRPC at " + address + " failed with code " +
                                            std::to_string(check.status.error_code()) + ": " + words);
  }
}

} // namespace

const char* toString(GrpcHealth health) {
  switch (health) {
  case GrpcHealth::Serving:
    return "serving";
  case GrpcHealth::NotServing:
    return "not serving";
  case GrpcHealth::Unknown:
    return "unknown";
  case GrpcHealth::ServiceUnknown:
    return "service unknown";
  case GrpcHealth::Unimplemented:
    return "unimplemented";
  }
  return "";
}

struct GrpcHealthClient::Impl {
  struct Pending {
    std::shared_ptr<Check> check;
    Answer<GrpcHealth> done;
    std::string address;
    Duration timeout;
  };

  Impl() { m_bridge->receiver = m_outbox.context(); }
  ~Impl();
  CallId check(const std::string& address, const std::string& service, Duration timeout,
               Answer<GrpcHealth> done);
  void cancel(CallId id);
  void onEnded(CallId id);

  std::shared_ptr<Bridge> m_bridge = std::make_shared<Bridge>();
  std::map<CallId, Pending> m_pending;
  std::uint64_t m_lastId = 0;
  Outbox m_outbox;
};

GrpcHealthClient::Impl::~Impl() {
  std::unique_lock lock(m_bridge->mutex);
  m_bridge->receiver = nullptr;
  lock.unlock();
  for (auto& [id, pending] : m_pending)
    pending.check->context.TryCancel();
  lock.lock();
  m_bridge->ended.wait(lock, [this] { return m_bridge->underWay == 0; });
}

CallId GrpcHealthClient::Impl::check(const std::string& address, const std::string& service, Duration timeout,
                                     Answer<GrpcHealth> done) {
  const CallId id{++m_lastId};
  auto check = std::make_shared<Check>();
  check->channel =
      grpc::CreateCustomChannel(targetOf(address), grpc::InsecureChannelCredentials(), channelArguments());
  check->stub = health::Health::NewStub(check->channel);
  check->request.set_service(service);
  check->context.set_deadline(gpr_time_from_millis(toTimerMilliseconds(timeout), GPR_TIMESPAN));
  m_pending.emplace(id, Pending{check, std::move(done), address, timeout});
  {
    std::lock_guard lock(m_bridge->mutex);
    ++m_bridge->underWay;
  }
  auto* raw = check.get();
  raw->stub->async()->Check(
      &raw->context, &raw->request, &raw->response,
      [this, id, check = std::move(check), bridge = m_bridge](grpc::Status status) mutable {
        check->status = std::move(status);
        check.reset(); // before anyone is told that gRPC has let go
        std::lock_guard lock(bridge->mutex);
        if (bridge->receiver) // and with it this client
          QMetaObject::invokeMethod(
              bridge->receiver, [this, id] { onEnded(id); }, Qt::QueuedConnection);
        --bridge->underWay;
        bridge->ended.notify_all();
      });
  return id;
}

void GrpcHealthClient::Impl::onEnded(CallId id) {
  auto found = m_pending.find(id);
  if (found == m_pending.end())
    return;
  const Pending pending = std::move(found->second);
  m_pending.erase(found);
  pending.done(meaningOf(*pending.check, pending.address, pending.timeout)); // may destroy this client
}

void GrpcHealthClient::Impl::cancel(CallId id) {
  auto found = m_pending.find(id);
  if (found == m_pending.end())
    return;
  found->second.check->context.TryCancel(); // gRPC's thread keeps the call until its end
  m_pending.erase(found);
}

GrpcHealthClient::GrpcHealthClient() : m_impl(std::make_unique<Impl>()) {}
GrpcHealthClient::~GrpcHealthClient() = default;
CallId GrpcHealthClient::check(const std::string& address, const std::string& service, Duration timeout,
                               Answer<GrpcHealth> done) {
  return m_impl->check(address, service, timeout, std::move(done));
}
void GrpcHealthClient::cancel(CallId id) {
  m_impl->cancel(id);
}

} // namespace ratdeck
