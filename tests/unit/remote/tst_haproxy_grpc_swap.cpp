// A real HAProxy between real gRPC: one long-lived channel goes on through swaps of the server behind it.
#include "core/remote/grpc/health_client.h"
#include "health.grpc.pb.h"
#include "running_haproxy.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <atomic>
#include <thread>

using namespace ratdeck;

namespace {

namespace health = grpc::health::v1;

class CountingHealth final : public health::Health::CallbackService {
public:
  std::atomic<int> calls = 0;

  grpc::ServerUnaryReactor* Check(grpc::CallbackServerContext* context, const health::HealthCheckRequest*,
                                  health::HealthCheckResponse* response) override {
    ++calls;
    response->set_status(health::HealthCheckResponse::SERVING);
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

struct Backend {
  Backend() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.95.4.20:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service);
    server = builder.BuildAndStart();
  }
  ~Backend() { stop(); }
  void stop() {
    server->Shutdown(std::chrono::system_clock::time_point::min());
  } // at once, calls in hand are cut
  std::string address() const { return "127.95.4.20:" + std::to_string(port); }

  int port = 0;
  CountingHealth service;
  std::unique_ptr<grpc::Server> server;
};

// Calls over one channel in a closed loop, on threads of its own.
class Callers {
public:
  explicit Callers(std::uint16_t port) {
    auto channel =
        grpc::CreateChannel("ipv4:127.95.4.1:" + std::to_string(port), grpc::InsecureChannelCredentials());
    for (int i = 0; i < 4; ++i)
      m_threads.emplace_back([this, channel] { run(*health::Health::NewStub(channel)); });
  }
  ~Callers() {
    m_isOver = true;
    for (auto& thread : m_threads)
      thread.join();
  }
  std::atomic<int> asked = 0;
  std::atomic<int> failed = 0;

private:
  void run(health::Health::Stub& stub) {
    while (!m_isOver) {
      grpc::ClientContext context;
      health::HealthCheckResponse response;
      ++asked;
      if (!stub.Check(&context, {}, &response).ok())
        ++failed;
    }
  }

  std::atomic<bool> m_isOver = false;
  std::vector<std::thread> m_threads;
};

} // namespace

class TestHaproxyGrpcSwap : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void aLongLivedChannelOutlivesItsServers() {
    std::vector<std::unique_ptr<Backend>> backends;
    backends.push_back(std::make_unique<Backend>());
    RunningHaproxy haproxy({{"v0", backends[0]->address()}}, HaproxyMode::H2);
    QVERIFY(haproxy.isUp);
    HaproxyRouterOps ops(haproxy.socket());
    Callers callers(haproxy.port);
    QVERIFY(until([&] { return backends[0]->service.calls > 100; }));
    for (std::size_t i = 1; i <= 4; ++i) {
      const HaproxyServerName leaving{"web", "v" + std::to_string(i - 1)};
      const HaproxyServerName joining{"web", "v" + std::to_string(i)};
      backends.push_back(std::make_unique<Backend>());
      auto& next = *backends.back();
      QCOMPARE(settled([&](auto done) { ops.addServer(joining, next.address(), {.isH2 = true}, done); }),
               "done");
      QCOMPARE(settled([&](auto done) { ops.enableServer(joining, done); }), "done");
      QVERIFY(until([&] { return next.service.calls > 20; }));
      QCOMPARE(settled([&](auto done) { ops.drainServer(leaving, done); }), "done");
      QVERIFY(until([&] {
        Answers<std::vector<HaproxyStat>> rows;
        ops.sample({"web"}, rows.next());
        return rows.wait() && rows.at(0) &&
               std::any_of(rows.at(0)->begin(), rows.at(0)->end(), [&](const HaproxyStat& row) {
                 return row.server == leaving.server && row.inFlight == 0;
               });
      }));
      QCOMPARE(settled([&](auto done) { ops.removeServer(leaving, {}, done); }), "done");
      backends[i - 1]->stop();
      QVERIFY(until([&] { return next.service.calls > 1500; }));
    }
    qInfo("%d calls over 4 swaps, %d failed", callers.asked.load(), callers.failed.load());
    QCOMPARE(callers.failed.load(), 0);
  }

  void theWrongOrderIsSeenToLoseCalls() {
    Backend before;
    Backend after;
    RunningHaproxy haproxy({{"old", before.address()}}, HaproxyMode::H2);
    QVERIFY(haproxy.isUp);
    HaproxyRouterOps ops(haproxy.socket());
    Callers callers(haproxy.port);
    QVERIFY(until([&] { return before.service.calls > 100; }));
    before.stop();
    QCOMPARE(settled([&](auto done) {
               ops.addServer({"web", "new"}, after.address(), {.isH2 = true}, done);
             }),
             "done");
    QCOMPARE(settled([&](auto done) { ops.enableServer({"web", "new"}, done); }), "done");
    QVERIFY(until([&] { return after.service.calls > 20; }));
    qInfo("%d of %d calls lost", callers.failed.load(), callers.asked.load());
    QVERIFY(callers.failed > 0);
  }

  void healthIsReadThroughTheRouter() {
    Backend backend;
    RunningHaproxy haproxy({{"old", backend.address()}}, HaproxyMode::H2);
    QVERIFY(haproxy.isUp);
    GrpcHealthClient client;
    Answers<GrpcHealth> answers;
    const auto frontend = "127.95.4.1:" + std::to_string(haproxy.port);
    client.check(frontend, "", 5s, answers.next());
    QVERIFY(answers.wait());
    QVERIFY2(answers.at(0) && *answers.at(0) == GrpcHealth::Serving, answers.errorText().c_str());
    HaproxyRouterOps ops(haproxy.socket());
    QCOMPARE(settled([&](auto done) { ops.removeServer({"web", "old"}, {}, done); }), "done");
    client.check(frontend, "", 5s, answers.next());
    QVERIFY(answers.wait(2));
    QVERIFY(!answers.at(1) && answers.at(1).error().kind == ErrorKind::Unreachable);
  }
};

QTEST_GUILESS_MAIN(TestHaproxyGrpcSwap)
#include "tst_haproxy_grpc_swap.moc"
