#include "core/remote/haproxy/router_ops.h"

#include "core/remote/outbox.h"

#include <algorithm>

namespace ratdeck {

namespace {

using Found = std::optional<HaproxyServerState>;

constexpr Duration retryInterval = 20ms;
constexpr Duration confirmPatience = 1s;
constexpr Duration longestPatience = 2s;

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// HAProxy's words on one line, bounded.
std::string said(const std::string& answer) {
  std::string line = answer.substr(0, 200);
  std::replace(line.begin(), line.end(), '\n', ' ');
  return "HAProxy says: " + line;
}

std::string joined(const HaproxyServerState& state) {
  const bool isV6 = state.address.find(':') != std::string::npos;
  return (isV6 ? "[" + state.address + "]" : state.address) + ":" + std::to_string(state.port);
}

std::string describe(const Found& found) {
  if (!found)
    return "it is not there";
  if (found->isMaintenance)
    return "it is in maintenance";
  if (found->isDraining)
    return "it is draining";
  return found->isRunning ? "it takes traffic" : "its check holds it down";
}

} // namespace

struct HaproxyRouterOps::Impl {
  using Wanted = bool (*)(const Found&);

  explicit Impl(HaproxyRun run) : m_runCommand(std::move(run)) {}

  void run(const std::string& command, Answer<std::string> done);

  void failLater(const Answer<Done>& done, Error error);
  void find(const HaproxyServerName& name, Answer<Found> done);
  void listServers(const std::string& backend, Answer<std::vector<HaproxyServerState>> done);
  void change(std::vector<std::string> commands, Answer<Done> done);
  void confirm(const HaproxyServerName& name, Wanted wanted, const std::string& what, BootTime until,
               Answer<Done> done);
  void reach(const HaproxyServerName& name, Wanted wanted, std::vector<std::string> commands,
             const std::string& what, Answer<Done> done);
  void add(const HaproxyServerName& name, const std::string& address, const HaproxyServerOptions& options,
           Answer<Done> done);
  void tryDelete(const HaproxyServerName& name, HaproxyRemoval removal, BootTime until, Answer<Done> done);
  BootTime now() const { return m_clock.now().boot; }

