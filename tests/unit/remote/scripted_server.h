// A server on a loopback port of its own that answers by a script: each time bytes come, the script sees all
// that came on this connection and says what to do.
#pragma once

#include <QHostAddress>
#include <QLocalServer>
#include <QLocalSocket>
#include <QTcpServer>
#include <QTcpSocket>
#include <QVariant>

#include <functional>
#include <map>

namespace ratdeck {

class ScriptedServer {
public:
  using Script = std::function<void(QTcpSocket* socket, const QByteArray& received)>;

  explicit ScriptedServer(Script script, const char* address = "127.95.1.1") : m_script(std::move(script)) {
    m_server.setListenBacklogSize(256);
    m_isListening = m_server.listen(QHostAddress(QString::fromLatin1(address)), 0);
    QObject::connect(&m_server, &QTcpServer::newConnection, &m_server, [this] { accept(); });
  }

  std::string authority() const {
    return m_server.serverAddress().toString().toStdString() + ":" + std::to_string(port());
  }
  std::uint16_t port() const { return m_server.serverPort(); }
  bool isListening() const { return m_isListening; }
  int connections() const { return m_connections; }
  std::vector<QByteArray> received() const {
    std::vector<QByteArray> all;
    for (const auto& [number, bytes] : m_received)
      all.push_back(bytes);
    return all;
  }
  void close() { m_server.close(); }

private:
  void accept() {
    while (auto* socket = m_server.nextPendingConnection()) {
      socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
      const int number = ++m_connections;
      m_received[number];
      QObject::connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
      QObject::connect(socket, &QTcpSocket::readyRead, &m_server, [this, socket, number] {
        m_received[number] += socket->readAll();
        m_script(socket, m_received[number]);
      });
    }
  }

  Script m_script;
  QTcpServer m_server;
  std::map<int, QByteArray> m_received;
  int m_connections = 0;
  bool m_isListening = false;
};

// Answers each complete request without a body with these bytes.
inline ScriptedServer::Script answering(QByteArray answer, bool closes = false) {
  return [answer = std::move(answer), closes](QTcpSocket* socket, const QByteArray& received) {
    if (!received.endsWith("\r\n\r\n") || socket->property("answered").toLongLong() == received.size())
      return;
    socket->setProperty("answered", received.size());
    socket->write(answer);
    if (closes)
      socket->disconnectFromHost();
  };
}

} // namespace ratdeck
