// A sandbox as the commands use it: brought up with a stack that is rolled out on it. Main thread.
#pragma once

#include "app/ratdeckctl/deploy.h"
#include "app/stack/local_sandbox.h"

namespace ratdeck {

class SandboxSession {
public:
  SandboxSession(const Environment& environment, const Options& options);

  // As LocalSandbox::up, and rolls the stack out where it does not run yet. The result's state is empty where
  // nothing had to be done.
  Result<SessionResult> up();
  LocalSandbox& sandbox() { return m_sandbox; }

private:
  const Environment& m_environment;
  const Options& m_options;
  LocalSandbox m_sandbox;
};

} // namespace ratdeck
