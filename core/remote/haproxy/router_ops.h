// Moves traffic between the servers of HAProxy's backends, one step a call, through its runtime API.
//
// It knows nothing of services or rollouts. Each operation looks first, acts, and reads the state back
// (HAProxy's agreement is an empty answer, which proves nothing), so that every one of them may be repeated,
// after a crash too.
//
// The order that loses nothing: the new server's own health gate passes, addServer, enableServer (from then
// on HAProxy routes to it, before its own check has run), a probe through the frontend, drainServer of the
// old one, sample() until its inFlight is 0 or a deadline passed, removeServer, and only then its process is
// stopped. What changes here dies with a reload: write the configuration file too. Sample before removing:
// counters die with the server.
#pragma once

#include "core/remote/haproxy/runtime_client.h"
#include "core/remote/haproxy/server.h"
#include "core/remote/haproxy/stats.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ratdeck {

struct HaproxyRemoval {
  // How long it is retried while connections to the server are still closing, 2 s at most.
  Duration patience = 2s;
  // At its end, cut what is still open and remove it all the same. Loses what runs there: a decision of a
  // person or a policy, never a default.
  bool cutsSessions = false;
};

class HaproxyRouterOps {
public:
  // As HaproxyRuntimeClient.
  explicit HaproxyRouterOps(std::string endpoint, Duration timeout = 2s);
  // Every command goes through `run`.
  explicit HaproxyRouterOps(HaproxyRun run);
  ~HaproxyRouterOps(); // no answer is called any more
  HaproxyRouterOps(const HaproxyRouterOps&) = delete;
  HaproxyRouterOps& operator=(const HaproxyRouterOps&) = delete;

  // Errors of all: those of HaproxyRuntimeClient::run, Input (a name or option), NotFound (the backend),
  // Internal (an answer that makes no sense), Refused (HAProxy says no, or the state read back is another).

  // In maintenance, without traffic, its check armed. One that exists with this address is left as it is, in
  // whatever state. Conflict: it exists with another address.
  void addServer(const HaproxyServerName& name, const std::string& address,
                 const HaproxyServerOptions& options, Answer<Done> done);
  // The switch: takes traffic when the answer comes. NotFound: no such server.
  void enableServer(const HaproxyServerName& name, Answer<Done> done);
  // No new requests; those in flight go on. One that does not exist takes none: Done.
  void drainServer(const HaproxyServerName& name, Answer<Done> done);
  // Takes traffic again after drain or maintenance. NotFound: it is gone; add it anew.
  void readyServer(const HaproxyServerName& name, Answer<Done> done);
  // Into maintenance, then deleted; one that does not exist: Done. Refused: connections remain (it stays in
  // maintenance, without new requests).
  void removeServer(const HaproxyServerName& name, const HaproxyRemoval& removal, Answer<Done> done);

  // nullopt: the backend has no such server.
  void serverState(const HaproxyServerName& name, Answer<std::optional<HaproxyServerState>> done);
  // All servers of a backend, or of all backends where it is empty.
  void servers(const std::string& backend, Answer<std::vector<HaproxyServerState>> done);
  // Rows of frontends, backends and servers of the backends named; of all where none is named. A name that
  // HAProxy does not know has no rows.
  void sample(std::vector<std::string> backends, Answer<std::vector<HaproxyStat>> done);

private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

} // namespace ratdeck
