#include "app/sandbox/load_generator.h"

#include "app/sandbox/http_message.h"
#include "app/sandbox/http_pool.h"
#include "app/sandbox/web_socket_client.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <random>
#include <utility>

namespace ratdeck::sandbox {

namespace {

enum class Goes { Portal, Ratd, Web };

struct RequestClass {
  const char* name;
  Goes goes;
  const char* method;
  const char* target; // a POST gets its id appended
  int share;          // of 20
};

constexpr RequestClass requestClasses[] = {
    {"portal_page", Goes::Portal, "GET", "/", 4},
    {"portal_query", Goes::Portal, "GET", "/api/v1/query?sql=select%201", 4},
    {"portal_preview", Goes::Portal, "GET", "/api/v1/preview?pipeline=orders", 2},
    {"portal_post", Goes::Portal, "POST", "/api/v1/records?id=", 2},
    {"ratd_query", Goes::Ratd, "GET", "/api/v1/query?sql=select%201", 3},
    {"ratd_runs", Goes::Ratd, "GET", "/api/v1/runs?limit=1", 2},
    {"ratd_preview", Goes::Ratd, "GET", "/api/v1/preview?pipeline=orders", 1},
    {"ratd_post", Goes::Ratd, "POST", "/api/v1/records?id=", 2},
    {"web_page", Goes::Web, "GET", "/", 1},
};
constexpr int requestClassCount = static_cast<int>(std::size(requestClasses));
constexpr int eventStreamClass = requestClassCount;
constexpr int webSocketClass = requestClassCount + 1;
constexpr size_t slotStep = 7; // coprime to the slots: spreads each class over the pattern

constexpr auto tick = std::chrono::milliseconds(2);
constexpr Duration tooLate = std::chrono::seconds(1);
constexpr size_t maxInFlight = 4000;
constexpr size_t mostFiled = 10000; // in one tick: two seconds of the highest rate
constexpr long long shortestStream = 3;
constexpr long long longestStream = 6;
constexpr auto streamSlack = std::chrono::seconds(5);
constexpr auto streamPause = std::chrono::milliseconds(100); // after one that failed
constexpr Duration finishLimit = std::chrono::seconds(12);
constexpr auto ledgerTimeout = std::chrono::seconds(10);

std::vector<std::string> classNames() {
  std::vector<std::string> names;
  for (const auto& kind : requestClasses)
    names.emplace_back(kind.name);
  names.insert(names.end(), {"event_stream", "web_socket"});
  return names;
}

std::string answeredBy(const HttpOutcome& outcome) {
  if (!outcome.upstream.empty())
    return outcome.upstream;
  return outcome.service.empty() ? "" : outcome.service + " " + outcome.version + " " + outcome.instance;
}

} // namespace

class LoadGenerator::Core : public std::enable_shared_from_this<LoadGenerator::Core> {
public:
  Core(boost::asio::io_context& io, LoadOptions options, const Clock& clock);
  void start();
  void stop(std::function<void(Json)> done);
  void abandon();
  Json live() const {
    auto json = m_report.toJson(now(), false);
    json["in_flight"] = m_inFlight;
    return json;
  }

private:
  Instant now() const { return m_clock.now(); }
  struct Stream {
    std::unique_ptr<HttpConnection> http;
    std::unique_ptr<WebSocketClient> webSocket;
    bool isOpen = false;
  };

  void fireDue();
  void skipTo(size_t next);
  void fire(BootTime due);
  void send(const RequestClass& kind, int index, bool keepsAlive, BootTime due);
  void over(int index, BootTime due, const std::string& target, int expected, const HttpOutcome& outcome);
  void openStream(size_t number);
  void streamOver(size_t number, BootTime due, const std::string& target, const HttpOutcome& outcome);
  void checkFinished();
  void readLedger();
  void finish();
  HttpPool* poolFor(Goes goes) {
    return goes == Goes::Portal ? m_portal.get() : goes == Goes::Ratd ? m_ratd.get() : m_web.get();
  }
  bool streamsAreOpen() const {
    return std::any_of(m_streams.begin(), m_streams.end(),
                       [](const Stream& stream) { return stream.isOpen; });
  }

