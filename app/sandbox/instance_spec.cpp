#include "app/sandbox/instance_spec.h"

#include <algorithm>

namespace ratdeck::sandbox {

namespace {

constexpr size_t longestId = 128;
constexpr size_t shownDigest = 12;

bool isPlainName(const std::string& id) {
  return !id.empty() && id.size() <= longestId && id.front() != '.' &&
         std::all_of(id.begin(), id.end(),
                     [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-' || c == '.'; });
}

RestartPolicy readRestart(const std::string& text) {
  using When = RestartPolicy::When;
  if (text == "always" || text == "unless-stopped")
    return {When::Always, 0};
  if (text.starts_with("on-failure"))
    return {When::OnFailure, text.size() > 11 ? std::atoi(text.c_str() + 11) : 0};
  return {};
}

} // namespace

std::string InstanceSpec::version() const {
  if (auto at = image.find('@'); at != image.npos) {
    auto digest = image.substr(image.find(':', at) == image.npos ? at + 1 : image.find(':', at) + 1);
    return digest.substr(0, shownDigest);
  }
  auto colon = image.rfind(':');
  bool isTag = colon != image.npos && image.find('/', colon) == image.npos;
  return isTag && colon + 1 < image.size() ? image.substr(colon + 1) : "latest";
}

Result<InstanceSpec> readInstanceSpec(const std::string& id, const std::string& body) {
  auto json = parseJson(body);
  if (!json)
    return failure(json.error());
  if (!json->is_object())
    return failure(ErrorKind::Input, "an instance is a JSON object");
  if (!isPlainName(id))
    return failure(ErrorKind::Input, "\"" + id + "\" is no id",
                   "use letters, digits, '_', '-' and '.', at most 128");
  InstanceSpec spec;
  spec.id = id;
  spec.service = textAt(*json, "service");
  spec.image = textAt(*json, "image");
  spec.plays = textAt(*json, "plays", spec.service);
  spec.address = textAt(*json, "address");
  spec.restart = readRestart(textAt(*json, "restart"));
  spec.isOneShot = boolAt(*json, "one_shot");
  if (spec.service.empty() || spec.address.empty())
    return failure(ErrorKind::Input, "an instance needs a service and an address");
  for (const auto& port : memberAt(*json, "ports")) {
    auto number = port.is_number_integer() ? port.get<long long>() : 0;
    if (number < 1 || number > 65535)
      return failure(ErrorKind::Input, "a port is a number from 1 to 65535");
    spec.ports.push_back(static_cast<std::uint16_t>(number));
  }
  for (const auto& [name, value] : memberAt(*json, "environment").items()) {
    if (!value.is_string() && !value.is_null())
      return failure(ErrorKind::Input, "the environment's " + name + " is no text");
    if (value.is_string())
      spec.environment[name] = value.get<std::string>();
  }
  spec.runsCommands = boolAt(*json, "runs_commands");
  for (const auto& word : memberAt(*json, "command"))
    if (word.is_string())
      spec.command.push_back(word.get<std::string>());
  spec.shown = std::move(*json);
  spec.shown.erase("environment");
  spec.shown.erase("command");
  return spec;
}

} // namespace ratdeck::sandbox
