// The embedded sandbox as the programs use it: brought up for a stack, loaded, taken down. It rolls nothing
// out. Waits for answers in an event loop of the calling thread, which made this object.
#pragma once

#include "app/stack/place.h"
#include "core/runtime/process/load_report.h"
#include "core/runtime/process/sandbox_admin.h"

#include <string>

namespace ratdeck {

class LocalSandbox {
public:
  LocalSandbox(const Environment& environment, const StackChoice& choice);

  // Lays or names the stack's files and starts the supervisor; bad input starts nothing. True where it was
  // not up before, so that nothing of an earlier rollout is there. Errors: the loader's; SandboxAdmin::up's.
  Result<bool> up();
  Status down();
  SandboxAdmin& admin() { return m_admin; }

  // The load on the stack's portal and gateway, through the router; `rate` requests a second. Errors: Refused
  // where the stack has none.
  Status startLoad(double rate);
  // The generator's own report (LoadReport::fromJson reads it); the final one holds every sample.
  Result<Json> readLoad();
  Result<Json> stopLoad();

private:
  Status layFiles();

  Environment m_environment;
  StackChoice m_choice;
  std::string m_folder;
  SandboxAdmin m_admin;
};

} // namespace ratdeck
