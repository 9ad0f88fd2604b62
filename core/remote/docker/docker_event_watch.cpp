#include "core/remote/docker/docker_event_watch.h"

#include "core/remote/outbox.h"

#include <QTimer>

namespace ratdeck {

struct DockerEventWatch::Impl {
  Impl(DockerConnection& connection, Options options, std::function<void(DockerLook)> onLook);
  void listen();
  void onOpened();
  void onEvent();
  void onEnded(const Result<Done>& result);
  void tell(DockerLook look);

  DockerConnection& m_connection;
  DockerEvents m_events;
  Options m_options;
  std::function<void(DockerLook)> m_onLook;
  CallId m_call{};
  Duration m_pause;
  bool m_isConnected = false;
  bool m_isSettling = false;
  std::optional<Error> m_trouble;
  QTimer m_period;
  Outbox m_outbox;
};

DockerEventWatch::Impl::Impl(DockerConnection& connection, Options options,
                             std::function<void(DockerLook)> onLook)
    : m_connection(connection), m_events(connection), m_options(std::move(options)),
      m_onLook(std::move(onLook)), m_pause(m_options.firstPause) {
  QObject::connect(&m_period, &QTimer::timeout, &m_period, [this] { tell(DockerLook::Periodic); });
  m_period.start(toTimerMilliseconds(m_options.period));
  listen();
}

void DockerEventWatch::Impl::listen() {
  m_call = m_events.listen(m_options.filters,
                           {[this] { onOpened(); },
                            [this](const DockerEvent&) {
                              onEvent();
                            }},
                           [this](const Result<Done>& result) { onEnded(result); });
}

void DockerEventWatch::Impl::onOpened() {
  m_isConnected = true;
  m_pause = m_options.firstPause;
  m_trouble.reset();
  tell(DockerLook::Connected);
}

void DockerEventWatch::Impl::onEvent() {
  if (std::exchange(m_isSettling, true))
    return;
  m_outbox.postAfter(m_options.settling, [this] {
    m_isSettling = false;
    tell(DockerLook::Event);
  });
}

void DockerEventWatch::Impl::onEnded(const Result<Done>& result) {
  const bool wasConnected = std::exchange(m_isConnected, false);
  m_trouble = result ? Error{ErrorKind::Unreachable, "Docker has ended its stream of events", {}, {}}
                     : result.error();
  m_outbox.postAfter(m_pause, [this] { listen(); });
  m_pause = std::min(2 * m_pause, m_options.longestPause);
  if (wasConnected)
    tell(DockerLook::Lost);
}

// In a turn of its own: the listener may destroy the watch.
void DockerEventWatch::Impl::tell(DockerLook look) {
  m_outbox.post([this, look] {
    const auto onLook = m_onLook;
    onLook(look);
  });
}

DockerEventWatch::DockerEventWatch(DockerConnection& connection, Options options,
                                   std::function<void(DockerLook)> onLook)
    : m_impl(std::make_unique<Impl>(connection, std::move(options), std::move(onLook))) {}

DockerEventWatch::~DockerEventWatch() {
  m_impl->m_connection.cancel(m_impl->m_call);
}

bool DockerEventWatch::isConnected() const {
  return m_impl->m_isConnected;
}

std::optional<Error> DockerEventWatch::trouble() const {
  return m_impl->m_trouble;
}

} // namespace ratdeck
