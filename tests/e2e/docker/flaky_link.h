// A bad line between ratdeckctl and its engine: a unix socket that passes everything on late, now and then
// stalls, and from time to time breaks all that is open. What it does follows from its seed.
//
// Runs in the event loop of the test, which therefore has to turn.
#pragma once

#include <QLocalServer>
#include <QLocalSocket>
#include <QTimer>

#include <cstdint>
#include <memory>
#include <random>
#include <vector>

namespace ratdeck {

class FlakyLink : public QObject {
public:
  struct Nature {
    int delayMs = 150;        // of each piece, in each direction
    double stallShare = 0.02; // of the pieces: those take stallMs
    int stallMs = 3000;
    int cutLeastMs = 8000, cutMostMs = 25000; // between two cuts of everything
  };

  // Listens at `path` for what goes to the socket at `engine`, and passes it on at once.
  FlakyLink(const QString& path, const QString& engine);
  // From now on.
  void becomeBad(const Nature& nature, std::uint64_t seed);
  ~FlakyLink() override;
  bool isListening() const { return m_server.isListening(); }

  int stalls() const { return m_stalls; }
  int cuts() const { return m_cuts; } // that broke at least one connection
  long long pieces() const { return m_pieces; }

private:
  struct Connection;
  void accept();
  void dropEnded();
  void cutSoon();
  void cut();
  int delayOfNext();

  Nature m_nature{0, 0, 0, 0, 0};
  QString m_engine;
  std::mt19937_64 m_random;
  QLocalServer m_server;
  QTimer m_cutTimer, m_tidyTimer;
  std::vector<std::unique_ptr<Connection>> m_connections;
  int m_stalls = 0, m_cuts = 0;
  long long m_pieces = 0;
};

} // namespace ratdeck
