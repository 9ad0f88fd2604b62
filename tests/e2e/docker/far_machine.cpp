#include "tests/e2e/docker/far_machine.h"

#include <arpa/inet.h>
#include <cerrno>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace ratdeck {

namespace {

sockaddr_in placeOf(const std::string& address, std::uint16_t port) {
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(port);
  ::inet_pton(AF_INET, address.c_str(), &place.sin_addr);
  return place;
}

bool raiseLoopback(int socket) {
  ifreq request{};
  request.ifr_name[0] = 'l';
  request.ifr_name[1] = 'o';
  request.ifr_flags = IFF_UP;
  return ::ioctl(socket, SIOCSIFFLAGS, &request) == 0;
}

} // namespace

// A socket stays in the namespace in which it was made, whoever goes on with it.
int FarMachine::listenThere(std::uint16_t port) {
  int door = -1;
  std::thread([&] {
    if (::unshare(CLONE_NEWNET) != 0)
      return;
    m_namespace = ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    door = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const sockaddr_in place = placeOf("127.0.0.1", port);
    if (!raiseLoopback(door) || ::bind(door, reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0 ||
        ::listen(door, 64) != 0)
      ::close(std::exchange(door, -1));
  }).join();
  return door;
}

FarMachine::FarMachine(std::uint16_t port) : m_port(port) {
  if (const int door = listenThere(port); door >= 0)
    m_line.setSocketDescriptor(door);
  connect(&m_line, &QTcpServer::newConnection, this, &FarMachine::accept);
}

FarMachine::~FarMachine() {
  if (m_namespace >= 0)
    ::close(m_namespace);
}

void FarMachine::take(QProcess& process) const {
  process.setChildProcessModifier([space = m_namespace] {
    if (::setns(space, CLONE_NEWNET) != 0)
      ::_exit(127);
  });
}

int FarMachine::connectTo(const std::string& address, std::uint16_t port) const {
  int answer = 0;
  std::thread([&] {
    const sockaddr_in place = placeOf(address, port);
    const int socket = ::setns(m_namespace, CLONE_NEWNET) == 0 ? ::socket(AF_INET, SOCK_STREAM, 0) : -1;
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0)
      answer = errno;
    ::close(socket);
  }).join();
  return answer;
}

void FarMachine::accept() {
  while (auto* there = m_line.nextPendingConnection()) {
    there->setParent(nullptr);
    Connection connection{std::unique_ptr<QTcpSocket>(there), std::make_unique<QTcpSocket>()};
    QTcpSocket* here = connection.here.get();
    const auto pass = [this](QTcpSocket* from, QTcpSocket* to) {
      connect(from, &QTcpSocket::readyRead, to, [from, to] { to->write(from->readAll()); });
      connect(from, &QTcpSocket::disconnected, to, [to] { to->disconnectFromHost(); });
    };
    pass(there, here);
    pass(here, there);
    if (m_isCut) {
      ++m_refused;
      there->abort();
      continue;
    }
    here->connectToHost(QHostAddress::LocalHost, m_port);
    m_connections.push_back(std::move(connection));
  }
}

int FarMachine::cut() {
  m_isCut = true;
  m_refused = 0;
  int broken = 0;
  for (const Connection& connection : m_connections) {
    broken += connection.there->state() == QAbstractSocket::ConnectedState;
    connection.there->abort();
    connection.here->abort();
  }
  m_connections.clear();
  return broken;
}

} // namespace ratdeck
