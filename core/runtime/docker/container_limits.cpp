#include "core/runtime/docker/container_draft.h"

#include <cmath>

namespace ratdeck {

namespace {

void putProcessors(Json& host, const std::optional<double>& processors) {
  if (processors && *processors > 0)
    host["NanoCpus"] = std::llround(*processors * 1e9);
}

void translateProcessors(KeyReader& keys, Json& host) {
  putProcessors(host, keys.real("cpus"));
  if (const auto percent = keys.real("cpu_percent"))
    host["CpuPercent"] = std::llround(*percent * 100);
}

void translateBlockDevices(KeyReader keys, Json& host) {
  struct Limit {
    const char* key;
    const char* member;
    const char* amount; // its key; the API's member is the same word with a capital
    const char* amountMember;
  };
  constexpr Limit limits[] = {{"weight_device", "BlkioWeightDevice", "weight", "Weight"},
                              {"device_read_bps", "BlkioDeviceReadBps", "rate", "Rate"},
                              {"device_read_iops", "BlkioDeviceReadIOps", "rate", "Rate"},
                              {"device_write_bps", "BlkioDeviceWriteBps", "rate", "Rate"},
                              {"device_write_iops", "BlkioDeviceWriteIOps", "rate", "Rate"}};
  put(host, "BlkioWeight", keys.number("weight"));
  for (const auto& limit : limits)
    for (auto& item : keys.list(limit.key)) {
      Json device = {{"Path", item.text("path")}};
      put(device, limit.amountMember, item.number(limit.amount));
      item.end();
      host[limit.member].push_back(std::move(device));
    }
  keys.end();
}

void addDeviceRequests(std::vector<KeyReader> devices, const char* impliedCapability, Json& host) {
  for (auto& keys : devices) {
    Json request = Json::object();
    auto capabilities = keys.texts("capabilities");
    if (impliedCapability)
      capabilities.emplace_back(impliedCapability);
    put(request, "Driver", keys.text("driver"));
    put(request, "Count", keys.number("count"));
    put(request, "DeviceIDs", keys.texts("device_ids"));
    put(request, "Options", keys.labels("options"));
    request["Capabilities"] = Json::array({capabilities}); // one set of them
    keys.end();
    host["DeviceRequests"].push_back(std::move(request));
  }
}

// VENDOR/CLASS=NAME: a device that its vendor describes to the engine.
bool isDescribedDevice(const std::string& source, const std::string& target) {
  return source == target && !source.starts_with('/') && source.find('/') < source.find('=') &&
         source.find('=') != std::string::npos;
}

void translateDevices(KeyReader& keys, Json& host) {
  std::vector<std::string> described;
  for (auto& device : keys.list("devices")) {
    const auto source = device.text("source");
    const auto target = device.has("target") ? device.text("target") : source;
    const auto permissions = device.has("permissions") ? device.text("permissions") : "rwm";
    device.leave({"target", "permissions"});
    device.end();
    if (isDescribedDevice(source, target))
      described.push_back(source);
    else
      host["Devices"].push_back(
          {{"PathOnHost", source}, {"PathInContainer", target}, {"CgroupPermissions", permissions}});
  }
  if (!described.empty())
    host["DeviceRequests"].push_back({{"Driver", "cdi"}, {"DeviceIDs", described}});
}

void translateUlimits(KeyReader keys, Json& host) {
  for (const auto& name : keys.keys()) {
    Json limit = {{"Name", name}};
    if (keys.take(name).is_object()) {
      auto both = keys.map(name);
      put(limit, "Soft", both.number("soft"));
      put(limit, "Hard", both.number("hard"));
      both.end();
    } else {
      put(limit, "Soft", keys.number(name));
      put(limit, "Hard", keys.number(name));
    }
    host["Ulimits"].push_back(std::move(limit));
  }
}

// What `deploy` says wins over the older keys.
void translateResources(KeyReader keys, Json& host) {
  auto limits = keys.map("limits");
  putProcessors(host, limits.real("cpus"));
  put(host, "Memory", limits.number("memory"));
  put(host, "PidsLimit", limits.number("pids"));
  limits.end();
  auto reservations = keys.map("reservations");
  put(host, "MemoryReservation", reservations.number("memory"));
  addDeviceRequests(reservations.list("devices"), nullptr, host);
  reservations.unheeded("cpus", "is heeded in a swarm alone");
  reservations.unheeded("pids", "is heeded in a swarm alone");
  reservations.unheeded("generic_resources", "are heeded in a swarm alone");
  reservations.end();
  keys.end();
}

} // namespace

void translateLimits(KeyReader& keys, ContainerDraft& draft) {
  translateProcessors(keys, draft.host);
  translateBlockDevices(keys.map("blkio_config"), draft.host);
  translateResources(keys.map("deploy").map("resources"), draft.host);
  translateDevices(keys, draft.host);
  addDeviceRequests(keys.list("gpus"), "gpu", draft.host);
  translateUlimits(keys.map("ulimits"), draft.host);
}

} // namespace ratdeck
