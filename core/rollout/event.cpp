#include "core/rollout/event.h"

#include <map>

namespace ratdeck {

const char* toString(EventType type) {
#define RATDECK_NAME(name)                                                                                   \
  case EventType::name:                                                                                      \
    return #name;
  switch (type) {
    RATDECK_NAME(RolloutStarted)
    RATDECK_NAME(RolloutResumed)
    RATDECK_NAME(WaveStarted)
    RATDECK_NAME(WaveFinished)
    RATDECK_NAME(RolloutHeld)
    RATDECK_NAME(RolloutContinued)
    RATDECK_NAME(UndoStarted)
    RATDECK_NAME(RolloutEnded)
    RATDECK_NAME(CommandRefused)
    RATDECK_NAME(AwayNoticed)
    RATDECK_NAME(ReturnNoticed)
    RATDECK_NAME(EngineFaulted)
    RATDECK_NAME(PersonLeft)
    RATDECK_NAME(ApprovalRequested)
    RATDECK_NAME(ApprovalGranted)
    RATDECK_NAME(ApprovalRejected)
    RATDECK_NAME(ApprovalExpired)
    RATDECK_NAME(ServiceStarted)
    RATDECK_NAME(BatchStarted)
    RATDECK_NAME(ServiceSwitched)
    RATDECK_NAME(ServiceFinished)
    RATDECK_NAME(ServiceFailed)
    RATDECK_NAME(ServiceUndoStarted)
    RATDECK_NAME(ServiceUndone)
    RATDECK_NAME(MonitorPassed)
    RATDECK_NAME(AnalysisJudged)
    RATDECK_NAME(BakeStarted)
    RATDECK_NAME(BakeFinished)
    RATDECK_NAME(DrainStarted)
    RATDECK_NAME(RunsObserved)
    RATDECK_NAME(DrainFinished)
    RATDECK_NAME(DrainDeadlinePassed)
    RATDECK_NAME(DrainDecided)
    RATDECK_NAME(BatchSwitched)
    RATDECK_NAME(ServiceUndoFailed)
    RATDECK_NAME(ServiceTried)
    RATDECK_NAME(StartRequested)
    RATDECK_NAME(InstanceStarted)
    RATDECK_NAME(ProbeResultChanged)
    RATDECK_NAME(GatePassed)
    RATDECK_NAME(GateFailed)
    RATDECK_NAME(JoinRequested)
    RATDECK_NAME(TrafficSwitched)
    RATDECK_NAME(VerifyPassed)
    RATDECK_NAME(VerifyFailed)
    RATDECK_NAME(RouterDrainRequested)
    RATDECK_NAME(RouterDrained)
    RATDECK_NAME(InFlightObserved)
    RATDECK_NAME(InFlightDrained)
    RATDECK_NAME(InFlightDeadlinePassed)
    RATDECK_NAME(ReturnRequested)
    RATDECK_NAME(TrafficReturned)
    RATDECK_NAME(LeaveRequested)
    RATDECK_NAME(LeftRouter)
    RATDECK_NAME(EvidenceRequested)
    RATDECK_NAME(EvidenceCaptured)
    RATDECK_NAME(StopRequested)
    RATDECK_NAME(InstanceStopped)
    RATDECK_NAME(RemoveRequested)
    RATDECK_NAME(InstanceRetired)
    RATDECK_NAME(InstanceExited)
    RATDECK_NAME(ServingWentBad)
    RATDECK_NAME(EffectFailed)
    RATDECK_NAME(ServingStarted)
    RATDECK_NAME(ReturnFailed)
    RATDECK_NAME(DrainHookRequested)
    RATDECK_NAME(DrainHookDone)
    RATDECK_NAME(DrainHookFailed)
    RATDECK_NAME(BackHookRequested)
    RATDECK_NAME(BackHookDone)
    RATDECK_NAME(DrainHealthObserved)
    RATDECK_NAME(TaskStarted)
    RATDECK_NAME(TaskLooked)
    RATDECK_NAME(TaskDoubted)
    RATDECK_NAME(TaskEnded)
    RATDECK_NAME(TaskPassed)
    RATDECK_NAME(TaskFailed)
    RATDECK_NAME(TaskAccepted)
    RATDECK_NAME(TaskUndoStarted)
    RATDECK_NAME(TaskUndone)
    RATDECK_NAME(TaskUndoFailed)
    RATDECK_NAME(TaskCleared)
    RATDECK_NAME(TaskPutBack)
    RATDECK_NAME(TaskTried)
    RATDECK_NAME(TaskRetried)
    RATDECK_NAME(Sampled)
  }
#undef RATDECK_NAME
  return "unknown";
}

namespace {

std::map<std::string, EventType> typesByName() {
  std::map<std::string, EventType> types;
  for (int i = 0; i <= static_cast<int>(EventType::Sampled); ++i)
    types.emplace(toString(static_cast<EventType>(i)), static_cast<EventType>(i));
  return types;
}

void putText(Json& data, const char* key, const std::string& text) {
  if (!text.empty())
    data[key] = text;
}

Status readText(const Json& data, const char* key, std::string& text) {
  const auto& member = memberAt(data, key);
  if (member.is_null())
    return Done{};
  if (!member.is_string())
    return failure(ErrorKind::Input, "the event's \"" + std::string(key) + "\" is not text");
  text = member.get<std::string>();
  return Done{};
}

} // namespace

std::optional<EventType> eventTypeFrom(const std::string& name) {
  static const auto types = typesByName();
  auto it = types.find(name);
  return it == types.end() ? std::nullopt : std::optional(it->second);
}

Json dataOf(const Event& event) {
  Json data = Json::object();
  putText(data, "service", event.service);
  putText(data, "instance", event.instance.value);
  putText(data, "gate", event.gate.value);
  putText(data, "actor", event.actor);
  putText(data, "reason", event.reason);
  if (!event.detail.is_null())
    data["detail"] = event.detail;
  return data;
}

Result<Event> eventFrom(const std::string& type, Instant at, const Json& data) {
  auto known = eventTypeFrom(type);
  if (!known)
    return failure(ErrorKind::Input, "unknown event type \"" + type.substr(0, 60) + "\"",
                   "read it with the version of ratdeck that wrote it, or a newer one");
  if (!data.is_object())
    return failure(ErrorKind::Input, "the data of " + type + " is not an object");
  Event event;
  event.type = *known;
  event.at = at;
  event.detail = memberAt(data, "detail");
  const std::pair<const char*, std::string*> texts[] = {{"service", &event.service},
                                                        {"instance", &event.instance.value},
                                                        {"gate", &event.gate.value},
                                                        {"actor", &event.actor},
                                                        {"reason", &event.reason}};
  for (const auto& [key, text] : texts)
    if (auto read = readText(data, key, *text); !read)
      return failure(read.error());
  return event;
}

} // namespace ratdeck
