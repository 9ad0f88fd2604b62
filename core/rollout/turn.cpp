#include "core/rollout/turn.h"

namespace ratdeck {

void Turn::emit(Event event) {
  event.at = m_now;
  apply(m_state, event);
  m_events.push_back(std::move(event));
}

void Turn::emit(EventType type, Json detail) {
  Event event;
  event.type = type;
  event.detail = std::move(detail);
  emit(std::move(event));
}

void Turn::emit(EventType type, const ServiceView& view, Json detail, std::string reason) {
  Event event;
  event.type = type;
  event.service = view.name();
  event.detail = std::move(detail);
  event.reason = std::move(reason);
  emit(std::move(event));
}

void Turn::emit(EventType type, const InstanceRollout& copy, Json detail, std::string reason) {
  Event event;
  event.type = type;
  event.service = copy.service;
  event.instance = copy.id;
  event.detail = std::move(detail);
  event.reason = std::move(reason);
  emit(std::move(event));
}

const std::vector<ServiceView>& Turn::views() {
  if (m_views.empty() || m_viewedCopies != m_state.instances.size()) {
    m_views = viewsOf(m_state);
    m_viewedCopies = m_state.instances.size();
  }
  return m_views;
}

} // namespace ratdeck
