// The router's configuration in a sandbox: DIR/haproxy.cfg, written by the supervisor, which owns HAProxy.
#pragma once

#include "core/runtime/process/supervisor_client.h"
#include "core/runtime/router/config_sink.h"

#include <string>

namespace ratdeck {

class SupervisorConfigSink final : public ConfigSink {
public:
  explicit SupervisorConfigSink(const std::string& dir);
  void put(const std::string& text, bool reload, Callback<Done> done) override;
  Result<std::string> stored() const override;

private:
  std::string m_dir;
  SupervisorClient m_supervisor;
};

} // namespace ratdeck
