// The configuration of a router that runs in a container: written into it, where a restart finds it.
#pragma once

#include "core/remote/docker/docker_client.h"
#include "core/runtime/docker/docker_copies.h"
#include "core/runtime/router/config_sink.h"

#include <functional>
#include <string>

namespace ratdeck {

class RouterSink final : public ConfigSink {
public:
  // Whether a router is driven from here whose socket lies in this folder or volume; "" = it has none.
  using Reaches = std::function<bool(const std::string& socketMount)>;

  // `client` and `copies` outlive this object; `service` is the router's name.
  RouterSink(DockerClient& client, DockerCopies& copies, std::string service, Reaches reaches);

  bool startsRouter() const override { return false; } // the rollout does
  // What this object has written into the same container before is not written again.
  // Errors: Unreachable (no copy of it runs), Refused (it runs, but was made by somebody else, or is driven
  // from elsewhere).
  void put(const std::string& text, bool reload, Callback<Done> done) override;
  Result<std::string> stored() const override;
  // Whether the router that runs, if one does, can be driven from here. Errors: Refused (it was deployed
  // through another endpoint, by another user or from another machine).
  void checkOwner(Callback<Done> done);

private:
  void ifOurs(const InstanceInfo& router, Callback<Done> done);
  void write(const InstanceInfo& router, const std::string& text, bool reload, Callback<Done> done);

  DockerClient& m_client;
  DockerCopies& m_copies;
  std::string m_service;
  Reaches m_reaches;
  std::string m_container, m_text; // what was written last, and into which
};

} // namespace ratdeck
