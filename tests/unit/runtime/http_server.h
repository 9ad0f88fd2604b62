// A tiny HTTP server on an address of its own: answers every request as the test says, and can be killed,
// which resets all it holds.
#pragma once

#include <QHostAddress>
#include <QTcpServer>
#include <QTcpSocket>

#include <functional>
#include <set>
#include <string>

namespace ratdeck::test {

class HttpServer {
public:
  struct Reply {
    int status = 200;
    std::string body;
  };
  using Handler = std::function<Reply(const std::string& requestLine)>;

  HttpServer(const std::string& address, std::uint16_t port, Handler handler)
      : m_handler(std::move(handler)) {
    m_server.setListenBacklogSize(256);
    isUp = m_server.listen(QHostAddress(QString::fromStdString(address)), port);
    QObject::connect(&m_server, &QTcpServer::newConnection, &m_server, [this] { accept(); });
  }
  ~HttpServer() { kill(); }
  std::uint16_t port() const { return m_server.serverPort(); }
  void kill() {
    m_server.close();
    const auto sockets = m_sockets;
    for (QTcpSocket* socket : sockets)
      socket->abort();
  }
  bool isUp = false;
  int connections = 0;

private:
  void accept() {
    while (QTcpSocket* socket = m_server.nextPendingConnection()) {
      ++connections;
      m_sockets.insert(socket);
      QObject::connect(socket, &QTcpSocket::disconnected, &m_server, [this, socket] {
        m_sockets.erase(socket);
        socket->deleteLater();
      });
      QObject::connect(socket, &QTcpSocket::readyRead, socket, [this, socket] { answer(socket); });
    }
  }

  void answer(QTcpSocket* socket) {
    while (socket->canReadLine()) {
      const std::string line = socket->readLine().trimmed().toStdString();
      if (line.find(" HTTP/1.1") != std::string::npos)
        socket->setProperty("line", QString::fromStdString(line));
      if (!line.empty())
        continue;
      const Reply reply = m_handler(socket->property("line").toString().toStdString());
      const std::string text = "HTTP/1.1 " + std::to_string(reply.status) +
                               " X\r\nContent-Length: " + std::to_string(reply.body.size()) + "\r\n\r\n" +
                               reply.body;
      socket->write(QByteArray::fromStdString(text));
    }
  }

  Handler m_handler;
  QTcpServer m_server;
  std::set<QTcpSocket*> m_sockets;
};

} // namespace ratdeck::test
