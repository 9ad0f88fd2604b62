#include "core/remote/http/http_client.h"

#include "core/remote/http/curl_transfer.h"
#include "core/remote/outbox.h"

#include <QSocketNotifier>
#include <QTimer>

#include <curl/curl.h>

#include <map>
#include <set>
#include <unordered_map>

namespace ratdeck {

namespace {

struct WatchedSocket {
  QSocketNotifier* read = nullptr; // children of the client's timer
  QSocketNotifier* write = nullptr;
  bool isGone = false;
};

struct Exchange {
  std::unique_ptr<CurlTransfer> transfer;
  Answer<HttpResponse> done;
  std::shared_ptr<HttpStreamer> streamer; // null: the answer is kept whole
  std::unique_ptr<QTimer> patience;       // of a stream
};

// A notifier may be under way on the stack: it is silenced now and deleted later.
void retire(QSocketNotifier* notifier) {
  notifier->setEnabled(false);
  notifier->disconnect();
  notifier->deleteLater();
}

} // namespace

struct HttpClient::Impl {
  Impl();
  ~Impl();

  CallId send(HttpRequest request, Answer<HttpResponse> done, std::shared_ptr<HttpStreamer> streamer = {});
  void cancel(CallId id);
  void watchPatience(CallId id);
  void expire(CallId id);
  void passOnStreams();
  std::shared_ptr<HttpStreamer> streamerOf(CallId id) const; // null if it is cancelled
  void drive(curl_socket_t socket, int events);
  void watch(curl_socket_t socket, int what);
  WatchedSocket& watched(curl_socket_t socket);
  void sweepSockets();
  void collectFinished();
  void answerLater(CallId id, Result<HttpResponse> result);

  static int onSocket(CURL*, curl_socket_t socket, int what, void* self, void*);
  static int onTimer(CURLM*, long milliseconds, void* self);

  CURLM* m_multi = nullptr;
  std::unordered_map<curl_socket_t, WatchedSocket> m_sockets;
  std::map<CallId, Exchange> m_exchanges;
  std::set<CallId> m_streams; // those of m_exchanges that have a streamer and a transfer
  std::uint64_t m_lastId = 0;
  QTimer m_timer;
  Outbox m_outbox;
};

HttpClient::Impl::Impl() : m_multi(curl_multi_init()) {
  curl_multi_setopt(m_multi, CURLMOPT_SOCKETFUNCTION, &Impl::onSocket);
  curl_multi_setopt(m_multi, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(m_multi, CURLMOPT_TIMERFUNCTION, &Impl::onTimer);
  curl_multi_setopt(m_multi, CURLMOPT_TIMERDATA, this);
  m_timer.setSingleShot(true);
  m_timer.setTimerType(Qt::PreciseTimer);
  QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] { drive(CURL_SOCKET_TIMEOUT, 0); });
}

HttpClient::Impl::~Impl() {
  for (auto& [id, exchange] : m_exchanges)
    if (exchange.transfer && exchange.transfer->handle())
      curl_multi_remove_handle(m_multi, exchange.transfer->handle());
  m_exchanges.clear();
  for (auto& [socket, entry] : m_sockets) // before curl closes their descriptors
    entry.isGone = true;
  sweepSockets();
  curl_multi_setopt(m_multi, CURLMOPT_SOCKETFUNCTION, nullptr);
  curl_multi_setopt(m_multi, CURLMOPT_TIMERFUNCTION, nullptr);
  curl_multi_cleanup(m_multi);
}

CallId HttpClient::Impl::send(HttpRequest request, Answer<HttpResponse> done,
                              std::shared_ptr<HttpStreamer> streamer) {
  const CallId id{++m_lastId};
  const bool isStream = streamer != nullptr;
  auto transfer = std::make_unique<CurlTransfer>(std::move(request), isStream);
  auto ready = transfer->prepare();
  CURL* easy = transfer->handle();
  m_exchanges.emplace(id, Exchange{nullptr, std::move(done), std::move(streamer), nullptr});
  if (!ready) {
    answerLater(id, failure(ready.error()));
    return id;
  }
  if (const CURLMcode code = curl_multi_add_handle(m_multi, easy); code != CURLM_OK) {
    answerLater(id, failure(ErrorKind::Internal, std::string("cannot ask: ") + curl_multi_strerror(code)));
    return id;
  }
  m_exchanges[id].transfer = std::move(transfer);
  if (isStream)
    watchPatience(id);
  return id;
}

void HttpClient::Impl::watchPatience(CallId id) {
  Exchange& exchange = m_exchanges.at(id);
  exchange.patience = std::make_unique<QTimer>();
  exchange.patience->setSingleShot(true);
  exchange.patience->setTimerType(Qt::PreciseTimer);
  QObject::connect(exchange.patience.get(), &QTimer::timeout, &m_timer, [this, id] { expire(id); });
  exchange.patience->start(toTimerMilliseconds(exchange.transfer->patience()));
  m_streams.insert(id);
}

void HttpClient::Impl::expire(CallId id) {
  Exchange& exchange = m_exchanges.at(id);
  curl_multi_remove_handle(m_multi, exchange.transfer->handle());
  m_streams.erase(id);
  const auto transfer = std::move(exchange.transfer);
  answerLater(id, failure(transfer->silence()));
  sweepSockets();
}

