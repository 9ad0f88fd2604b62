// HAProxy's runtime API as far as a router needs it, on a unix socket: it keeps servers, answers as
// HAProxy 2.6 does and logs every command that changes something.
#pragma once

#include <QLocalServer>
#include <QLocalSocket>

#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace ratdeck::test {

class FakeHaproxy {
public:
  struct Server {
    std::string address;
    std::string state = "MAINT"; // MAINT, UP, DRAIN, DOWN
    int inFlight = 0;
    int requests = 0;
    int errors5xx = 0;
    int retries = 0;
    int timeMs = 0; // until the first byte, of which 1 ms to connect
  };

  std::map<std::string, std::map<std::string, Server>> backends;
  std::vector<std::string> log;
  std::function<void(const std::string&)> onChange;
  // Answers a command itself where it returns text; "" leaves it to the fake.
  std::function<std::string(const std::string&)> refuse;

  void listen(const std::string& path) {
    QLocalServer::removeServer(QString::fromStdString(path));
    m_server.listen(QString::fromStdString(path));
    QObject::connect(&m_server, &QLocalServer::newConnection, &m_server, [this] { accept(); });
  }
  void close() { m_server.close(); }

private:
  void accept() {
    while (QLocalSocket* socket = m_server.nextPendingConnection()) {
      QObject::connect(socket, &QLocalSocket::readyRead, socket, [this, socket] { read(socket); });
      QObject::connect(socket, &QLocalSocket::disconnected, socket, &QObject::deleteLater);
      read(socket);
    }
  }

  void read(QLocalSocket* socket) {
    if (!socket->canReadLine())
      return;
    const std::string command = socket->readLine().trimmed().toStdString();
    socket->write(QByteArray::fromStdString(answer(command) + "\n"));
    socket->disconnectFromServer();
  }

  std::string answer(const std::string& command) {
    if (command == "show stat")
      return stats();
    if (command.starts_with("show servers state"))
      return servers(command.size() > 19 ? command.substr(19) : std::string());
    log.push_back(command);
    if (onChange)
      onChange(command);
    if (refuse)
      if (const std::string text = refuse(command); !text.empty())
        return text + '\n';
    return change(command);
  }

  std::string change(const std::string& command) {
    std::istringstream words(command);
    std::string verb, noun, path, rest;
    words >> verb >> noun >> path;
    const auto slash = path.find('/');
    const std::string backend = path.substr(0, slash), name = path.substr(slash + 1);
    if (!backends.contains(backend))
      return "No such backend.\n";
    auto& servers = backends[backend];
    if (verb == "add") {
      words >> servers[name].address;
      return "New server registered.\n";
    }
    if (!servers.contains(name))
      return "No such server.\n";
    if (verb == "del") {
      if (servers[name].state != "MAINT" || servers[name].inFlight > 0)
        return "Server still has connections attached to it, cannot remove it.\n";
      servers.erase(name);
      return "Server deleted.\n";
    }
    if (verb == "enable" && noun == "server")
      servers[name].state = "UP";
    if (verb == "shutdown") {
      words >> rest;
      return "";
    }
    if (verb == "set") {
      words >> rest >> rest;
      servers[name].state = rest == "maint" ? "MAINT" : rest == "drain" ? "DRAIN" : "UP";
    }
    return "";
  }

  // One row; columns that are not named stay empty, as HAProxy leaves them.
  static std::string row(const std::map<std::string, std::string>& values) {
    std::string text;
    for (const std::string& column : columns())
      text += (values.contains(column) ? values.at(column) : std::string()) + ',';
    return text + '\n';
  }

  static const std::vector<std::string>& columns() {
    static const std::vector<std::string> names = {
        "pxname",   "svname",   "qcur",       "scur",         "stot",     "ereq",     "econ",
        "eresp",    "wretr",    "wredis",     "status",       "weight",   "chkfail",  "chkdown",
        "lastchg",  "type",     "rate",       "check_status", "hrsp_1xx", "hrsp_2xx", "hrsp_3xx",
        "hrsp_4xx", "hrsp_5xx", "hrsp_other", "req_rate",     "req_tot",  "cli_abrt", "srv_abrt",
        "last_chk", "addr",     "srv_icur",   "qtime",        "ctime",    "rtime",    "ttime"};
    return names;
  }

  std::string stats() const {
    std::string text = "# ";
    for (const std::string& column : columns())
      text += column + ',';
    text += '\n';
    for (const auto& [backend, servers] : backends) {
      int requests = 0, errors = 0, retries = 0;
      for (const auto& [name, server] : servers) {
        requests += server.requests;
        errors += server.errors5xx;
        retries += server.retries;
      }
      text += row({{"pxname", backend},
                   {"svname", "FRONTEND"},
                   {"type", "0"},
                   {"status", "OPEN"},
                   {"hrsp_5xx", std::to_string(errors)},
                   {"req_tot", std::to_string(requests)}});
      for (const auto& [name, server] : servers)
        text += row({{"pxname", backend},
                     {"svname", name},
                     {"type", "2"},
                     {"status", server.state},
                     {"addr", server.address},
                     {"scur", std::to_string(server.inFlight)},
                     {"wretr", std::to_string(server.retries)},
                     {"hrsp_5xx", std::to_string(server.errors5xx)},
                     {"qtime", "0"},
                     {"ctime", std::to_string(server.timeMs > 0 ? 1 : 0)},
                     {"rtime", std::to_string(server.timeMs > 0 ? server.timeMs - 1 : 0)},
                     {"ttime", "60000"},
                     {"req_tot", std::to_string(server.requests)}});
      text += row({{"pxname", backend},
                   {"svname", "BACKEND"},
                   {"type", "1"},
                   {"status", "UP"},
                   {"wretr", std::to_string(retries)}});
    }
    return text;
  }

  std::string servers(const std::string& only) const {
    if (!only.empty() && !backends.contains(only))
      return "Can't find backend.\n";
    std::string text = "1\n# be_name srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_port\n";
    for (const auto& [backend, list] : backends)
      for (const auto& [name, server] : list) {
        if (!only.empty() && backend != only)
          continue;
        const auto colon = server.address.rfind(':');
        const char* states = server.state == "MAINT"   ? " 0 1 "
                             : server.state == "DRAIN" ? " 2 8 "
                             : server.state == "DOWN"  ? " 0 0 "
                                                       : " 2 0 ";
        text += backend + ' ' + name + ' ' + server.address.substr(0, colon) + states + "100 " +
                server.address.substr(colon + 1) + '\n';
      }
    return text;
  }

  QLocalServer m_server;
};

} // namespace ratdeck::test
