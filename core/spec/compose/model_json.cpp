#include "core/spec/compose/model_json.h"

#include "core/spec/compose/value_writer.h"

#include <algorithm>
#include <vector>

namespace ratdeck::compose {

Json toJson(const Node& node) {
  switch (node.kind) {
  case NodeKind::Null:
    return nullptr;
  case NodeKind::Boolean:
    return node.integer != 0;
  case NodeKind::Integer:
    return node.integer;
  case NodeKind::Float:
    if (isWhole(node.number))
      return static_cast<long long>(node.number);
    return node.number;
  case NodeKind::String:
    return node.text;
  case NodeKind::List: {
    auto list = Json::array();
    for (const auto& item : node.items)
      list.push_back(toJson(item));
    return list;
  }
  case NodeKind::Map: {
    auto map = Json::object();
    for (const auto& entry : node.entries)
      map[entry.key] = toJson(entry.value);
    return map;
  }
  }
  return nullptr;
}

namespace {

bool isEmpty(const Json& value) {
  return value.is_null() || ((value.is_array() || value.is_object() || value.is_string()) && value.empty()) ||
         value == false || value == 0;
}

class ServiceWriter : public ValueWriter {
public:
  ServiceWriter(const std::string& name, Report& report) : ValueWriter("services." + name, report) {}

  Json run(const Node& service) {
    Json out = Json::object();
    out["command"] = nullptr;
    out["entrypoint"] = nullptr;
    for (const auto& entry : service.entries)
      put(out, entry);
    if (const auto* files = service.find("env_file"); files)
      out.erase("env_file");
    out.erase("label_file");
    out.erase("extends");
    return out;
  }

private:
  using Write = Json (ServiceWriter::*)(const Node&, const std::string&);

  // What needs more than the value as it stands. What is written by `keep` stays even if it is empty.
  struct Rule {
    const char* key;
    Write write;
    bool keepsEmpty;
  };

  static const std::vector<Rule>& rules() {
    static const std::vector<Rule> table{
        {"command", &ServiceWriter::command, true},
        {"entrypoint", &ServiceWriter::command, true},
        {"environment", &ServiceWriter::environment, false},
        {"labels", &ServiceWriter::labels, false},
        {"annotations", &ServiceWriter::labels, false},
        {"sysctls", &ServiceWriter::labels, false},
        {"storage_opt", &ServiceWriter::labels, false},
        {"extra_hosts", &ServiceWriter::extraHosts, false},
        {"expose", &ServiceWriter::textList, false},
        {"group_add", &ServiceWriter::textList, false},
        {"dns", &ServiceWriter::textList, false},
        {"dns_search", &ServiceWriter::textList, false},
        {"tmpfs", &ServiceWriter::textList, false},
        {"healthcheck", &ServiceWriter::healthcheck, true},
        {"stop_grace_period", &ServiceWriter::duration, true},
        {"deploy", &ServiceWriter::deploy, false},
        {"depends_on", &ServiceWriter::dependsOn, false},
        {"ports", &ServiceWriter::ports, false},
        {"volumes", &ServiceWriter::volumes, false},
        {"networks", &ServiceWriter::networks, false},
        {"build", &ServiceWriter::build, true},
        {"logging", &ServiceWriter::logging, true},
        {"ulimits", &ServiceWriter::ulimits, false},
        {"gpus", &ServiceWriter::deviceRequests, false},
        {"blkio_config", &ServiceWriter::blockDevices, false},
        {"pre_start", &ServiceWriter::hooks, false},
        {"post_start", &ServiceWriter::hooks, false},
        {"pre_stop", &ServiceWriter::hooks, false},
        {"secrets", &ServiceWriter::mountedFiles, false},
        {"configs", &ServiceWriter::mountedFiles, false},
        {"mem_limit", &ServiceWriter::size, false},
        {"mem_reservation", &ServiceWriter::size, false},
        {"memswap_limit", &ServiceWriter::size, false},
        {"mem_swappiness", &ServiceWriter::size, false},
        {"shm_size", &ServiceWriter::size, false},
        {"scale", &ServiceWriter::count, true},
        {"init", &ServiceWriter::boolean, true},
        {"attach", &ServiceWriter::boolean, true},
        {"tty", &ServiceWriter::boolean, false},
        {"stdin_open", &ServiceWriter::boolean, false},
        {"privileged", &ServiceWriter::boolean, false},
        {"read_only", &ServiceWriter::boolean, false},
        {"oom_kill_disable", &ServiceWriter::boolean, false},
    };
    return table;
  }

