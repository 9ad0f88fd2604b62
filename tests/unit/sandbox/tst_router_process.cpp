// A real HAProxy as the supervisor's child: its starts, its reloads and its ends.
#include "app/sandbox/http_server.h"
#include "app/sandbox/router_process.h"
#include "core/base/file.h"
#include "tests/unit/sandbox/sandbox_under_test.h"

#include <QTemporaryDir>
#include <QtTest>

#include <boost/asio/io_context.hpp>

#include <csignal>
#include <thread>

using namespace ratdeck;
using namespace ratdeck::sandbox;

namespace {

// A router on a loop of its own, with one server behind it that answers when it is told to.
class Bench {
public:
  explicit Bench(Duration handover = std::chrono::seconds(20))
      : path(folder.path().toStdString()), table(path), router(io, table, path, handover),
        server(io, [this](const std::shared_ptr<Exchange>& exchange) { held.push_back(exchange); }) {
    (void)makePrivateFolder(path + "/logs");
    port = server.listenTcp("127.93.0.10", 0).value_or(0);
  }
  ~Bench() {
    bool isOver = false;
    router.stop(std::chrono::seconds(3), [&] { isOver = true; });
    runUntil([&] { return isOver; });
  }

  std::string config(const std::vector<int>& ports, const std::string& socket) const {
    std::string text = "global\n  stats socket " + socket + " mode 600 level admin expose-fd listeners\n" +
                       "  hard-stop-after 20s\ndefaults\n  mode http\n  timeout connect 2s\n" +
                       "  timeout client 20s\n  timeout server 20s\n  retries 0\n";
    for (int bound : ports)
      text += "listen f" + std::to_string(bound) + "\n  bind 127.93.0.1:" + std::to_string(bound) +
              "\n  server s 127.93.0.10:" + std::to_string(port) + "\n";
    return text;
  }
  std::string config(const std::vector<int>& ports) const { return config(ports, path + "/h.sock"); }
  void configure(const std::string& text, bool reload, const char* name) {
    router.configure(text, reload, [this, name](const Result<int>& pid) {
      log.push_back(std::string(name) + (pid ? " runs" : ": " + pid.error().message.substr(0, 21)));
    });
  }
  void runUntil(const std::function<bool()>& fact) {
    io.restart();
    auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!fact() && io.run_one_until(end) > 0) {
    }
  }
  void runUntilLogged(size_t lines) {
    runUntil([&] { return log.size() >= lines; });
  }
  void answerHeld() {
    for (const auto& exchange : std::exchange(held, {}))
      exchange->reply({200, "ok", "text/plain", {}});
  }
  // A whole request through the router, answered at once.
  int ask(int bound) {
    PendingRequest request("127.93.0.1", bound, "/");
    runUntil([&] { return !held.empty(); });
    answerHeld();
    std::atomic<bool> isOver = false;
    int status = 0;
    std::thread client([&] {
      status = request.finish().status;
      isOver = true;
    });
    while (!isOver)
      io.run_for(std::chrono::milliseconds(10)), io.restart();
    client.join();
    return status;
  }

  QTemporaryDir folder;
  std::string path;
  boost::asio::io_context io{1};
  ProcessTable table;
  RouterProcess router;
  std::vector<std::shared_ptr<Exchange>> held;
  HttpServer server;
  std::uint16_t port = 0;
  std::vector<std::string> log;
};

} // namespace

class TestRouterProcess : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void anEndWhileStoppingAnswersThoseThatWaitFirst() {
    Bench bench;
    bench.configure(bench.config({18080}), false, "start");
    bench.router.stop(std::chrono::seconds(3), [&] { bench.log.push_back("stopped"); });
    bench.runUntil([&] { return !bench.log.empty() && bench.log.back() == "stopped"; });
    QCOMPARE(bench.log, (std::vector<std::string>{"start: the router is being s", "stopped"}));
  }

  void aReloadFinishesWhatTheOldProcessCarriesAndListensAnewAtOnce() {
    Bench bench;
    bench.configure(bench.config({18080}), false, "start");
    bench.runUntilLogged(1);
    auto old = bench.router.pid();
    PendingRequest open("127.93.0.1", 18080, "/");
    bench.runUntil([&] { return !bench.held.empty(); });
    auto carried = std::exchange(bench.held, {});
    bench.configure(bench.config({18080, 18081}), true, "reload");
    QVERIFY(bench.router.pid() != old);
    bench.configure(bench.config({18080}), true, "second");
    QCOMPARE(bench.log.back(), std::string("second: the router is being s"));
    bench.io.run_for(std::chrono::seconds(1)); // the old one is still busy
    bench.io.restart();
    QCOMPARE(bench.log.size(), size_t(2));
    QCOMPARE(::kill(old, 0), 0);
    QCOMPARE(bench.ask(18081), 200);
    QCOMPARE(bench.ask(18080), 200);
    carried.front()->reply({200, "ok", "text/plain", {}});
    bench.runUntilLogged(3);
    QCOMPARE(bench.log.back(), std::string("reload runs"));
    QCOMPARE(open.finish().status, 200);
    QVERIFY(::kill(old, 0) != 0);
  }

  void aReloadWaitsForWhatTheOldProcessCarriesNotForever() {
    Bench bench(std::chrono::milliseconds(300));
    bench.configure(bench.config({18080}), false, "start");
    bench.runUntilLogged(1);
    PendingRequest open("127.93.0.1", 18080, "/");
    bench.runUntil([&] { return !bench.held.empty(); });
    auto carried = std::exchange(bench.held, {});
    bench.configure(bench.config({18080, 18081}), true, "reload");
    bench.runUntilLogged(2);
    bench.configure(bench.config({18080}), true, "second");
    bench.runUntilLogged(3);
    QCOMPARE(bench.log, (std::vector<std::string>{"start runs", "reload runs", "second runs"}));
    QCOMPARE(bench.ask(18080), 200);
    carried.front()->reply({200, "ok", "text/plain", {}});
    bench.io.run_for(std::chrono::milliseconds(100));
    QCOMPARE(open.finish().status, 200);
  }

  void aReloadThatIsRefusedLeavesTheOldProcessAndItsFile() {
    Bench bench;
    auto good = bench.config({18080});
    bench.configure(good, false, "start");
    bench.runUntilLogged(1);
    auto old = bench.router.pid();
    bench.configure(good + "nonsense\n", true, "reload");
    bench.runUntilLogged(2);
    QCOMPARE(bench.log.back(), std::string("reload: haproxy ended with 1:"));
    QCOMPARE(bench.router.pid(), old);
    QCOMPARE(*readFile(bench.router.configPath(), 65536), good);
    QCOMPARE(bench.ask(18080), 200);
    bench.configure(bench.config({18080, 18081}), true, "again");
    bench.runUntilLogged(3);
    QCOMPARE(bench.log.back(), std::string("again runs"));
  }

  void aRouterThatWasReloadedIsStartedAgainWhenItDies() {
    Bench bench;
    bench.configure(bench.config({18080}), false, "start");
    bench.runUntilLogged(1);
    bench.configure(bench.config({18080, 18081}), true, "reload");
    bench.runUntilLogged(2);
    auto pid = bench.router.pid();
    ::kill(pid, SIGKILL);
    bench.runUntil([&] { return bench.router.pid() != pid && bench.router.isRunning(); });
    QCOMPARE(bench.log, (std::vector<std::string>{"start runs", "reload runs"}));
  }
};

QTEST_GUILESS_MAIN(TestRouterProcess)
#include "tst_router_process.moc"
