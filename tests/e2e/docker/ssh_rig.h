// An ssh server that serves one connection at a time over a pipe: sshd runs as ssh's ProxyCommand, so no port
// is opened, and with keys, known_hosts and configuration files of its own the machine's ssh is left alone.
// Needs root.
#pragma once

#include "core/remote/docker/ssh_tunnel.h"

#include <QTemporaryDir>

namespace ratdeck {

class SshRig {
public:
  // Why there can be none here, one line; "" if there can.
  static QString whyNot();

  SshRig();
  ~SshRig();
  bool isReady() const { return m_isReady; }

  // To the socket of this path, as seen behind the server.
  DockerEndpoint endpointFor(const std::string& socket) const;
  // The options with which ssh finds the server, trusts it and is let in.
  SshTunnel::Options options() const;
  // As if another machine answered under this name; as if the server did not know our key.
  void forgetHost();
  void forgetUser();
  // The ssh processes that run with options() now.
  std::vector<int> tunnels() const;
  // Kills the servers that they talk to, as a network that fails; how many there were.
  int cutConnections() const;

private:
  QTemporaryDir m_folder;
  bool m_isReady = false;
  bool m_madeRunFolder = false;
};

} // namespace ratdeck
