// Brings a unix socket of another machine here, through the user's own `ssh`: its configuration, keys, agent
// and known_hosts hold, and it never asks anything (BatchMode).
//
// It knows nothing of what is spoken over the socket. ssh listens on a socket in a private folder (0700) of
// this object, and ends with it, or with its thread. A tunnel that has broken is opened anew by the next
// open().
#pragma once

#include "core/remote/call.h"
#include "core/remote/docker/docker_endpoint.h"

#include <memory>
#include <string>
#include <vector>

namespace ratdeck {

class SshTunnel {
public:
  struct Options {
    std::string program = "ssh";                 // a path, or looked up in PATH
    std::vector<std::string> arguments;          // before all others: another configuration file, a jump host
    Duration timeout = std::chrono::seconds(15); // until the tunnel is open
  };

  // `endpoint`: one of transport Ssh.
  SshTunnel(const DockerEndpoint& endpoint, Options options);
  ~SshTunnel(); // ends ssh
  SshTunnel(const SshTunnel&) = delete;
  SshTunnel& operator=(const SshTunnel&) = delete;

  // The path of the socket here. Errors, with ssh's own words: NotFound (no ssh), Refused (the key or the
  // host is not trusted), Unreachable, Timeout, Internal (no private folder).
  void open(Answer<std::string> done);
  bool isOpen() const;
  // The last two lines that ssh wrote on stderr, as one; "" if nothing.
  std::string complaint();

private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

} // namespace ratdeck
