// Where a Docker Engine listens, found out the way the docker command does: DOCKER_HOST, else the context
// that DOCKER_CONTEXT or config.json names, else the machine's own socket.
//
// It opens no connection. It reads the files of the context store, and looks whether the default socket is
// there; the environment comes in as a value.
#pragma once

#include "core/base/result.h"
#include "core/remote/http/http_message.h"

#include <cstdint>
#include <map>
#include <string>

namespace ratdeck {

enum class DockerTransport {
  Unix, // a socket of this machine
  Tcp,  // in the clear
  Tls,  // the server's certificate is always verified
  Ssh,  // through the user's own ssh
};

struct DockerEndpoint {
  DockerTransport transport = DockerTransport::Unix;
  std::string socket;     // Unix: here; Ssh: over there
  std::string host;       // Tcp, Tls, Ssh; a V6 address stands without brackets
  std::uint16_t port = 0; // Tcp, Tls; Ssh: 0 = what ssh's configuration says
  std::string user;       // Ssh; empty: what ssh's configuration says
  HttpTls tls;            // Tls
  std::string origin;     // who said so, for people: "DOCKER_HOST", "the context \"prod\"", "the default"

  // As DOCKER_HOST spells it: what people read, and what names the target in a stack's id.
  std::string toString() const;
  bool operator==(const DockerEndpoint&) const = default;
};

// Variables read: DOCKER_HOST, DOCKER_CONTEXT, DOCKER_TLS_VERIFY, DOCKER_TLS, DOCKER_CERT_PATH,
// DOCKER_CONFIG, HOME, XDG_RUNTIME_DIR. As with the docker command, DOCKER_HOST wins over a context. Where
// the default socket does not exist, the rootless one does ($XDG_RUNTIME_DIR/docker.sock) it is taken.
// Errors: Input (not an address, a context's file that cannot be read as such), NotFound (no such context, no
// certificate where TLS is asked for), Refused (TLS without verification). Each says what, where and what
// next.
Result<DockerEndpoint> resolveDockerEndpoint(const std::map<std::string, std::string>& environment,
                                             const std::string& defaultSocket = "/var/run/docker.sock");

// unix:///PATH, tcp://HOST[:PORT], http://…, https://…, ssh://[USER@]HOST[:PORT][/SOCKET]. Without a port tcp
// is 2375, with TLS 2376. `origin` stands in the errors. Errors: Input.
Result<DockerEndpoint> parseDockerHost(const std::string& text, const std::string& origin);

} // namespace ratdeck
