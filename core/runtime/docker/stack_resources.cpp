#include "core/runtime/docker/stack_resources.h"

#include "core/runtime/docker/copy_labels.h"

#include <algorithm>

namespace ratdeck {

namespace {

bool isThere(const Json& value) {
  return !value.is_null() && !(value.is_structured() && value.empty());
}

void put(Json& body, const char* member, const Json& value) {
  if (isThere(value))
    body[member] = value;
}

std::optional<Error> unknownKey(const Json& definition, const std::string& path,
                                std::initializer_list<std::string_view> known) {
  if (definition.is_object())
    for (const auto& [key, value] : definition.items())
      if (!key.starts_with("x-") && isThere(value) &&
          std::find(known.begin(), known.end(), key) == known.end())
        return Error{ErrorKind::Input,
                     path + "." + key + " is not known to the Docker runtime",
                     "remove it, or begin the key with x-",
                     {}};
  return {};
}

Json labelsOf(const Json& definition, const StackSpec& stack, const char* keyLabel, const std::string& key) {
  Json labels = memberAt(definition, "labels").is_object() ? definition["labels"] : Json::object();
  labels[copy_labels::project] = stack.project;
  labels[keyLabel] = key;
  return labels;
}

Json poolOf(const Json& pool) {
  Json body = Json::object();
  put(body, "Subnet", memberAt(pool, "subnet"));
  put(body, "IPRange", memberAt(pool, "ip_range"));
  put(body, "Gateway", memberAt(pool, "gateway"));
  put(body, "AuxiliaryAddresses", memberAt(pool, "aux_addresses"));
  return body;
}

Json ipamOf(const Json& ipam) {
  Json body = Json::object();
  put(body, "Driver", memberAt(ipam, "driver"));
  put(body, "Options", memberAt(ipam, "options"));
  for (const auto& pool : memberAt(ipam, "config"))
    body["Config"].push_back(poolOf(pool));
  return body;
}

Json networkBody(const Json& definition, const StackSpec& stack, const std::string& key,
                 const std::string& name) {
  // CheckDuplicate: two of one name are possible below API 1.44, and ambiguous ever after.
  Json body = {{"Name", name}, {"CheckDuplicate", true}};
  put(body, "Driver", memberAt(definition, "driver"));
  put(body, "Options", memberAt(definition, "driver_opts"));
  put(body, "IPAM", ipamOf(memberAt(definition, "ipam")));
  put(body, "Internal", memberAt(definition, "internal"));
  put(body, "Attachable", memberAt(definition, "attachable"));
  put(body, "EnableIPv4", memberAt(definition, "enable_ipv4"));
  put(body, "EnableIPv6", memberAt(definition, "enable_ipv6"));
  body["Labels"] = labelsOf(definition, stack, copy_labels::network, key);
  return body;
}

Json volumeBody(const Json& definition, const StackSpec& stack, const std::string& key,
                const std::string& name) {
  Json body = {{"Name", name}};
  put(body, "Driver", memberAt(definition, "driver"));
  put(body, "DriverOpts", memberAt(definition, "driver_opts"));
  body["Labels"] = labelsOf(definition, stack, copy_labels::volume, key);
  return body;
}

std::string nameOf(const StackSpec& stack, const std::string& key, const Json& definition) {
  const auto name = textAt(definition, "name");
  if (!name.empty())
    return name;
  return boolAt(definition, "external") ? key : stack.project + "_" + key;
}

std::optional<Error> unknownKey(const std::string& section, const std::string& key, const Json& definition) {
  const auto path = section + "." + key;
  if (section == "volumes")
    return unknownKey(definition, path, {"name", "driver", "driver_opts", "external", "labels"});
  if (auto error = unknownKey(definition, path,
                              {"name", "driver", "driver_opts", "ipam", "external", "internal", "enable_ipv4",
                               "enable_ipv6", "attachable", "labels"}))
    return error;
  const auto& ipam = memberAt(definition, "ipam");
  if (auto error = unknownKey(ipam, path + ".ipam", {"driver", "config", "options"}))
    return error;
  for (const auto& pool : memberAt(ipam, "config"))
    if (auto error =
            unknownKey(pool, path + ".ipam.config", {"subnet", "ip_range", "gateway", "aux_addresses"}))
      return error;
  return {};
}

} // namespace

Result<StackResources> stackResources(const StackSpec& stack) {
  StackResources resources;
  for (const std::string section : {"networks", "volumes"}) {
    const bool isNetwork = section == "networks";
    auto& list = isNetwork ? resources.networks : resources.volumes;
    for (const auto& [key, definition] : memberAt(stack.normalised, section.c_str()).items()) {
      if (const auto error = unknownKey(section, key, definition))
        return failure(*error);
      const auto name = nameOf(stack, key, definition);
      list.push_back({key, name, boolAt(definition, "external"),
                      (isNetwork ? networkBody : volumeBody)(definition, stack, key, name)});
    }
  }
  return resources;
}

Result<std::string> realName(const StackSpec& stack, const char* section, const std::string& key) {
  const auto& all = memberAt(stack.normalised, section);
  if (!all.is_object() || !all.contains(key))
    return failure(ErrorKind::NotFound, "the stack does not define \"" + key + "\"",
                   "define it under " + std::string(section));
  return nameOf(stack, key, all[key]);
}

} // namespace ratdeck
