// The router on a real HAProxy: keep-alive and closing clients go on while copies with two routed ports are
// swapped; the right order loses nothing, and the wrong one, with the same clients, loses requests.
#include "answers.h"
#include "http_server.h"

#include "core/base/file.h"
#include "core/remote/http/http_client.h"
#include "core/runtime/router/haproxy_router.h"

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>

#include <curl/curl.h>

using namespace ratdeck;
using namespace ratdeck::test;

namespace {

const char* const frontend = "127.97.1.1";
constexpr std::uint16_t firstPort = 18080;
constexpr std::uint16_t secondPort = 18090;

// Writes the file and starts HAProxy on it, as the sandbox's supervisor does.
class LocalSink final : public ConfigSink {
public:
  explicit LocalSink(std::string dir) : m_file(dir + "/haproxy.cfg") {}
  ~LocalSink() override { kill(); }
  void put(const std::string& text, bool, Callback<Done> done) override {
    const Status written = writeFile(m_file, text, 0600);
    if (written && process.state() == QProcess::NotRunning)
      process.start(QStringLiteral("haproxy"),
                    {QStringLiteral("-db"), QStringLiteral("-f"), QString::fromStdString(m_file)});
    m_outbox.post([done, written] { done(written); });
  }
  Result<std::string> stored() const override { return readFile(m_file, 1 << 20); }
  void kill() {
    process.kill();
    process.waitForFinished(5000);
  }
  QProcess process;

private:
  std::string m_file;
  Outbox m_outbox;
};

// One copy: a server on each of the two ports that answers with its name.
struct Copy {
  explicit Copy(int number)
      : id("rat-web-" + std::to_string(number)), address("127.97.1." + std::to_string(9 + number)),
        first(address, firstPort, handler()), second(address, secondPort, handler()) {}
  HttpServer::Handler handler() {
    return [this](const std::string&) {
      ++requests;
      return HttpServer::Reply{200, id.value};
    };
  }
  void kill() {
    first.kill();
    second.kill();
  }
  InstanceId id;
  std::string address;
  int requests = 0;
  HttpServer first, second;
};

// Clients in closed loops, each with a pool of its own; nothing is ever sent twice by us.
class Crowd {
public:
  Crowd() {
    for (int i = 0; i < 8; ++i)
      m_clients.push_back(std::make_unique<HttpClient>());
    for (int i = 0; i < 8; ++i)
      ask(i);
  }
  int asked = 0;
  int failed = 0;
  std::string lastFailure;

private:
  void ask(int client) {
    ++asked;
    HttpRequest request;
    request.method = "POST"; // curl sends a GET again by itself where a pooled connection has died
    request.body = "x";
    request.url =
        std::string("http://") + frontend + ':' + std::to_string(client % 2 ? firstPort : secondPort) + '/';
    request.freshConnection = client % 4 == 3;
    m_clients[std::size_t(client)]->send(std::move(request), [this, client](Result<HttpResponse> response) {
      if (!response || response->status != 200) {
        ++failed;
        lastFailure = response ? std::to_string(response->status) : response.error().message;
      }
      m_outbox.postAfter(1ms, [this, client] { ask(client); });
    });
  }

  std::vector<std::unique_ptr<HttpClient>> m_clients;
  Outbox m_outbox;
};

struct Bench {
  Bench() {
    auto owned = std::make_unique<LocalSink>(folder.path().toStdString());
    sink = owned.get();
    const RoutingTable table =
        routingTable({{"web", {{firstPort, RouteProtocol::Http}, {secondPort, RouteProtocol::Http}}}},
                     [](const std::string&) -> FrontendHosts {
                       return {frontend, frontend};
                     });
    const std::string socket = folder.path().toStdString() + "/haproxy.sock";
    router = std::make_unique<HaproxyRouter>(table, RouterEndpoints{socket, socket, {}}, std::move(owned));
  }
  std::string join(const Copy& copy) {
    return errorOf(answerOf<Done>([&](auto done) { router->join("web", copy.id, copy.address, done); }));
  }
  std::string drain(const Copy& copy) {
    return errorOf(answerOf<Done>([&](auto done) { router->drain("web", copy.id, done); }));
  }
  std::string giveBack(const Copy& copy) {
    return errorOf(answerOf<Done>([&](auto done) { router->giveBack("web", copy.id, copy.address, done); }));
  }
  std::string leave(const Copy& copy) {
    return errorOf(answerOf<Done>([&](auto done) { router->leave("web", copy.id, done); }));
  }
  RouterSample sampleOf(const std::string& id) {
    const auto samples = answerOf<std::vector<RouterSample>>([&](auto done) { router->sample(done); });
    for (const RouterSample& sample : samples ? *samples : std::vector<RouterSample>())
      if (sample.instance.value == id)
        return sample;
    return {};
  }
  bool isDrained(const Copy& copy) {
    for (int i = 0; i < 500; ++i)
      if (const RouterSample sample = sampleOf(copy.id.value);
          sample.routing == Routing::Draining && sample.inFlight == 0)
        return true;
    return false;
  }