void HttpClient::Impl::passOnStreams() {
  for (const CallId id : m_streams) {
    Exchange& exchange = m_exchanges.at(id);
    auto news = exchange.transfer->takeNews();
    if (!news.isOpened && news.piece.empty())
      continue;
    if (exchange.transfer->patience() > 0s)
      exchange.patience->start(toTimerMilliseconds(exchange.transfer->patience()));
    else
      exchange.patience->stop();
    if (news.isOpened)
      m_outbox.post([this, id] {
        if (const auto streamer = streamerOf(id); streamer && streamer->onOpen)
          streamer->onOpen();
      });
    if (!news.piece.empty())
      m_outbox.post([this, id, piece = std::move(news.piece)] {
        if (const auto streamer = streamerOf(id))
          streamer->onBody(piece);
      });
  }
}

std::shared_ptr<HttpStreamer> HttpClient::Impl::streamerOf(CallId id) const {
  const auto found = m_exchanges.find(id);
  return found == m_exchanges.end() ? nullptr : found->second.streamer;
}

void HttpClient::Impl::cancel(CallId id) {
  auto found = m_exchanges.find(id);
  if (found == m_exchanges.end())
    return;
  if (found->second.transfer)
    curl_multi_remove_handle(m_multi, found->second.transfer->handle());
  m_streams.erase(id);
  m_exchanges.erase(found);
  sweepSockets();
}

void HttpClient::Impl::drive(curl_socket_t socket, int events) {
  int running = 0;
  curl_multi_socket_action(m_multi, socket, events, &running);
  passOnStreams();
  collectFinished();
  sweepSockets();
}

void HttpClient::Impl::collectFinished() {
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(m_multi, &left)) {
    if (message->msg != CURLMSG_DONE)
      continue;
    CURL* easy = message->easy_handle;
    const CURLcode code = message->data.result; // the message dies with the handle
    curl_multi_remove_handle(m_multi, easy);
    for (auto& [id, exchange] : m_exchanges) {
      if (!exchange.transfer || exchange.transfer->handle() != easy)
        continue;
      auto transfer = std::move(exchange.transfer);
      if (m_streams.erase(id) > 0)
        exchange.patience->stop();
      answerLater(id, transfer->finish(code));
      break;
    }
  }
}

void HttpClient::Impl::answerLater(CallId id, Result<HttpResponse> result) {
  m_outbox.post([this, id, result = std::move(result)]() mutable {
    auto found = m_exchanges.find(id);
    if (found == m_exchanges.end())
      return;
    auto done = std::move(found->second.done);
    m_exchanges.erase(found);
    done(std::move(result)); // may destroy this client
  });
}

int HttpClient::Impl::onSocket(CURL*, curl_socket_t socket, int what, void* self, void*) {
  static_cast<Impl*>(self)->watch(socket, what);
  return 0;
}

// Inside curl: silences and awakens, never deletes. A descriptor may be closed and used again within one
// call.
void HttpClient::Impl::watch(curl_socket_t socket, int what) {
  if (what == CURL_POLL_REMOVE) {
    if (auto found = m_sockets.find(socket); found != m_sockets.end()) {
      found->second.read->setEnabled(false);
      found->second.write->setEnabled(false);
      found->second.isGone = true;
    }
    return;
  }
  auto& entry = watched(socket);
  entry.isGone = false;
  entry.read->setEnabled((what & CURL_POLL_IN) != 0);
  entry.write->setEnabled((what & CURL_POLL_OUT) != 0);
}

WatchedSocket& HttpClient::Impl::watched(curl_socket_t socket) {
  auto& entry = m_sockets[socket];
  if (entry.read)
    return entry;
  entry.read = new QSocketNotifier(socket, QSocketNotifier::Read, &m_timer);
  entry.write = new QSocketNotifier(socket, QSocketNotifier::Write, &m_timer);
  entry.read->setEnabled(false);
  entry.write->setEnabled(false);
  QObject::connect(entry.read, &QSocketNotifier::activated, &m_timer,
                   [this, socket] { drive(socket, CURL_CSELECT_IN); });
  QObject::connect(entry.write, &QSocketNotifier::activated, &m_timer,
                   [this, socket] { drive(socket, CURL_CSELECT_OUT); });
  return entry;
}

void HttpClient::Impl::sweepSockets() {
  for (auto at = m_sockets.begin(); at != m_sockets.end();) {
    if (!at->second.isGone) {
      ++at;
      continue;
    }
    retire(at->second.read);
    retire(at->second.write);
    at = m_sockets.erase(at);
  }
}

int HttpClient::Impl::onTimer(CURLM*, long milliseconds, void* self) {
  auto* impl = static_cast<Impl*>(self);
  if (milliseconds < 0)
    impl->m_timer.stop();
  else
    impl->m_timer.start(static_cast<int>(std::min<long>(milliseconds, 24L * 3600 * 1000)));
  return 0;
}

HttpClient::HttpClient() : m_impl(std::make_unique<Impl>()) {}
HttpClient::~HttpClient() = default;
CallId HttpClient::send(HttpRequest request, Answer<HttpResponse> done) {
  return m_impl->send(std::move(request), std::move(done));
}
CallId HttpClient::stream(HttpRequest request, HttpStreamer streamer, Answer<HttpResponse> done) {
  return m_impl->send(std::move(request), std::move(done),
                      std::make_shared<HttpStreamer>(std::move(streamer)));
}
void HttpClient::cancel(CallId id) {
  m_impl->cancel(id);
}

} // namespace ratdeck