  void put(Json& out, const Entry& entry) {
    for (const auto& rule : rules())
      if (entry.key == rule.key) {
        if (entry.value.isNull() && entry.key != "command" && entry.key != "entrypoint")
          return;
        auto value = (this->*rule.write)(entry.value, entry.key);
        if (rule.keepsEmpty || !isEmpty(value))
          out[entry.key] = std::move(value);
        return;
      }
    auto value = toJson(entry.value);
    if (entry.key.rfind("x-", 0) == 0 || !isEmpty(value))
      out[entry.key] = std::move(value);
  }

  // Writes the members of a map by a table of the same kind; the others as they stand.
  Json members(const Node& node, const std::string& key, const std::vector<Rule>& table) {
    Json out = Json::object();
    for (const auto& entry : node.entries) {
      auto rule = std::find_if(table.begin(), table.end(), [&](const Rule& r) { return entry.key == r.key; });
      if (entry.value.isNull())
        continue;
      auto value = rule == table.end() ? toJson(entry.value)
                                       : (this->*rule->write)(entry.value, key + "." + entry.key);
      bool keeps = rule != table.end() && rule->keepsEmpty;
      if (keeps || !isEmpty(value) || entry.key.rfind("x-", 0) == 0)
        out[entry.key] = std::move(value);
    }
    return out;
  }

  Json healthcheck(const Node& node, const std::string& key) {
    return members(node, key,
                   {{"test", &ServiceWriter::test, false},
                    {"interval", &ServiceWriter::duration, true},
                    {"timeout", &ServiceWriter::duration, true},
                    {"start_period", &ServiceWriter::duration, true},
                    {"start_interval", &ServiceWriter::duration, true},
                    {"retries", &ServiceWriter::count, true},
                    {"disable", &ServiceWriter::boolean, false}});
  }

  Json updateConfig(const Node& node, const std::string& key) {
    return members(node, key,
                   {{"parallelism", &ServiceWriter::count, true},
                    {"delay", &ServiceWriter::optionalDuration, false},
                    {"monitor", &ServiceWriter::optionalDuration, false}});
  }

  Json restartPolicy(const Node& node, const std::string& key) {
    return members(node, key,
                   {{"delay", &ServiceWriter::duration, true},
                    {"window", &ServiceWriter::duration, true},
                    {"max_attempts", &ServiceWriter::count, true}});
  }

  Json listOf(const Node& node, const std::string& key, const std::vector<Rule>& table) {
    auto list = Json::array();
    for (const auto& item : node.items)
      list.push_back(members(item, key, table));
    return list;
  }

  Json deviceRequests(const Node& node, const std::string& key) {
    return listOf(
        node, key,
        {{"count", &ServiceWriter::deviceCount, false}, {"options", &ServiceWriter::labels, false}});
  }

  Json blockDevices(const Node& node, const std::string& key) {
    return members(node, key,
                   {{"device_read_bps", &ServiceWriter::blockRates, false},
                    {"device_read_iops", &ServiceWriter::blockRates, false},
                    {"device_write_bps", &ServiceWriter::blockRates, false},
                    {"device_write_iops", &ServiceWriter::blockRates, false}});
  }
  Json blockRates(const Node& node, const std::string& key) {
    return listOf(node, key, {{"rate", &ServiceWriter::size, false}});
  }

  Json hooks(const Node& node, const std::string& key) {
    return listOf(node, key,
                  {{"command", &ServiceWriter::command, true},
                   {"environment", &ServiceWriter::environment, false},
                   {"privileged", &ServiceWriter::boolean, false}});
  }

  Json mountedFiles(const Node& node, const std::string& key) {
    return listOf(node, key, {{"mode", &ServiceWriter::fileMode, true}});
  }

  Json limits(const Node& node, const std::string& key) {
    return members(node, key,
                   {{"cpus", &ServiceWriter::cpus, false},
                    {"memory", &ServiceWriter::size, false},
                    {"pids", &ServiceWriter::wholeNumber, false},
                    {"devices", &ServiceWriter::deviceRequests, false}});
  }

  Json resources(const Node& node, const std::string& key) {
    return members(
        node, key,
        {{"limits", &ServiceWriter::limits, true}, {"reservations", &ServiceWriter::limits, true}});
  }

