// A machine from which no container of this one is reached: a network namespace with nothing but a loopback,
// and one line from there to a port here, which can be cut. Needs root.
//
// The line runs in the event loop of the test, which therefore has to turn.
#pragma once

#include <QProcess>
#include <QTcpServer>
#include <QTcpSocket>

#include <cstdint>
#include <memory>
#include <vector>

namespace ratdeck {

class FarMachine : public QObject {
public:
  // `port`: of this machine's loopback; the same one there leads to it.
  explicit FarMachine(std::uint16_t port);
  ~FarMachine() override;
  bool isReady() const { return m_line.isListening(); }

  // It will run there. Before it is started.
  void take(QProcess& process) const;
  // What a connection from there to a V4 address comes to: 0, or errno.
  int connectTo(const std::string& address, std::uint16_t port) const;

  // Breaks what is open, and lets nothing through until mend(); how many connections it broke.
  int cut();
  void mend() { m_isCut = false; }
  int refused() const { return m_refused; } // connections, since the last cut

private:
  struct Connection {
    std::unique_ptr<QTcpSocket> there, here;
  };
  int listenThere(std::uint16_t port);
  void accept();

  std::uint16_t m_port;
  int m_namespace = -1;
  QTcpServer m_line;
  std::vector<Connection> m_connections;
  bool m_isCut = false;
  int m_refused = 0;
};

} // namespace ratdeck
