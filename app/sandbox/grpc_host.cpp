#include "app/sandbox/grpc_host.h"

#include "app/sandbox/grpc_deadline.h"
#include "app/sandbox/proto/health.grpc.pb.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

namespace ratdeck::sandbox {

namespace net = boost::asio;
using HealthReply = grpc::health::v1::HealthCheckResponse;

// grpc.health.v1; answers on gRPC's threads.
class GrpcHost::Health final : public grpc::health::v1::Health::CallbackService {
public:
  void set(bool serving) {
    std::lock_guard lock(m_mutex);
    m_serving = serving;
    for (auto* watcher : m_watchers)
      watcher->tell(serving);
  }

  grpc::ServerUnaryReactor* Check(grpc::CallbackServerContext* context,
                                  const grpc::health::v1::HealthCheckRequest*, HealthReply* reply) override {
    reply->set_status(m_serving ? HealthReply::SERVING : HealthReply::NOT_SERVING);
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  grpc::ServerWriteReactor<HealthReply>* Watch(grpc::CallbackServerContext*,
                                               const grpc::health::v1::HealthCheckRequest*) override {
    auto* watcher = new Watcher(*this);
    std::lock_guard lock(m_mutex);
    m_watchers.insert(watcher);
    watcher->tell(m_serving);
    return watcher;
  }

private:
  // Lives until its call is done; guarded by the service's mutex.
  class Watcher final : public grpc::ServerWriteReactor<HealthReply> {
  public:
    explicit Watcher(Health& health) : m_health(health) {}
    void tell(bool serving) {
      m_wanted = serving;
      if (!m_busy && !m_over)
        writeNow();
    }
    void OnWriteDone(bool ok) override {
      std::lock_guard lock(m_health.m_mutex);
      m_busy = false;
      if (ok && !m_over && m_wanted != m_sent)
        writeNow();
    }
    void OnCancel() override {
      std::lock_guard lock(m_health.m_mutex);
      m_over = true;
      m_health.m_watchers.erase(this);
      Finish(grpc::Status::CANCELLED);
    }
    void OnDone() override { delete this; }

  private:
    void writeNow() {
      m_busy = true;
      m_sent = m_wanted;
      m_reply.set_status(m_sent ? HealthReply::SERVING : HealthReply::NOT_SERVING);
      StartWrite(&m_reply);
    }
    Health& m_health;
    HealthReply m_reply;
    bool m_wanted = true;
    bool m_sent = true;
    bool m_busy = false;
    bool m_over = false;
  };

  std::mutex m_mutex;
  std::set<Watcher*> m_watchers;
  std::atomic<bool> m_serving = true;
};

GrpcHost::GrpcHost(RoleContext& context) : m_context(context) {
  if (context.environment("GRPC_HEALTH") == "1")
    m_health = std::make_unique<Health>();
}

GrpcHost::~GrpcHost() {
  close();
}

void GrpcHost::add(grpc::Service& service) {
  m_services.push_back(&service);
}

Status GrpcHost::listen() {
  if (m_health)
    m_health->set(m_context.isHealthy());
  return m_health || m_context.isHealthy() ? open() : Status(Done{});
}

Status GrpcHost::open() {
  grpc::ServerBuilder builder;
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  std::vector<int> bound(m_context.ports().size(), 0);
  std::string addresses;
  size_t i = 0;
  for (auto port : m_context.ports()) {
    auto address = m_context.options().address + ":" + std::to_string(port);
    builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &bound[i++]);
    addresses += (addresses.empty() ? "" : ", ") + address;
  }
  for (auto* service : m_services)
    builder.RegisterService(service);
  if (m_health)
    builder.RegisterService(m_health.get());
  m_server = builder.BuildAndStart();
  for (auto port : bound)
    if (!m_server || port == 0)
      return failure(ErrorKind::Conflict, "cannot listen on " + addresses);
  return Done{};
}

void GrpcHost::close() {
  if (!m_server)
    return;
  m_server->Shutdown(grpcDeadline(Duration::zero()));
  m_server->Wait();
  m_server.reset();
}

void GrpcHost::drain(Duration patience, std::function<void()> idle) {
  if (!m_server)
    return net::post(m_context.io(), std::move(idle));
  std::thread([this, until = grpcDeadline(patience), idle = std::move(idle)] {
    m_server->Shutdown(until);
    net::post(m_context.io(), idle);
  }).detach();
}

void GrpcHost::healthChanged() {
  if (m_health)
    return m_health->set(m_context.isHealthy());
  if (!m_context.isHealthy())
    return close();
  if (m_server)
    return;
  if (auto opened = open(); !opened)
    m_context.log("error", opened.error().message);
}

void GrpcHost::takeNewWork(bool takes) {
  m_takesNewWork = takes;
  if (m_health)
    m_health->set(takes && m_context.isHealthy());
}

void GrpcHost::answer(grpc::ServerUnaryReactor* reactor, std::function<grpc::Status()> work) {
  net::post(m_context.io(), [this, reactor, work = std::move(work)] {
    if (m_context.faults().failsNow()) {
      m_context.log("error", "call failed", {{"code", "INTERNAL"}});
      return reactor->Finish(grpc::Status(grpc::StatusCode::INTERNAL, "injected fault"));
    }
    const auto* slow = m_context.faults().find(FaultKind::Slow);
    if (!slow)
      return reactor->Finish(work());
    auto timer = std::make_shared<net::steady_timer>(m_context.io());
    timer->expires_after(slow->duration);
    timer->async_wait([timer, reactor, work](boost::system::error_code) { reactor->Finish(work()); });
  });
}

} // namespace ratdeck::sandbox
