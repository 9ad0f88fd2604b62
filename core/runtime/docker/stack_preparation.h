// Makes the networks and volumes of a stack that are missing on a Docker Engine. It looks first, one after
// the other; what exists is left as it is, and nothing is ever removed.
#pragma once

#include "core/remote/docker/docker_networks.h"
#include "core/remote/docker/docker_volumes.h"
#include "core/remote/outbox.h"
#include "core/runtime/docker/stack_resources.h"
#include "core/runtime/runtime.h"

#include <deque>

namespace ratdeck {

class StackPreparation {
public:
  // `connection` must outlive it. Thread: that of the connection.
  explicit StackPreparation(DockerConnection& connection);
  // Drops what is under way without an answer. What was made by then stays.
  ~StackPreparation();
  StackPreparation(const StackPreparation&) = delete;
  StackPreparation& operator=(const StackPreparation&) = delete;

  // Answers when all of them exist; one run at a time. Errors: NotFound (an external one is missing, with how
  // to make it), Conflict (two networks have the name), and those of the connection; what was made before the
  // error stays.
  void run(const StackResources& resources, Callback<Done> done);

private:
  void next();
  void makeNetwork(const StackResource& network);
  void makeVolume(const StackResource& volume);
  void createNetwork(const StackResource& network);
  void finish(Result<Done> result);
  template <class T>
  void goOn(const Result<T>& made);

  DockerConnection& m_connection;
  DockerNetworks m_networks;
  DockerVolumes m_volumes;
  std::deque<StackResource> m_missingNetworks; // not looked at yet
  std::deque<StackResource> m_missingVolumes;
  Callback<Done> m_done;
  CallId m_call{};
  Outbox m_outbox;
};

} // namespace ratdeck
