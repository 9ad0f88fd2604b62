// HTTP GETs sent by the relay.
#pragma once

#include "core/remote/http/http_sender.h"
#include "core/runtime/docker/relay_container.h"

#include <cstdint>
#include <set>

namespace ratdeck {

class RelayHttp final : public HttpSender {
public:
  // `relay` outlives this object.
  explicit RelayHttp(RelayContainer& relay) : m_relay(relay) {}

  // Errors: Input (no GET of http://ADDRESS:PORT/…; a user), those of RelayContainer::ask, of the relay's own
  // asking, Internal (a body over request.maxBody or 4 MiB).
  CallId send(HttpRequest request, Answer<HttpResponse> done) override;
  void cancel(CallId id) override { m_open.erase(id); }

private:
  RelayContainer& m_relay;
  std::set<CallId> m_open;
  std::uint64_t m_last = 0;
  std::shared_ptr<bool> m_life = std::make_shared<bool>(true);
  Outbox m_outbox;
};

} // namespace ratdeck
