// A sandbox as the commands use it: brought up with a stack, loaded, taken down. Main thread.
#pragma once

#include "app/ratdeckctl/deploy.h"
#include "core/runtime/process/load_report.h"
#include "core/runtime/process/sandbox_admin.h"

namespace ratdeck {

class SandboxSession {
public:
  SandboxSession(const Environment& environment, const Options& options);

  // Starts the supervisor, lays or names the stack's files, and rolls the stack out where it does not run
  // yet. The result's state is empty where nothing had to be done.
  Result<SessionResult> up();
  Status down();
  SandboxAdmin& admin() { return m_admin; }

  // The load on the stack's portal and gateway, through the router. Errors: Refused where the stack has none.
  Status startLoad(double rate);
  // The generator's own report (LoadReport::fromJson reads it); the final one holds every sample.
  Result<Json> readLoad();
  Result<Json> stopLoad();

private:
  const Environment& m_environment;
  const Options& m_options;
  std::string m_folder;
  SandboxAdmin m_admin;
};

} // namespace ratdeck