  boost::asio::io_context& m_io;
  LoadOptions m_options;
  const Clock& m_clock;
  LoadReport m_report;
  boost::asio::steady_timer m_timer;
  std::unique_ptr<HttpPool> m_portal;
  std::unique_ptr<HttpPool> m_ratd;
  std::unique_ptr<HttpPool> m_ledger;
  std::unique_ptr<HttpPool> m_web;
  std::vector<int> m_pattern; // class by slot
  std::vector<Stream> m_streams;
  std::mt19937 m_random{std::random_device{}()};
  std::string m_prefix; // of this load's ids
  BootTime m_begin{};
  size_t m_fired = 0;
  size_t m_inFlight = 0;
  bool m_stopping = false;
  std::function<void(Json)> m_done;
};

LoadGenerator::Core::Core(boost::asio::io_context& io, LoadOptions options, const Clock& clock)
    : m_io(io), m_options(std::move(options)), m_clock(clock), m_report(classNames(), now()), m_timer(io) {
  if (m_options.portal)
    m_portal = std::make_unique<HttpPool>(io, *m_options.portal);
  if (m_options.ratd)
    m_ratd = std::make_unique<HttpPool>(io, *m_options.ratd);
  if (m_options.ledger)
    m_ledger = std::make_unique<HttpPool>(io, *m_options.ledger);
  if (m_options.web)
    m_web = std::make_unique<HttpPool>(io, *m_options.web);
  std::vector<int> inOrder;
  for (int index = 0; index < requestClassCount; ++index)
    if (poolFor(requestClasses[index].goes))
      inOrder.insert(inOrder.end(), static_cast<size_t>(requestClasses[index].share), index);
  for (size_t i = 0; i < inOrder.size(); ++i)
    m_pattern.push_back(inOrder[i * slotStep % inOrder.size()]);
  char prefix[32];
  std::snprintf(prefix, sizeof prefix, "load-%08x%08x-", static_cast<unsigned>(m_random()),
                static_cast<unsigned>(m_random()));
  m_prefix = prefix;
}

void LoadGenerator::Core::start() {
  m_begin = now().boot;
  m_streams.resize(static_cast<size_t>(m_options.streams) * 2);
  for (size_t number = 0; number < m_streams.size(); ++number)
    openStream(number);
  fireDue();
}

void LoadGenerator::Core::fireDue() {
  if (m_stopping)
    return;
  auto at = now().boot;
  if (m_options.duration > Duration::zero() && at - m_begin >= m_options.duration)
    return; // the owner stops it
  auto dueOf = [&](size_t n) {
    return m_begin + Duration(static_cast<long long>(static_cast<double>(n) / m_options.rate * 1e9));
  };
  for (size_t filed = 0; filed < mostFiled && dueOf(m_fired) <= at; ++filed, ++m_fired)
    fire(dueOf(m_fired));
  auto seconds = std::chrono::duration<double>(at - tooLate - m_begin).count();
  skipTo(static_cast<size_t>(std::max(0.0, seconds * m_options.rate)));
  m_timer.expires_after(tick);
  m_timer.async_wait([self = shared_from_this()](boost::system::error_code error) {
    if (!error)
      self->fireDue();
  });
}

// Counts those up to `next` as not sent, all at once: a machine that was suspended owes millions.
void LoadGenerator::Core::skipTo(size_t next) {
  if (next <= m_fired)
    return;
  auto rounds = (next - m_fired) / m_pattern.size();
  for (int index : m_pattern)
    m_report.addNotSent(index, rounds);
  for (m_fired += rounds * m_pattern.size(); m_fired < next; ++m_fired)
    m_report.addNotSent(m_pattern[m_fired % m_pattern.size()], 1);
}

void LoadGenerator::Core::fire(BootTime due) {
  auto slot = m_fired % m_pattern.size();
  auto index = m_pattern[slot];
  const auto& kind = requestClasses[index];
  bool isLate = now().boot - due > tooLate;
  if (isLate || m_inFlight >= maxInFlight) {
    m_report.add({due,
                  now().boot - due,
                  LoadFailure::NotSent,
                  true,
                  index,
                  kind.target,
                  0,
                  isLate ? "over a second late" : "too many requests in flight",
                  {}},
                 now());
    return;
  }
  bool keepsAlive = !m_options.newConnections && (m_fired / m_pattern.size() + slot) % 2 == 0;
  send(kind, index, keepsAlive, due);
}

void LoadGenerator::Core::send(const RequestClass& kind, int index, bool keepsAlive, BootTime due) {
  auto* pool = poolFor(kind.goes);
  std::string target = kind.target;
  bool isPost = kind.method[0] == 'P';
  size_t number = isPost ? m_report.postSent() : 0;
  if (isPost)
    target += m_prefix + std::to_string(number);
  ++m_inFlight;
  auto done = [self = shared_from_this(), index, due, target, isPost, number](const HttpOutcome& outcome) {
    --self->m_inFlight;
    int expected = isPost ? 201 : 0;
    if (isPost && judge(outcome, expected) == LoadFailure::None)
      self->m_report.postAcknowledged(number);
    self->over(index, due, target, expected, outcome);
    self->checkFinished();
  };
  if (keepsAlive)
    return pool->request(kind.method, target, {}, m_options.timeout, std::move(done));
  auto connection = std::make_shared<HttpConnection>(m_io, pool->peer());
  auto& ref = *connection;
  ref.exchange(toWire(kind.method, target, pool->peer().toString(), {}, true), m_options.timeout,
               [connection, done = std::move(done)](const HttpOutcome& outcome) { done(outcome); });
}

void LoadGenerator::Core::over(int index, BootTime due, const std::string& target, int expected,
                               const HttpOutcome& outcome) {
  auto at = now();
  auto failed = judge(outcome, expected);
  LoadSample sample{due, at.boot - due, failed, true, index, {}, outcome.status, {}, {}};
  if (failed == LoadFailure::None) {
    m_report.answered(outcome.service, outcome.version, at);
  } else {
    sample.target = target;
    sample.detail = outcome.detail.empty() ? outcome.body.substr(0, 200) : outcome.detail;
    sample.answeredBy = answeredBy(outcome);
  }
  m_report.add(sample, at);
}

// The first half are event streams, the second WebSockets; every other one goes through the portal.
void LoadGenerator::Core::openStream(size_t number) {
  auto& stream = m_streams[number];
  bool isWebSocket = number >= m_streams.size() / 2;
  auto* pool = poolFor(number % 2 == 0 ? Goes::Portal : Goes::Ratd);
  bool isPortal = pool == m_portal.get();
  if (!pool) {
    pool = m_portal ? m_portal.get() : m_ratd.get();
    isPortal = pool == m_portal.get();
  }
  auto length = std::uniform_int_distribution<long long>(shortestStream, longestStream)(m_random);
  auto target = std::string(isPortal ? "/" : "/api/v1/") + (isWebSocket ? "ws" : "stream") +
                "?seconds=" + std::to_string(length);
  auto timeout = std::chrono::seconds(length) + streamSlack;
  auto due = now().boot;
  auto done = [self = shared_from_this(), number, due, target](const HttpOutcome& outcome) {
    self->streamOver(number, due, target, outcome);
  };
  m_report.streamStarted();
  stream.isOpen = true;
  if (isWebSocket) {
    stream.webSocket = std::make_unique<WebSocketClient>(m_io, pool->peer());
    return stream.webSocket->open(target, timeout, done);
  }
  stream.http = std::make_unique<HttpConnection>(m_io, pool->peer());
  stream.http->exchange(toWire("GET", target, pool->peer().toString(), {}, true), timeout, done);
}

void LoadGenerator::Core::streamOver(size_t number, BootTime due, const std::string& target,
                                     const HttpOutcome& outcome) {
  bool isWebSocket = number >= m_streams.size() / 2;
  auto failed = judge(outcome, isWebSocket ? 101 : 200);
  bool hasEnd = isWebSocket ? outcome.body == "end" : outcome.body.find("event: end") != std::string::npos;
  bool wasOpen =
      failed == LoadFailure::None || failed == LoadFailure::Timeout || (failed == LoadFailure::Reset);
  if (!hasEnd && wasOpen)
    failed = LoadFailure::StreamCut;
  auto at = now();
  LoadSample sample{due,
                    {},
                    failed,
                    false,
                    isWebSocket ? webSocketClass : eventStreamClass,
                    target,
                    outcome.status,
                    outcome.detail,
                    answeredBy(outcome)};
  m_report.add(sample, at);
  m_report.streamEnded(failed == LoadFailure::None);
  m_streams[number].isOpen = false;
  if (m_stopping)
    return checkFinished();
  // The client object's own callback runs: a new one is made after it.
  auto timer = std::make_shared<boost::asio::steady_timer>(m_io);
  timer->expires_after(failed == LoadFailure::None ? std::chrono::milliseconds(0) : streamPause);
  timer->async_wait([self = shared_from_this(), timer, number](boost::system::error_code) {
    if (!self->m_stopping)
      self->openStream(number);
  });
}

void LoadGenerator::Core::stop(std::function<void(Json)> done) {
  m_done = std::move(done);
  m_stopping = true;
  m_timer.expires_after(finishLimit);
  m_timer.async_wait([self = shared_from_this()](boost::system::error_code error) {
    if (!error)
      self->readLedger();
  });
  for (auto& stream : m_streams) {
    if (!stream.isOpen || m_options.finishStreams)
      continue;
    stream = {};
    m_report.streamLetGo();
  }
  boost::asio::post(m_io, [self = shared_from_this()] { self->checkFinished(); });
}

void LoadGenerator::Core::abandon() {
  m_stopping = true;
  m_done = nullptr;
  m_timer.cancel();
  m_streams.clear();
}

void LoadGenerator::Core::checkFinished() {
  if (!m_stopping || !m_done || m_inFlight > 0 || streamsAreOpen())
    return;
  if (m_timer.cancel() > 0)
    readLedger();
}

void LoadGenerator::Core::readLedger() {
  m_report.finish(now());
  if (!m_ledger)
    return finish();
  m_ledger->request("GET", "/ledger?prefix=" + m_prefix, {}, ledgerTimeout,
                    [self = shared_from_this()](HttpOutcome outcome) {
                      auto json =
                          outcome.failure == HttpFailure::None && outcome.status == 200
                              ? parseJson(outcome.body)
                              : Result<Json>(failure(ErrorKind::Unreachable,
                                                     "the ledger does not answer: " + outcome.detail));
                      if (!json) {
                        self->m_report.ledgerUnread(json.error().message);
                        return self->finish();
                      }
                      std::map<size_t, long long> counts;
                      for (const auto& [id, count] : memberAt(*json, "ids").items())
                        if (id.starts_with(self->m_prefix) && count.is_number_integer())
                          counts[std::strtoull(id.c_str() + self->m_prefix.size(), nullptr, 10)] =
                              count.get<long long>();
                      self->m_report.checkLedger(counts);
                      self->finish();
                    });
}

void LoadGenerator::Core::finish() {
  if (auto done = std::exchange(m_done, nullptr))
    done(m_report.toJson(now(), true));
}

LoadGenerator::LoadGenerator(boost::asio::io_context& io, LoadOptions options, const Clock& clock)
    : m_core(std::make_shared<Core>(io, std::move(options), clock)) {}
LoadGenerator::~LoadGenerator() {
  m_core->abandon();
}
void LoadGenerator::start() {
  m_core->start();
}
void LoadGenerator::stop(std::function<void(Json)> done) {
  m_core->stop(std::move(done));
}
Json LoadGenerator::live() const {
  return m_core->live();
}

} // namespace ratdeck::sandbox