  Json deploy(const Node& node, const std::string& key) {
    auto out = members(node, key,
                       {{"replicas", &ServiceWriter::count, true},
                        {"labels", &ServiceWriter::labels, false},
                        {"update_config", &ServiceWriter::updateConfig, true},
                        {"rollback_config", &ServiceWriter::updateConfig, true},
                        {"restart_policy", &ServiceWriter::restartPolicy, true},
                        {"resources", &ServiceWriter::resources, true}});
    for (const char* always : {"resources", "placement"})
      if (!out.contains(always))
        out[always] = Json::object();
    return out;
  }

  Json dependsOn(const Node& node, const std::string& key) {
    Json out = Json::object();
    for (const auto& entry : node.entries) {
      Json dependency = Json::object();
      dependency["condition"] = entry.value.textAt("condition");
      const auto* restart = entry.value.find("restart");
      if (restart && boolean(*restart, key + "." + entry.key + ".restart") == true)
        dependency["restart"] = true;
      const auto* required = entry.value.find("required");
      dependency["required"] =
          required ? boolean(*required, key + "." + entry.key + ".required") : Json(true);
      out[entry.key] = std::move(dependency);
    }
    return out;
  }

  Json ports(const Node& node, const std::string& key) {
    return listOf(
        node, key,
        {{"target", &ServiceWriter::portNumber, false}, {"published", &ServiceWriter::text, false}});
  }

  Json volumes(const Node& node, const std::string& key) {
    return listOf(node, key,
                  {{"read_only", &ServiceWriter::boolean, false},
                   {"bind", &ServiceWriter::bindOptions, true},
                   {"volume", &ServiceWriter::plainMap, true},
                   {"tmpfs", &ServiceWriter::tmpfsOptions, true}});
  }

  // create_host_path is true unless it is said to be false.
  Json bindOptions(const Node& node, const std::string& key) {
    auto out = members(node, key, {{"create_host_path", &ServiceWriter::boolean, true}});
    if (boolAt(out, "create_host_path"))
      out.erase("create_host_path");
    return out;
  }

  Json plainMap(const Node& node, const std::string& key) {
    return members(node, key,
                   {{"labels", &ServiceWriter::labels, false}, {"nocopy", &ServiceWriter::boolean, false}});
  }
  Json tmpfsOptions(const Node& node, const std::string& key) {
    return members(node, key, {{"size", &ServiceWriter::size, false}});
  }

  Json networks(const Node& node, const std::string& key) {
    Json out = Json::object();
    for (const auto& entry : node.entries)
      out[entry.key] = entry.value.isMap()
                           ? members(entry.value, key, {{"driver_opts", &ServiceWriter::labels, false}})
                           : Json();
    return out;
  }

  Json build(const Node& node, const std::string& key) {
    return members(node, key,
                   {{"args", &ServiceWriter::environment, false},
                    {"labels", &ServiceWriter::labels, false},
                    {"extra_hosts", &ServiceWriter::extraHosts, false},
                    {"additional_contexts", &ServiceWriter::labels, false},
                    {"ulimits", &ServiceWriter::ulimits, false},
                    {"shm_size", &ServiceWriter::size, false},
                    {"no_cache", &ServiceWriter::boolean, false},
                    {"pull", &ServiceWriter::boolean, false},
                    {"privileged", &ServiceWriter::boolean, false},
                    {"provenance", &ServiceWriter::text, false},
                    {"sbom", &ServiceWriter::text, false},
                    {"secrets", &ServiceWriter::mountedFiles, false}});
  }

  Json logging(const Node& node, const std::string& key) {
    return members(node, key, {{"options", &ServiceWriter::labels, false}});
  }

  Json ulimits(const Node& node, const std::string& key) {
    Json out = Json::object();
    for (const auto& entry : node.entries)
      out[entry.key] = entry.value.isMap() ? toJson(entry.value) : wholeNumber(entry.value, key);
    return out;
  }
};

} // namespace

Json serviceJson(const std::string& name, const Node& service, Report& report) {
  return ServiceWriter(name, report).run(service);
}

Json resourceJson(const std::string& section, const Node& resource) {
  Json out = Json::object();
  for (const auto& entry : resource.entries) {
    Json value = entry.key == "labels" || entry.key == "driver_opts" ? mapping(entry.value, false)
                                                                     : toJson(entry.value);
    bool isSwitch = entry.key.rfind("enable_ip", 0) == 0 && !value.is_null(); // false differs from unsaid
    if (!isEmpty(value) || isSwitch || entry.key.rfind("x-", 0) == 0)
      out[entry.key] = std::move(value);
  }
  if (section == "networks" && !out.contains("ipam"))
    out["ipam"] = Json::object();
  return out;
}

} // namespace ratdeck::compose