  QTemporaryDir folder;
  LocalSink* sink = nullptr;
  std::unique_ptr<HaproxyRouter> router;
};

const std::string fine;

} // namespace

class SwapTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void initTestCase() { curl_global_init(CURL_GLOBAL_DEFAULT); }

  void losesNothingInTheRightOrder() {
    Bench bench;
    std::vector<std::unique_ptr<Copy>> copies;
    copies.push_back(std::make_unique<Copy>(1));
    QVERIFY(copies[0]->first.isUp && copies[0]->second.isUp);
    QCOMPARE(bench.join(*copies[0]), fine);
    Crowd crowd;
    QVERIFY(waitUntil([&] { return copies[0]->requests > 100; }));
    for (int number = 2; number <= 6; ++number) {
      copies.push_back(std::make_unique<Copy>(number));
      Copy& before = *copies[std::size_t(number - 2)];
      Copy& after = *copies.back();
      QCOMPARE(bench.join(after), fine);
      QCOMPARE(bench.drain(before), fine);
      if (number == 4) { // an undo in between
        QCOMPARE(bench.giveBack(before), fine);
        QCOMPARE(bench.drain(before), fine);
      }
      QVERIFY(bench.isDrained(before));
      QCOMPARE(bench.leave(before), fine);
      QCOMPARE(bench.sampleOf(before.id.value).routing, Routing::None);
      before.kill();
      QVERIFY(waitUntil([&] { return after.requests > 150; }));
    }
    const RouterSample whole = bench.sampleOf("");
    qInfo("%d requests over 5 swaps, %d failed %s, %lld seen by the router, %lld retries", crowd.asked,
          crowd.failed, crowd.lastFailure.c_str(), whole.requests, whole.retries);
    QCOMPARE(crowd.failed, 0);
    QCOMPARE(whole.errors5xx, 0LL);
    QCOMPARE(whole.connectionErrors, 0LL);
    QCOMPARE(whole.retries, 0LL);
    QVERIFY(whole.requests >= crowd.asked - 8);
  }

  // The control.
  void losesRequestsWhereTheOldCopyDiesBeforeItIsDrained() {
    Bench bench;
    Copy before(1), after(2);
    QCOMPARE(bench.join(before), fine);
    Crowd crowd;
    QVERIFY(waitUntil([&] { return before.requests > 100; }));
    before.kill();
    QCOMPARE(bench.join(after), fine);
    QCOMPARE(bench.drain(before), fine);
    QVERIFY(waitUntil([&] { return after.requests > 50; }));
    qInfo("%d of %d requests lost, such as: %s", crowd.failed, crowd.asked, crowd.lastFailure.c_str());
    QVERIFY(crowd.failed > 0);
  }

  void comesBackWithItsServersAfterTheRouterDied() {
    Bench bench;
    Copy copy(1);
    QCOMPARE(bench.join(copy), fine);
    bench.sink->kill();
    const auto dead = answerOf<std::vector<RouterSample>>([&](auto done) { bench.router->sample(done); });
    QCOMPARE(dead.error().kind, ErrorKind::Unreachable);
    QVERIFY(waitUntil([&] { return bench.sampleOf(copy.id.value).routing == Routing::Serving; }));
    HttpClient client;
    HttpRequest request;
    request.url = std::string("http://") + bench.router->frontendOf("web", firstPort) + '/';
    const auto response = answerOf<HttpResponse>([&](auto done) { client.send(request, done); });
    QVERIFY2(response.has_value(), errorOf(response).c_str());
    QCOMPARE(response->body, copy.id.value);
  }
};

QTEST_GUILESS_MAIN(SwapTest)
#include "tst_swap.moc"
