// Everything a rollout acts through on a Docker Engine: its containers, its router, probes and the count of
// runs.
//
// Opening asks nothing of the engine. A stack whose file names a router (x-ratdeck.router) gets it driven
// here; one without has no router, and its copies take traffic as Docker gives it.
#pragma once

#include "core/remote/docker/docker_endpoint.h"
#include "core/runtime/stack_target.h"
#include "core/spec/stack_spec.h"

#include <map>
#include <memory>
#include <string>

namespace ratdeck {

struct DockerPlace {
  DockerEndpoint endpoint;
  // Where registry credentials are found, and what measurements may need to know.
  std::map<std::string, std::string> environment;
  // Of this stack, on this machine: the router's socket and configuration, contents that copies mount.
  std::string folder;
  std::string store; // RevisionStore::id(): copies with revisions of another one are not ours
  std::string
      relayProgram; // the file of ratdeck-relay, for engines whose networks are out of this machine's reach
};

class DockerTarget final : public StackTarget {
public:
  ~DockerTarget() override;
  DockerTarget(const DockerTarget&) = delete;
  DockerTarget& operator=(const DockerTarget&) = delete;

  Target target() override;
  void observe(Callback<World> done) override;
  void readMountedFiles(const StackSpec& stack, const std::set<std::string>& services,
                        Callback<std::vector<MountedFile>> done) override;
  void prepare(const Preparation& preparation, std::function<void(const std::string&)> onStep,
               Callback<std::map<std::string, std::string>> done) override;
  void leave(Callback<Done> done) override;

private:
  friend Result<std::unique_ptr<DockerTarget>> openDocker(const DockerPlace& place, const StackSpec& stack);
  struct Impl;
  explicit DockerTarget(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> m_impl;
};

// Errors: Input (two services on one port behind the router).
Result<std::unique_ptr<DockerTarget>> openDocker(const DockerPlace& place, const StackSpec& stack);

} // namespace ratdeck