  SystemClock m_clock;
  Outbox m_outbox;
  HaproxyRun m_runCommand;
  std::shared_ptr<bool> m_life = std::make_shared<bool>(true); // answers name this object
};

void HaproxyRouterOps::Impl::run(const std::string& command, Answer<std::string> done) {
  m_runCommand(command, [life = std::weak_ptr(m_life), done = std::move(done)](Result<std::string> answer) {
    if (!life.expired())
      done(std::move(answer));
  });
}

void HaproxyRouterOps::Impl::failLater(const Answer<Done>& done, Error error) {
  m_outbox.post([done, error = std::move(error)] { done(failure(error)); });
}

void HaproxyRouterOps::Impl::listServers(const std::string& backend,
                                         Answer<std::vector<HaproxyServerState>> done) {
  run(backend.empty() ? "show servers state" : "show servers state " + backend,
      [backend, done = std::move(done)](Result<std::string> answer) {
        if (!answer)
          return done(failure(answer.error()));
        if (contains(*answer, "Can't find backend"))
          return done(failure(ErrorKind::NotFound, "HAProxy has no backend " + backend));
        done(parseHaproxyServers(*answer));
      });
}

void HaproxyRouterOps::Impl::find(const HaproxyServerName& name, Answer<Found> done) {
  listServers(name.backend, [name, done = std::move(done)](Result<std::vector<HaproxyServerState>> servers) {
    if (!servers)
      return done(failure(servers.error()));
    const auto found = std::find_if(servers->begin(), servers->end(), [&](const HaproxyServerState& state) {
      return state.backend == name.backend && state.server == name.server;
    });
    done(found == servers->end() ? Found{} : Found{*found});
  });
}

// Runs commands whose agreement is an empty answer, up to the first that is refused.
void HaproxyRouterOps::Impl::change(std::vector<std::string> commands, Answer<Done> done) {
  if (commands.empty())
    return done(Done{});
  const std::string command = commands.front();
  commands.erase(commands.begin());
  run(command, [this, commands = std::move(commands), done = std::move(done)](Result<std::string> answer) {
    if (!answer)
      return done(failure(answer.error()));
    // A server without a check has none to arm.
    const bool isFine = answer->empty() || contains(*answer, "Health checks are not configured");
    if (!isFine)
      return done(failure(ErrorKind::Refused, said(*answer)));
    change(commands, done);
  });
}

void HaproxyRouterOps::Impl::confirm(const HaproxyServerName& name, Wanted wanted, const std::string& what,
                                     BootTime until, Answer<Done> done) {
  find(name, [=, this](Result<Found> found) {
    if (!found)
      return done(failure(found.error()));
    if (wanted(*found))
      return done(Done{});
    if (now() >= until)
      return done(failure(ErrorKind::Refused,
                          "HAProxy did not " + what + " " + name.path() + ": " + describe(*found)));
    m_outbox.postAfter(retryInterval, [=, this] { confirm(name, wanted, what, until, done); });
  });
}

// Looks, acts if need be, reads back.
void HaproxyRouterOps::Impl::reach(const HaproxyServerName& name, Wanted wanted,
                                   std::vector<std::string> commands, const std::string& what,
                                   Answer<Done> done) {
  if (auto named = checkHaproxyServer(name); !named)
    return failLater(done, named.error());
  find(name, [=, this](Result<Found> found) {
    if (!found)
      return done(failure(found.error()));
    if (wanted(*found))
      return done(Done{});
    if (!*found)
      return done(failure(ErrorKind::NotFound, "HAProxy has no server " + name.path()));
    change(commands, [=, this](Result<Done> changed) {
      if (!changed)
        return done(changed);
      confirm(name, wanted, what, now() + confirmPatience, done);
    });
  });
}

void HaproxyRouterOps::Impl::add(const HaproxyServerName& name, const std::string& address,
                                 const HaproxyServerOptions& options, Answer<Done> done) {
  const auto isThere = [](const Found& found) {
    return found.has_value();
  };
  const auto command = "add server " + name.path() + " " + address + " " + toHaproxyKeywords(options);
  run(command, [=, this](Result<std::string> answer) {
    if (!answer)
      return done(failure(answer.error()));
    if (!contains(*answer, "New server registered"))
      return done(failure(ErrorKind::Refused, said(*answer)));
    change({"enable health " + name.path()}, [=, this](Result<Done> armed) {
      if (!armed)
        return done(armed);
      confirm(name, isThere, "add", now() + confirmPatience, done);
    });
  });
}

void HaproxyRouterOps::Impl::tryDelete(const HaproxyServerName& name, HaproxyRemoval removal, BootTime until,
                                       Answer<Done> done) {
  run("del server " + name.path(), [=, this](Result<std::string> answer) {
    if (!answer)
      return done(failure(answer.error()));
    if (contains(*answer, "Server deleted") || contains(*answer, "No such server")) {
      const auto isGone = [](const Found& found) {
        return !found.has_value();
      };
      return confirm(name, isGone, "remove", now() + confirmPatience, done);
    }
    if (!contains(*answer, "still has connections"))
      return done(failure(ErrorKind::Refused, said(*answer)));
    if (now() < until)
      return m_outbox.postAfter(retryInterval, [=, this] { tryDelete(name, removal, until, done); });
    if (!removal.cutsSessions)
      return done(failure(ErrorKind::Refused, name.path() + " still has open connections at the router",
                          "wait for them, or decide to cut them"));
    change({"shutdown sessions server " + name.path()}, [=, this](Result<Done> cut) {
      if (!cut)
        return done(cut);
      tryDelete(name, {removal.patience, false}, now() + longestPatience, done);
    });
  });
}

HaproxyRouterOps::HaproxyRouterOps(std::string endpoint, Duration timeout)
    : HaproxyRouterOps([client = std::make_shared<HaproxyRuntimeClient>(std::move(endpoint), timeout)](
                           const std::string& command, Answer<std::string> done) {
        client->run(command, std::move(done));
      }) {}
HaproxyRouterOps::HaproxyRouterOps(HaproxyRun run) : m_impl(std::make_unique<Impl>(std::move(run))) {}
HaproxyRouterOps::~HaproxyRouterOps() = default;

void HaproxyRouterOps::addServer(const HaproxyServerName& name, const std::string& address,
                                 const HaproxyServerOptions& options, Answer<Done> done) {
  auto* impl = m_impl.get();
  if (auto named = checkHaproxyServer(name); !named)
    return impl->failLater(done, named.error());
  if (auto fine = checkHaproxyOptions(options); !fine)
    return impl->failLater(done, fine.error());
  if (!isHaproxyAddress(address))
    return impl->failLater(done,
                           {ErrorKind::Input, "not an address for HAProxy: \"" + address + "\"", {}, {}});
  impl->find(name, [=](Result<Found> found) {
    if (!found)
      return done(failure(found.error()));
    if (!*found)
      return impl->add(name, address, options, done);
    if (joined(**found) == address)
      return done(Done{});
    done(failure(ErrorKind::Conflict,
                 name.path() + " is at " + joined(**found) + " already, not at " + address));
  });
}

void HaproxyRouterOps::enableServer(const HaproxyServerName& name, Answer<Done> done) {
  const auto takesTraffic = [](const Found& found) {
    return found && found->takesTraffic();
  };
  m_impl->reach(name, takesTraffic, {"enable health " + name.path(), "enable server " + name.path()},
                "enable", done);
}

void HaproxyRouterOps::drainServer(const HaproxyServerName& name, Answer<Done> done) {
  const auto isOut = [](const Found& found) {
    return !found || found->isDraining || found->isMaintenance;
  };
  m_impl->reach(name, isOut, {"set server " + name.path() + " state drain"}, "drain", done);
}

void HaproxyRouterOps::readyServer(const HaproxyServerName& name, Answer<Done> done) {
  const auto takesTraffic = [](const Found& found) {
    return found && found->takesTraffic();
  };
  m_impl->reach(name, takesTraffic,
                {"enable health " + name.path(), "set server " + name.path() + " state ready"},
                "give traffic back to", done);
}

void HaproxyRouterOps::removeServer(const HaproxyServerName& name, const HaproxyRemoval& removal,
                                    Answer<Done> done) {
  auto* impl = m_impl.get();
  const auto until = impl->now() + std::min(removal.patience, longestPatience);
  const auto isHeld = [](const Found& found) {
    return !found || found->isMaintenance;
  };
  impl->reach(name, isHeld, {"set server " + name.path() + " state maint"}, "hold", [=](Result<Done> held) {
    if (!held)
      return done(held);
    impl->find(name, [=](Result<Found> found) {
      if (!found)
        return done(failure(found.error()));
      if (!*found)
        return done(Done{});
      impl->tryDelete(name, removal, until, done);
    });
  });
}

void HaproxyRouterOps::serverState(const HaproxyServerName& name, Answer<Found> done) {
  if (auto named = checkHaproxyServer(name); !named)
    return m_impl->m_outbox.post([done, error = named.error()] { done(failure(error)); });
  m_impl->find(name, std::move(done));
}

void HaproxyRouterOps::servers(const std::string& backend, Answer<std::vector<HaproxyServerState>> done) {
  m_impl->listServers(backend, std::move(done));
}

void HaproxyRouterOps::sample(std::vector<std::string> backends, Answer<std::vector<HaproxyStat>> done) {
  m_impl->run("show stat",
              [backends = std::move(backends), done = std::move(done)](Result<std::string> answer) {
                if (!answer)
                  return done(failure(answer.error()));
                auto stats = parseHaproxyStats(*answer);
                if (!stats)
                  return done(failure(stats.error()));
                if (!backends.empty())
                  std::erase_if(*stats, [&](const HaproxyStat& stat) {
                    return std::find(backends.begin(), backends.end(), stat.backend) == backends.end();
                  });
                done(std::move(stats));
              });
}

} // namespace ratdeck
