#include "core/spec/stack_spec.h"

#include "core/base/digest.h"

namespace ratdeck {

SourceLocation ServiceSpec::locationOf(const std::string& key) const {
  if (auto it = locations.find(key); it != locations.end())
    return it->second;
  auto it = locations.find("");
  return it == locations.end() ? SourceLocation{} : it->second;
}

void setImageId(ServiceSpec& service, const std::string& id) {
  service.imageId = id;
  if (service.normalised.is_object())
    service.normalised[imageIdKey] = id;
}

const ServiceSpec* StackSpec::find(const std::string& service) const {
  auto it = services.find(service);
  return it == services.end() ? nullptr : &it->second;
}

std::string specHash(const ServiceSpec& service, const std::string& key) {
  auto copy = service.normalised.is_object() ? service.normalised : Json::object();
  for (const char* key : {"deploy", "depends_on", "profiles", "x-ratdeck", "build", "scale", "environment",
                          imageIdKey, keptVolumesKey, keptFilesKey})
    copy.erase(key);
  if (const auto& limits = memberAt(memberAt(service.normalised, "deploy"), "resources"); !limits.is_null())
    copy["resources"] = limits;
  Json environment = Json::object();
  for (const auto& [name, value] : service.environment)
    environment[name] = hmacSha256(key, name + "=" + value.reveal());
  copy["environment"] = environment;
  copy["image"] = service.image;
  return sha256(dumpJson(copy));
}

std::string versionOf(const std::string& image) {
  if (auto at = image.find('@'); at != std::string::npos) {
    auto colon = image.find(':', at);
    return image.substr(colon == std::string::npos ? at + 1 : colon + 1, 12);
  }
  auto slash = image.rfind('/');
  auto colon = image.rfind(':');
  if (colon == std::string::npos || (slash != std::string::npos && colon < slash))
    return "latest";
  return image.substr(colon + 1);
}

} // namespace ratdeck
