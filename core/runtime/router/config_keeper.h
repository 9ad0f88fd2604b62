// Keeps the router running, and its configuration file in step with what was changed at run time.
//
// It knows nothing of services: a table of backends and what HAProxy answers is all it looks at. The file
// holds the servers that take traffic; those in maintenance or draining are on their way out or not switched
// yet.
#pragma once

#include "core/remote/haproxy/haproxy_config.h"
#include "core/remote/haproxy/router_ops.h"
#include "core/remote/outbox.h"
#include "core/runtime/router/config_sink.h"
#include "core/runtime/router/routing_table.h"

#include <optional>
#include <string>
#include <vector>

namespace ratdeck {

// Where the router is spoken to.
struct RouterEndpoints {
  std::string stats;       // its runtime API, as it is reached from here: a path or HOST:PORT
  std::string statsInside; // … as the router's configuration names it
  std::string health;      // HOST:PORT where it tells of its own health (GET /health); "" = nowhere
  // Of a socket that is a path: 0600, unless the router runs as somebody else, behind a folder that is closed
  // to others.
  unsigned socketMode = 0600;
  HaproxyRun commands = {}; // who carries its commands, instead of `stats`
};

class ConfigKeeper {
public:
  // `ops` and `sink` outlive this object. `config` has no servers.
  ConfigKeeper(HaproxyRouterOps& ops, ConfigSink& sink, HaproxyConfig config);

  // Answers when a router runs that has the table's backends: one that runs already is left alone if it has
  // them and reloaded if it lacks some (which cuts no connection, and takes up to 10 s while the old process
  // finishes what it carries); one that does not is started on what was stored last (so it comes back with
  // its servers), else on a file without servers. Only the first call does the work; one that failed is tried
  // again by the next.
  void ensure(Callback<Done> done);
  // The router does not answer any more: the next ensure looks again.
  void forget() {
    m_isEnsured = false;
    m_ahead.reset(); // it may come back with another file
  }
  // Reads the servers back and stores the text. Calls meanwhile are answered by one more round.
  void rewrite(Callback<Done> done);
  // Begins to store what rewrite would once these have joined, while they join: storing takes longer than
  // that. The next rewrite waits for it, and has nothing to do if they did; else it puts it right. Only for
  // servers that may take traffic already. Does nothing while something is being stored.
  void writeAhead(const std::vector<HaproxyServerState>& coming);
  // The table with these servers, as far as they take traffic. Errors: Input.
  Result<std::string> textWith(const std::vector<HaproxyServerState>& servers) const;

private:
  void start(Callback<Done> done);
  void addBackends(Callback<Done> done);
  void awaitBackends(BootTime until, bool needsAll, Callback<Done> done);
  void answerEnsured(Result<Done> result);
  void finishRewrite(Result<Done> result);
  bool hasAllBackends(const std::vector<HaproxyStat>& rows) const;

  HaproxyRouterOps& m_ops;
  ConfigSink& m_sink;
  HaproxyConfig m_config; // without servers
  bool m_isEnsured = false;
  std::vector<Callback<Done>> m_ensuring;
  std::vector<Callback<Done>> m_rewriting; // answered by the round under way
  std::vector<Callback<Done>> m_next;      // … and by the one after it
  bool m_isRewriting = false;
  std::optional<std::string> m_ahead; // what writeAhead stored, until the next rewrite
  SystemClock m_clock;
  Outbox m_outbox; // last: what it holds names this object
};

// The table as HAProxy's configuration, without servers; pure.
HaproxyConfig haproxyConfigOf(const RoutingTable& table, const RouterEndpoints& endpoints);

// Whether two configurations differ in their server lines alone; pure.
bool hasSameSkeleton(const std::string& one, const std::string& other);

} // namespace ratdeck
