#include "core/runtime/process/supervisor_config_sink.h"

#include "core/base/file.h"

namespace ratdeck {

namespace {

constexpr size_t configLimit = 4u << 20;
constexpr Duration putTimeout = 3s;
constexpr Duration reloadTimeout = 20s; // the supervisor waits 10 s for what the old process carries

} // namespace

SupervisorConfigSink::SupervisorConfigSink(const std::string& dir) : m_dir(dir), m_supervisor(dir) {}

void SupervisorConfigSink::put(const std::string& text, bool reload, Callback<Done> done) {
  Json body = {{"config", text}};
  if (reload)
    body["reload"] = true;
  m_supervisor.call("PUT", "/v1/router", body, reload ? reloadTimeout : putTimeout,
                    [done = std::move(done)](Result<Json> answer) {
                      if (!answer)
                        return done(failure(answer.error()));
                      done(Done{});
                    });
}

Result<std::string> SupervisorConfigSink::stored() const {
  return readFile(m_dir + "/haproxy.cfg", configLimit);
}

} // namespace ratdeck
