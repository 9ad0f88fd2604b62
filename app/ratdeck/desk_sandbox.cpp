// The desk's part in the sandbox.
#include "app/ratdeck/desk.h"

namespace ratdeck {

Result<SandboxControls*> Desk::sandbox() const {
  if (m_sandbox)
    return m_sandbox.get();
  return failure(ErrorKind::Refused, "no sandbox is open", "open one first");
}

void Desk::bringSandboxUp(const StackChoice& choice) {
  add(ConsoleAction::Sandbox, [this, choice] { return bringSandboxUpNow(choice); });
}

Status Desk::bringSandboxUpNow(const StackChoice& choice) {
  if (auto idle = checkIdle(); !idle)
    return idle;
  auto isMade = SandboxControls(m_environment, choice).up();
  if (!isMade)
    return failure(isMade.error());
  if (auto isOpen = openNow(choice, *isMade); !isOpen)
    return isOpen;
  Q_EMIT sandboxUp(m_runsStack);
  return Done{};
}

void Desk::startLoad(double rate) {
  add(ConsoleAction::Load, [this, rate]() -> Status {
    auto open = sandbox();
    return open ? (*open)->startLoad(rate) : failure(open.error());
  });
}

void Desk::stopLoad() {
  add(ConsoleAction::Load, [this]() -> Status {
    auto open = sandbox();
    auto load = open ? (*open)->stopLoad() : failure(open.error());
    if (!load)
      return failure(load.error());
    Q_EMIT loadStopped(*load);
    return Done{};
  });
}

} // namespace ratdeck
