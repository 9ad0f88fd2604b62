#include "core/runtime/once_spec.h"

namespace ratdeck {

namespace {

// In the terms of Compose.
void strip(Json& service, const std::vector<std::string>& argv) {
  for (const char* key : {"container_name", "ports", "expose", "deploy", "scale", "post_start", "pre_stop",
                          "healthcheck", keptVolumesKey})
    service.erase(key);
  service["command"] = argv;
  service["restart"] = "no";
  service["healthcheck"] = {{"disable", true}};
  if (service.contains("networks") && service["networks"].is_object())
    for (Json& network : service["networks"])
      if (network.is_object())
        for (const char* key : {"aliases", "ipv4_address", "ipv6_address", "mac_address"})
          network.erase(key);
}

// In the terms of Docker's API.
void stripAdopted(Json& adopted, const std::vector<std::string>& argv) {
  if (!memberAt(adopted, "body").is_object())
    return;
  Json& body = adopted["body"];
  body["Cmd"] = argv;
  body["Healthcheck"] = {{"Test", {"NONE"}}};
  if (memberAt(body, "HostConfig").is_object()) {
    for (const char* key : {"PortBindings", "PublishAllPorts"})
      body["HostConfig"].erase(key);
    body["HostConfig"]["RestartPolicy"] = {{"Name", "no"}};
  }
  if (adopted.contains("networks") && adopted["networks"].is_object())
    for (Json& endpoint : adopted["networks"])
      if (endpoint.is_object())
        for (const char* key : {"Aliases", "IPAMConfig", "MacAddress"})
          endpoint.erase(key);
}

} // namespace

ServiceSpec onceSpec(const ServiceSpec& service, const std::vector<std::string>& argv) {
  auto once = service;
  once.containerName.clear();
  once.ports.clear();
  once.expose.clear();
  once.restart = "no";
  once.healthCheck.reset();
  once.replicas = 1;
  once.isOneShot = true;
  if (once.normalised.is_object())
    strip(once.normalised, argv);
  if (once.normalised.contains(adoptedContainerKey))
    stripAdopted(once.normalised[adoptedContainerKey], argv);
  return once;
}

} // namespace ratdeck
