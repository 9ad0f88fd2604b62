#include "core/runtime/docker/container_draft.h"

#include <charconv>

namespace ratdeck {

namespace {

constexpr int startIntervalApi = 44;
constexpr int annotationsApi = 43;

// An empty list stays one: it takes the image's own away.
void translateCommand(KeyReader& keys, const char* key, const char* member, Json& config) {
  const bool isWritten = !keys.take(key).is_null();
  if (isWritten)
    config[member] = keys.texts(key);
}

// A name without a value takes the image's variable away.
Json environmentOf(KeyReader& keys) {
  Json lines = Json::array();
  for (const auto& [name, value] : keys.take("environment").items())
    lines.push_back(value.is_null()     ? Json(name)
                    : value.is_string() ? Json(name + "=" + value.get<std::string>())
                                        : Json(name + "=" + value.dump()));
  return lines.empty() ? Json() : lines;
}

void putNanoseconds(Json& health, const char* member, const std::optional<Duration>& duration) {
  if (duration && *duration > Duration::zero())
    health[member] = duration->count();
}

void translateHealth(KeyReader keys, ContainerDraft& draft) {
  Json health = Json::object();
  const auto test = keys.texts("test");
  if (keys.flag("disable").value_or(false))
    health["Test"] = {"NONE"};
  else
    put(health, "Test", test);
  putNanoseconds(health, "Interval", keys.duration("interval"));
  putNanoseconds(health, "Timeout", keys.duration("timeout"));
  putNanoseconds(health, "StartPeriod", keys.duration("start_period"));
  if (draft.options.apiMinor >= startIntervalApi)
    putNanoseconds(health, "StartInterval", keys.duration("start_interval"));
  else
    keys.unheeded("start_interval", "needs a Docker Engine 25 or newer");
  if (const auto retries = keys.number("retries"); retries && *retries > 0)
    health["Retries"] = *retries;
  keys.end();
  if (!health.empty())
    draft.config["Healthcheck"] = health;
}

struct RestartRule {
  std::string condition;
  std::optional<long long> attempts;
};

void putRestart(const RestartRule& rule, KeyReader& keys, const char* conditionKey, const char* attemptsKey,
                ContainerDraft& draft) {
  static const std::map<std::string, const char*> names{{"none", "no"},
                                                        {"no", "no"},
                                                        {"any", "always"},
                                                        {"always", "always"},
                                                        {"on-failure", "on-failure"},
                                                        {"unless-stopped", "unless-stopped"}};
  const auto name = names.find(rule.condition);
  if (name == names.end())
    return keys.fail(conditionKey, "is \"" + rule.condition + "\", which is no restart policy",
                     "write no, always, on-failure or unless-stopped");
  draft.host["RestartPolicy"] = {{"Name", name->second}};
  if (!rule.attempts || *rule.attempts == 0)
    return;
  if (rule.condition != "on-failure")
    return keys.fail(attemptsKey, "limits the restarts, which Docker does only after failures",
                     "write on-failure, or remove the number");
  draft.host["RestartPolicy"]["MaximumRetryCount"] = *rule.attempts;
}

void translateRestart(KeyReader& keys, ContainerDraft& draft) {
  const auto written = keys.text("restart");
  if (written.empty())
    return;
  const auto colon = written.find(':');
  RestartRule rule{written.substr(0, colon), {}};
  if (colon != std::string::npos) {
    long long attempts = 0;
    const auto* end = written.data() + written.size();
    const auto [stop, error] = std::from_chars(written.data() + colon + 1, end, attempts);
    if (error != std::errc() || stop != end || attempts < 0)
      return keys.fail("restart", "is \"" + written + "\", which has no number of restarts",
                       "write it like on-failure:3");
    rule.attempts = attempts;
  }
  putRestart(rule, keys, "restart", "restart", draft);
}

// It wins over `restart`.
void translateRestartPolicy(KeyReader keys, ContainerDraft& draft) {
  RestartRule rule{keys.has("condition") ? keys.text("condition") : "any", keys.number("max_attempts")};
  keys.leave({"condition"});
  keys.unheeded("delay", "is heeded in a swarm alone: one engine waits by its own rule");
  keys.unheeded("window", "is heeded in a swarm alone");
  keys.end();
  putRestart(rule, keys, "condition", "max_attempts", draft);
}

void translateDeploy(KeyReader& keys, ContainerDraft& draft) {
  auto deploy = keys.map("deploy");
  deploy.leave({"replicas", "resources", "update_config", "rollback_config"});
  if (deploy.take("mode") != "replicated")
    deploy.unheeded("mode", "is heeded in a swarm alone");
  deploy.unheeded("endpoint_mode", "is heeded in a swarm alone");
  deploy.unheeded("labels", "are of a swarm's service: containers take `labels`");
  deploy.unheeded("placement", "is heeded in a swarm alone");
  if (deploy.has("restart_policy"))
    translateRestartPolicy(deploy.map("restart_policy"), draft);
  deploy.leave({"restart_policy"});
  deploy.end();
}

void translateLogging(KeyReader keys, ContainerDraft& draft) {
  Json logging = Json::object();
  put(logging, "Type", keys.text("driver"));
  put(logging, "Config", keys.labels("options"));
  keys.end();
  if (!logging.empty())
    draft.host["LogConfig"] = logging;
}

// In whole seconds, as the API has it; rounded up, since 0 kills at once.
void translateGrace(KeyReader& keys, ContainerDraft& draft) {
  if (const auto grace = keys.duration("stop_grace_period"))
    draft.config["StopTimeout"] = std::chrono::ceil<std::chrono::seconds>(*grace).count();
}

} // namespace

void translateProcess(KeyReader& keys, ContainerDraft& draft) {
  translateCommand(keys, "command", "Cmd", draft.config);
  translateCommand(keys, "entrypoint", "Entrypoint", draft.config);
  put(draft.config, "Env", environmentOf(keys));
  translateHealth(keys.map("healthcheck"), draft);
  translateRestart(keys, draft);
  translateDeploy(keys, draft);
  translateLogging(keys.map("logging"), draft);
  translateGrace(keys, draft);
  Json labels = keys.labels("labels");
  addCopyLabels(labels, draft);
  draft.config["Labels"] = labels;
  if (draft.options.apiMinor >= annotationsApi)
    put(draft.host, "Annotations", keys.labels("annotations"));
  else
    keys.unheeded("annotations", "need a Docker Engine 24 or newer");
}

} // namespace ratdeck
