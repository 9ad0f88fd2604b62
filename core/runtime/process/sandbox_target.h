// Everything a rollout acts through on a sandbox: its process runtime, its router, probes and the count of
// runs.
//
// The sandbox must be up (sandbox_admin.h). Opening reads and extends the address plan only; the router is
// started, with the stack's routed services, by the first call that needs it.
#pragma once

#include "core/runtime/measure/prometheus_meter.h"
#include "core/runtime/stack_target.h"
#include "core/spec/stack_spec.h"

#include <memory>
#include <string>

namespace ratdeck {

class HaproxyRouter;

class SandboxTarget final : public StackTarget {
public:
  ~SandboxTarget() override;
  SandboxTarget(const SandboxTarget&) = delete;
  SandboxTarget& operator=(const SandboxTarget&) = delete;

  // `runs` is null where the stack names no source of active runs.
  Target target() override;
  void observe(Callback<World> done) override;
  void readMountedFiles(const StackSpec& stack, const std::set<std::string>& services,
                        Callback<std::vector<MountedFile>> done) override;
  void prepare(const Preparation& preparation, std::function<void(const std::string&)> onStep,
               Callback<std::map<std::string, std::string>> done) override;
  HaproxyRouter& router();

private:
  friend Result<std::unique_ptr<SandboxTarget>> openSandbox(const std::string& dir, const StackSpec& stack,
                                                            SecretSource secrets);
  struct Impl;
  explicit SandboxTarget(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> m_impl;
};

// `dir`: the sandbox's folder; `secrets`: what measurements may need to know. Errors: NotFound (no sandbox
// there), Input (damaged), Refused (too many services).
Result<std::unique_ptr<SandboxTarget>> openSandbox(const std::string& dir, const StackSpec& stack,
                                                   SecretSource secrets = {});

} // namespace ratdeck
