// Everything a rollout acts through on a sandbox: its process runtime, its router, probes and the count of
// runs.
//
// The sandbox must be up (sandbox_admin.h). Opening reads and extends the address plan only; the router is
// started, with the stack's routed services, by the first call that needs it.
#pragma once

#include "core/runtime/runtime.h"
#include "core/spec/stack_spec.h"

#include <memory>
#include <string>

namespace ratdeck {

class HaproxyRouter;

class SandboxTarget {
public:
  ~SandboxTarget(); // cancels what is under way
  SandboxTarget(const SandboxTarget&) = delete;
  SandboxTarget& operator=(const SandboxTarget&) = delete;

  // Valid while this object lives; `runs` is null where the stack names no source of active runs.
  const Target& target() const;
  HaproxyRouter& router();

  // One look at what runs: the copies with their routing, and for each running copy whether its own checks
  // (its healthcheck and the stack's further gates, each asked once) pass. Starts nothing. Errors:
  // Unreachable (no supervisor), Timeout, Internal.
  void observe(Callback<World> done);

private:
  friend Result<std::unique_ptr<SandboxTarget>> openSandbox(const std::string& dir, const StackSpec& stack);
  struct Impl;
  explicit SandboxTarget(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> m_impl;
};

// `dir`: the sandbox's folder. Errors: NotFound (no sandbox there), Input (damaged), Refused (too many
// services).
Result<std::unique_ptr<SandboxTarget>> openSandbox(const std::string& dir, const StackSpec& stack);

} // namespace ratdeck
