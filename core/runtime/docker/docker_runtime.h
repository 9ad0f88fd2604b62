// Copies as containers of a Docker Engine.
//
// Life of one start: a container of that name that is ours is answered as it is; else the image's name is
// made to lead to the image of the revision, files that the revision keeps are put back, the container is
// created, tied to its other networks, given its files and started. One that was made and could not be
// started is removed again, so that the next try finds nothing half done; one for a command that is run once
// only where the engine says that it was not started: of a start whose answer is lost nobody knows. Engine
// thread only.
#pragma once

#include "core/remote/docker/docker_client.h"
#include "core/runtime/docker/docker_copies.h"
#include "core/runtime/docker/host_files.h"
#include "core/runtime/docker/image_keeper.h"
#include "core/runtime/docker/router_network.h"
#include "core/runtime/routes.h"
#include "core/runtime/runtime.h"
#include "core/spec/stack_spec.h"

#include <functional>
#include <memory>
#include <set>
#include <string>

namespace ratdeck {

struct ContainerRequest;

class DockerRuntime final : public Runtime {
public:
  // What makes the router's container fit to be driven; empty where the stack has none.
  using DressRouter =
      std::function<Result<Done>(ContainerRequest& request, const std::vector<InstanceInfo>& copies)>;

  // All outlive this object. `network`: null where the stack has no router. `filesFolder`: on the engine's
  // machine, for contents that copies mount; "" = the engine is elsewhere.
  DockerRuntime(DockerClient& client, DockerCopies& copies, const StackSpec& stack,
                const std::map<std::string, Routes>& routes, RouterNetwork* network, ImageKeeper& keeper,
                std::string filesFolder);
  void setRouterDress(DressRouter dress) { m_dress = std::move(dress); }

  // What a start of the service would ask for, with nothing asked and nothing written.
  Result<ContainerRequest> trial(const ServiceSpec& service, const std::vector<InstanceInfo>& copies) const;

  void list(Callback<std::vector<InstanceInfo>> done) override;
  void start(const StartRequest& request, Callback<InstanceInfo> done) override;
  void stop(const StopRequest& request, Callback<StopReport> done) override;
  void remove(const InstanceId& id, Callback<Done> done) override;
  void exec(const InstanceId& id, const std::vector<std::string>& argv, Duration timeout,
            Callback<ExecReport> done) override;
  void runOnce(const StartRequest& request, Duration timeout, Callback<ExecReport> done) override;
  void endOnce(const InstanceId& id, Callback<ExecReport> done) override;
  void signal(const InstanceId& id, const std::string& name, Callback<Done> done) override;
  void output(const InstanceId& id, int lines, Callback<std::vector<std::string>> done) override;

private:
  struct Starting;
  void lastWords(const std::string& container, int exitCode, Callback<ExecReport> done);
  Status writeHostFiles(const ContainerRequest& request, const InstanceId& copy) const;
  std::string hostFolder(const InstanceId& copy) const;
  bool isRouted(const std::string& service) const { return m_network && m_routes.contains(service); }
  bool isOlderThanRouter(const StartRequest& request) const;
  bool standsBehindRouter(const StartRequest& request, const std::vector<InstanceInfo>& copies) const;
  Result<ContainerRequest> translate(const StartRequest& request,
                                     const std::vector<InstanceInfo>& copies) const;
  Result<ContainerRequest> requestFor(const StartRequest& request, const std::vector<InstanceInfo>& copies);

  DockerClient& m_client;
  DockerCopies& m_copies;
  const StackSpec& m_stack;
  const std::map<std::string, Routes>& m_routes;
  RouterNetwork* m_network;
  ImageKeeper& m_keeper;
  HostFiles m_files;
  std::string m_filesFolder;
  std::set<InstanceId> m_begun; // run once: those whose start was sent
  DressRouter m_dress;
  SystemClock m_clock;
};

} // namespace ratdeck
