#include "tests/e2e/docker/flaky_link.h"

#include <QElapsedTimer>

#include <algorithm>
#include <deque>
#include <functional>

namespace ratdeck {

namespace {

constexpr int tidyMilliseconds = 50;

// One direction: pieces arrive in their order, none before its time.
class Lane : public QObject {
public:
  Lane(QLocalSocket& from, QLocalSocket& to, std::function<int()> delay)
      : m_from(from), m_to(to), m_delay(std::move(delay)) {
    m_clock.start();
    m_timer.setSingleShot(true);
    connect(&m_from, &QLocalSocket::readyRead, this, [this] { take(); });
    connect(&m_timer, &QTimer::timeout, this, [this] { give(); });
  }

  bool isEmpty() const { return m_pieces.empty(); }

private:
  void take() {
    const qint64 due = m_clock.elapsed() + m_delay();
    m_pieces.push_back({std::max(due, m_pieces.empty() ? 0 : m_pieces.back().first), m_from.readAll()});
    if (!m_timer.isActive())
      waitForFirst();
  }
  void give() {
    while (!m_pieces.empty() && m_pieces.front().first <= m_clock.elapsed()) {
      m_to.write(m_pieces.front().second);
      m_pieces.pop_front();
    }
    if (!m_pieces.empty())
      waitForFirst();
  }
  void waitForFirst() { m_timer.start(int(std::max<qint64>(0, m_pieces.front().first - m_clock.elapsed()))); }

  QLocalSocket& m_from;
  QLocalSocket& m_to;
  std::function<int()> m_delay;
  std::deque<std::pair<qint64, QByteArray>> m_pieces;
  QElapsedTimer m_clock;
  QTimer m_timer;
};

} // namespace

// Ends when either side has ended and what it said is delivered.
struct FlakyLink::Connection {
  Connection(QLocalSocket* accepted, FlakyLink& link)
      : client(accepted), out(*client, engine, [&link] { return link.delayOfNext(); }),
        back(engine, *client, [&link] { return link.delayOfNext(); }) {
    engine.connectToServer(link.m_engine);
  }
  bool isOver() const {
    return (client->state() == QLocalSocket::UnconnectedState && out.isEmpty()) ||
           (engine.state() == QLocalSocket::UnconnectedState && back.isEmpty());
  }

  std::unique_ptr<QLocalSocket> client;
  QLocalSocket engine;
  Lane out, back;
};

FlakyLink::FlakyLink(const QString& path, const QString& engine) : m_engine(engine) {
  m_cutTimer.setSingleShot(true);
  connect(&m_server, &QLocalServer::newConnection, this, [this] { accept(); });
  connect(&m_cutTimer, &QTimer::timeout, this, [this] { cut(); });
  connect(&m_tidyTimer, &QTimer::timeout, this, [this] { dropEnded(); });
  m_tidyTimer.start(tidyMilliseconds);
  m_server.listen(path);
}

void FlakyLink::becomeBad(const Nature& nature, std::uint64_t seed) {
  m_nature = nature;
  m_random.seed(seed);
  cutSoon();
}

FlakyLink::~FlakyLink() = default;

int FlakyLink::delayOfNext() {
  ++m_pieces;
  if (std::uniform_real_distribution<>(0, 1)(m_random) >= m_nature.stallShare)
    return m_nature.delayMs;
  ++m_stalls;
  return m_nature.stallMs;
}

void FlakyLink::accept() {
  while (auto* socket = m_server.nextPendingConnection())
    m_connections.push_back(std::make_unique<Connection>(socket, *this));
}

// The end of one side is passed on to the other.
void FlakyLink::dropEnded() {
  std::erase_if(m_connections, [](const auto& one) { return one->isOver(); });
}

void FlakyLink::cutSoon() {
  m_cutTimer.start(std::uniform_int_distribution<>(m_nature.cutLeastMs, m_nature.cutMostMs)(m_random));
}

void FlakyLink::cut() {
  dropEnded();
  if (!m_connections.empty())
    ++m_cuts;
  m_connections.clear();
  cutSoon();
}

} // namespace ratdeck
