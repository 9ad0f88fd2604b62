// A Docker Engine by script: answers each request by its method and path, and keeps a log of what was asked.
// What the script does not know is a 404 in Docker's words.
#pragma once

#include "core/remote/docker/docker_connection.h"
#include "scripted_server.h"

#include <QPointer>
#include <QTimer>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace ratdeck {

class ScriptedDocker {
public:
  struct Request {
    std::string line; // "GET /v1.41/info", without the query
    std::string query;
    std::string body;
    std::string head;
  };
  using Reply = std::function<QByteArray(const Request&)>; // raw; "" = no answer at all

  ScriptedDocker() : m_server([this](QTcpSocket* socket, const QByteArray& bytes) { take(socket, bytes); }) {
    ping("1.41");
  }

  static QByteArray json(const QByteArray& body, int status = 200) {
    return "HTTP/1.1 " + QByteArray::number(status) +
           " X\r\nContent-Type: application/json\r\nContent-Length: " + QByteArray::number(body.size()) +
           "\r\n\r\n" + body;
  }
  // A stream that ends with the connection.
  static QByteArray stream(const QByteArray& body) { return "HTTP/1.1 200 OK\r\n\r\n" + body; }

  void ping(const QByteArray& version) {
    on("GET /_ping", "HTTP/1.1 200 OK\r\nApi-Version: " + version + "\r\nContent-Length: 2\r\n\r\nOK");
  }
  void on(const std::string& line, Reply reply) { m_replies[line] = std::move(reply); }
  void on(const std::string& line, const QByteArray& answer) {
    on(line, [answer](const Request&) { return answer; });
  }
  // The pieces of the next stream's body are sent one by one, each in a turn of its own.
  void cutStreamsInto(int bytes) { m_pieceBytes = bytes; }
  // Breaks every connection, as an engine that goes down.
  void hangUp() {
    for (const auto& socket : m_sockets)
      if (socket)
        socket->abort();
    m_sockets.clear();
  }

  DockerEndpoint endpoint() const {
    DockerEndpoint endpoint;
    endpoint.transport = DockerTransport::Tcp;
    endpoint.host = "127.95.1.1";
    endpoint.port = m_server.port();
    endpoint.origin = "the test";
    return endpoint;
  }
  const std::vector<Request>& requests() const { return m_requests; }
  // The log: "GET /_ping|GET /v1.41/info".
  QString log() const {
    QStringList lines;
    for (const auto& request : m_requests)
      lines += QString::fromStdString(request.line);
    return lines.join(QLatin1Char('|'));
  }
  const Request& last() const { return m_requests.back(); }
  void forget() { m_requests.clear(); }

private:
  void take(QTcpSocket* socket, const QByteArray& all) {
    const qsizetype taken = socket->property("taken").toLongLong();
    const QByteArray bytes = all.mid(taken);
    const auto end = bytes.indexOf("\r\n\r\n");
    if (end < 0)
      return;
    const QByteArray head = bytes.left(end);
    const auto length = lengthIn(head);
    if (bytes.size() < end + 4 + length)
      return;
    socket->setProperty("taken", taken + end + 4 + length);
    const auto words = head.left(head.indexOf("\r\n")).split(' ');
    const auto target = words.value(1);
    const auto mark = target.indexOf('?');
    Request request{(words.value(0) + " " + (mark < 0 ? target : target.left(mark))).toStdString(),
                    mark < 0 ? "" : QByteArray::fromPercentEncoding(target.mid(mark + 1)).toStdString(),
                    bytes.mid(end + 4, length).toStdString(), head.toStdString()};
    m_requests.push_back(request);
    m_sockets.push_back(socket);
    const auto found = m_replies.find(request.line);
    const auto answer =
        found == m_replies.end() ? json(R"({"message":"page not found"})", 404) : found->second(request);
    send(socket, answer);
  }

  static qsizetype lengthIn(const QByteArray& head) {
    const auto at = head.toLower().indexOf("content-length:");
    return at < 0 ? 0 : head.mid(at + 15, head.indexOf("\r\n", at) - at - 15).trimmed().toLongLong();
  }

  void send(QTcpSocket* socket, const QByteArray& answer) {
    const auto body = answer.indexOf("\r\n\r\n") + 4;
    const bool ends = !answer.isEmpty() && !answer.left(body).toLower().contains("content-length") &&
                      !answer.left(body).toLower().contains("x-open");
    if (m_pieceBytes == 0 || !ends) {
      socket->write(answer);
      if (ends)
        socket->disconnectFromHost();
      return;
    }
    socket->write(answer.left(body));
    sendPieces(socket, answer.mid(body));
  }

  void sendPieces(QTcpSocket* socket, const QByteArray& rest) {
    if (rest.isEmpty())
      return socket->disconnectFromHost();
    socket->write(rest.left(m_pieceBytes));
    socket->flush();
    QTimer::singleShot(1, socket, [this, socket, rest] { sendPieces(socket, rest.mid(m_pieceBytes)); });
  }

  std::map<std::string, Reply> m_replies;
  std::vector<Request> m_requests;
  std::vector<QPointer<QTcpSocket>> m_sockets;
  int m_pieceBytes = 0;
  ScriptedServer m_server;
};

// One frame of an output stream.
inline QByteArray dockerFrame(char stream, const QByteArray& payload) {
  QByteArray frame(8, '\0');
  frame[0] = stream;
  const auto size = static_cast<unsigned>(payload.size());
  for (int i = 0; i < 4; ++i)
    frame[4 + i] = static_cast<char>(size >> (24 - 8 * i));
  return frame + payload;
}

} // namespace ratdeck
