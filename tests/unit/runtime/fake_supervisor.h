// A supervisor that answers what a test says, on DIR/supervisor.sock, and logs "METHOD PATH BODY" lines.
#pragma once

#include "core/base/json.h"

#include <QLocalServer>
#include <QLocalSocket>

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace ratdeck::test {

class FakeSupervisor {
public:
  struct Reply {
    int status = 200;
    std::string body = "{}";
  };
  using Handler = std::function<Reply(const std::string& call, const Json& body)>;

  explicit FakeSupervisor(const std::string& dir) {
    m_server.listen(QString::fromStdString(dir + "/supervisor.sock"));
    QObject::connect(&m_server, &QLocalServer::newConnection, &m_server, [this] { accept(); });
  }

  // `call`: "GET /v1/info". What no handler takes is answered 200 {}.
  void on(const std::string& call, int status, const Json& body) { m_replies[call] = {status, body.dump()}; }
  void onText(const std::string& call, int status, const std::string& body) {
    m_replies[call] = {status, body};
  }
  void handle(Handler handler) { m_handler = std::move(handler); }
  void stopAnswering() { m_isSilent = true; }

  std::vector<std::string> calls; // "METHOD PATH"
  std::vector<Json> bodies;       // of the same calls
  // Where several actors write one log.
  std::function<void(const std::string&)> onCall;

private:
  void accept() {
    while (QLocalSocket* socket = m_server.nextPendingConnection()) {
      QObject::connect(socket, &QLocalSocket::readyRead, socket, [this, socket] { read(socket); });
      QObject::connect(socket, &QLocalSocket::disconnected, socket, &QObject::deleteLater);
      read(socket);
    }
  }

  void read(QLocalSocket* socket) {
    std::string& got = m_got[socket];
    got += socket->readAll().toStdString();
    const auto end = got.find("\r\n\r\n");
    if (end == std::string::npos)
      return;
    std::size_t length = 0;
    if (const auto at = got.find("Content-Length: "); at != std::string::npos && at < end)
      length = std::stoul(got.substr(at + 16));
    if (got.size() < end + 4 + length)
      return;
    const std::string call = got.substr(0, got.find(" HTTP/"));
    const std::string body = got.substr(end + 4, length);
    m_got.erase(socket);
    answer(socket, call, body.empty() ? Json() : Json::parse(body));
  }

  void answer(QLocalSocket* socket, const std::string& call, const Json& body) {
    calls.push_back(call);
    bodies.push_back(body);
    if (onCall)
      onCall(call);
    if (m_isSilent)
      return;
    const auto known = m_replies.find(call);
    const Reply reply = known != m_replies.end() ? known->second
                        : m_handler              ? m_handler(call, body)
                                                 : Reply{};
    const std::string text = "HTTP/1.1 " + std::to_string(reply.status) +
                             " X\r\nContent-Length: " + std::to_string(reply.body.size()) +
                             "\r\nConnection: close\r\n\r\n" + reply.body;
    socket->write(QByteArray::fromStdString(text));
    socket->disconnectFromServer();
  }

  QLocalServer m_server;
  std::map<QLocalSocket*, std::string> m_got;
  std::map<std::string, Reply> m_replies;
  Handler m_handler;
  bool m_isSilent = false;
};

} // namespace ratdeck::test
