#include "core/spec/compose/model_json.h"

#include "core/base/duration.h"
#include "core/spec/compose/interpolate.h"
#include "core/spec/compose/values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

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

// NAME=value lists and maps -> a map of texts; a name without a value is null or "".
Json mapping(const Node& node, bool keepsNull) {
  auto map = Json::object();
  for (const auto& entry : node.entries) {
    if (entry.value.isNull())
      map[entry.key] = keepsNull ? Json(nullptr) : Json("");
    else
      map[entry.key] = scalarText(entry.value);
  }
  for (const auto& item : node.items) {
    auto text = scalarText(item);
    auto equals = text.find('=');
    if (equals == std::string::npos)
      map[text] = keepsNull ? Json(nullptr) : Json("");
    else
      map[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return map;
}

Json texts(const Node& node) {
  auto list = Json::array();
  if (node.isScalar() && !node.isNull())
    list.push_back(scalarText(node));
  for (const auto& item : node.items)
    list.push_back(scalarText(item));
  return list;
}

// The addresses of a host, without the brackets that may stand around one.
void addHost(const std::string& host, std::string ips, std::vector<std::string>& lines) {
  for (size_t begin = 0; begin <= ips.size();) {
    auto end = std::min(ips.find(',', begin), ips.size());
    auto ip = ips.substr(begin, end - begin);
    begin = end + 1;
    if (ip.size() > 2 && ip.front() == '[' && ip.back() == ']')
      ip = ip.substr(1, ip.size() - 2);
    lines.push_back(host + "=" + ip);
  }
}

class ServiceWriter {
public:
  ServiceWriter(std::string name, Report& report) : m_path("services." + name), m_report(report) {}

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

  void fail(const Node& node, const std::string& key, const Error& error) {
    m_report.fail(node.place, m_path + "." + key + ": " + error.message, error.next);
  }

  Json duration(const Node& node, const std::string& key) {
    auto value = parseDuration(scalarText(node));
    if (!value) {
      fail(node, key, value.error());
      return "0s";
    }
    if (value->count() < 0)
      m_report.fail(node.place, m_path + "." + key + ": a duration cannot be negative: " + scalarText(node),
                    "write it like 30s");
    return toGoString(*value);
  }

  Json size(const Node& node, const std::string& key) {
    if (node.kind == NodeKind::Integer)
      return node.integer == 0 ? Json() : Json(std::to_string(node.integer));
    if (node.kind == NodeKind::Float && std::abs(node.number) < 9.0e18)
      return std::to_string(static_cast<long long>(node.number));
    if (node.text == "-1")
      return "-1";
    auto value = parseSize(node.text);
    if (!value) {
      fail(node, key, value.error());
      return nullptr;
    }
    return *value == 0 ? Json() : Json(std::to_string(*value));
  }

  Json count(const Node& node, const std::string& key) {
    if (node.kind == NodeKind::Float && isWhole(node.number) && node.number >= 0)
      return static_cast<long long>(node.number);
    if (node.kind == NodeKind::Integer && node.integer >= 0)
      return node.integer;
    m_report.fail(node.place, m_path + "." + key + ": " + scalarText(node) + " is not a count",
                  "write 0 or more");
    return 0;
  }

  Json boolean(const Node& node, const std::string& key) {
    if (node.kind == NodeKind::Boolean)
      return node.integer != 0;
    if (auto value = parseBool(scalarText(node)))
      return *value;
    m_report.fail(node.place, m_path + "." + key + ": \"" + scalarText(node) + "\" is not true or false",
                  "write true or false");
    return false;
  }

  Json command(const Node& node, const std::string& key) {
    if (node.isNull())
      return nullptr;
    if (node.isList())
      return texts(node);
    auto line = splitCommand(scalarText(node));
    if (!line) {
      fail(node, key, line.error());
      return nullptr;
    }
    if (line->cut != std::string::npos)
      m_report.warn(node.place,
                    m_path + "." + key + ": the command line ends before \"" +
                        scalarText(node).substr(line->cut, 40) + "\", no shell reads it",
                    "write [\"sh\", \"-c\", \"…\"]");
    return line->words;
  }

  Json environment(const Node& node, const std::string&) { return mapping(node, true); }
  Json labels(const Node& node, const std::string&) { return mapping(node, false); }

  // host=ip, sorted; host:ip is the older form.
  Json extraHosts(const Node& node, const std::string& key) {
    std::vector<std::string> lines;
    auto add = [&](const Node& at, const std::string& host, const std::string& ips) {
      if (host.empty() || host.find_first_of(":=") != std::string::npos)
        m_report.fail(at.place, m_path + "." + key + ": bad host name \"" + host + "\"",
                      "write it like name=1.2.3.4");
      addHost(host, ips, lines);
    };
    for (const auto& entry : node.entries) {
      for (const auto& item : entry.value.items)
        add(item, entry.key, scalarText(item));
      if (entry.value.isScalar())
        add(entry.value, entry.key, entry.value.isNull() ? "" : scalarText(entry.value));
    }
    for (const auto& item : node.items) {
      auto at = item.text.find('=');
      if (at == std::string::npos)
        at = item.text.find(':');
      if (at == std::string::npos)
        m_report.fail(item.place, m_path + "." + key + ": the address of \"" + item.text + "\" is missing",
                      "write it like name=1.2.3.4");
      else
        add(item, item.text.substr(0, at), item.text.substr(at + 1));
    }
    std::sort(lines.begin(), lines.end());
    return lines;
  }
  Json textList(const Node& node, const std::string&) { return texts(node); }

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

  Json test(const Node& node, const std::string&) {
    return node.isText() ? Json::array({"CMD-SHELL", node.text}) : texts(node);
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

  // A duration that the reference leaves out when it is zero.
  Json optionalDuration(const Node& node, const std::string& key) {
    auto value = duration(node, key);
    return value == "0s" ? Json() : value;
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

  Json cpus(const Node& node, const std::string& key) {
    if (!node.isText())
      return toJson(node);
    char* end = nullptr;
    double value = std::strtod(node.text.c_str(), &end);
    if (node.text.empty() || *end != '\0') {
      m_report.fail(node.place, m_path + "." + key + ": \"" + node.text + "\" is not a number",
                    "write it like 0.5");
      return nullptr;
    }
    return toJson(Node::ofFloat(value));
  }

  Json deviceCount(const Node& node, const std::string& key) {
    auto text = scalarText(node);
    if (text.size() == 3 &&
        std::equal(text.begin(), text.end(), "all", [](char a, char b) { return (a | 0x20) == b; }))
      return -1;
    long long count = 0;
    auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || stop != text.data() + text.size())
      m_report.fail(node.place, m_path + "." + key + ": \"" + text + "\" is neither a number nor \"all\"",
                    "write all or a number");
    return count;
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

  Json hooks(const Node& node, const std::string& key) {
    return listOf(node, key,
                  {{"command", &ServiceWriter::command, true},
                   {"environment", &ServiceWriter::environment, false},
                   {"privileged", &ServiceWriter::boolean, false}});
  }

  // Octal, as people write it.
  Json fileMode(const Node& node, const std::string& key) {
    auto text = scalarText(node);
    std::int64_t mode = node.integer;
    if (node.isText()) {
      auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
      if (error != std::errc() || stop != text.data() + text.size())
        m_report.fail(node.place, m_path + "." + key + ": \"" + text + "\" is not an octal mode",
                      "write it like \"0440\"");
    }
    std::array<char, 32> digits{};
    auto end = std::to_chars(digits.data(), digits.data() + digits.size(), mode, 8).ptr;
    return "0" + std::string(digits.data(), end);
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

  Json wholeNumber(const Node& node, const std::string&) {
    return node.isText() ? Json(std::atoll(node.text.c_str())) : toJson(node);
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

  Json text(const Node& node, const std::string&) { return scalarText(node); }

  Json portNumber(const Node& node, const std::string& key) {
    auto number = node.isText() ? Json(std::atoll(node.text.c_str())) : toJson(node);
    if (!number.is_number_integer() || number < 1 || number > 65535)
      m_report.fail(node.place, m_path + "." + key + ": " + scalarText(node) + " is not a port",
                    "write a number from 1 to 65535");
    return number;
  }

  Json volumes(const Node& node, const std::string& key) {
    return listOf(node, key,
                  {{"read_only", &ServiceWriter::boolean, false},
                   {"bind", &ServiceWriter::plainMap, true},
                   {"volume", &ServiceWriter::plainMap, true},
                   {"tmpfs", &ServiceWriter::tmpfsOptions, true}});
  }

  Json plainMap(const Node& node, const std::string& key) {
    return members(node, key,
                   {{"labels", &ServiceWriter::labels, false},
                    {"create_host_path", &ServiceWriter::boolean, false},
                    {"nocopy", &ServiceWriter::boolean, false}});
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

  std::string m_path;
  Report& m_report;
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
    if (!isEmpty(value) || entry.key.rfind("x-", 0) == 0)
      out[entry.key] = std::move(value);
  }
  if (section == "networks" && !out.contains("ipam"))
    out["ipam"] = Json::object();
  return out;
}

} // namespace ratdeck::compose
