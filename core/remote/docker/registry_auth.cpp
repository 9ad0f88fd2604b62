#include "core/remote/docker/registry_auth.h"

#include "core/base/plain_text.h"
#include "core/remote/docker/docker_answer.h"

#include <QByteArray>

namespace ratdeck {

namespace {

const std::string hub = "docker.io";
const std::string hubKey = "https://index.docker.io/v1/";

// The registry that a key of config.json is for.
std::string registryOf(std::string key) {
  if (const auto scheme = key.find("://"); scheme != std::string::npos)
    key.erase(0, scheme + 3);
  key.resize(std::min(key.find('/'), key.size()));
  return key == "index.docker.io" || key == "registry-1.docker.io" ? hub : key;
}

// The member of the object whose key is for the registry; the exact key first. Null if there is none.
const Json& entryFor(const Json& object, const std::string& registry) {
  static const Json none;
  if (const auto found = object.find(registryKey(registry)); found != object.end())
    return *found;
  for (const auto& [key, value] : object.items())
    if (registryOf(key) == registry)
      return value;
  return none;
}

bool isHelperName(const std::string& name) {
  return name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
         std::string::npos;
}

std::optional<RegistryAuth> unlessEmpty(RegistryAuth auth) {
  if (auth.password.isEmpty() && auth.identityToken.isEmpty() && auth.registryToken.isEmpty())
    return std::nullopt;
  return auth;
}

} // namespace

std::string registryKey(const std::string& registry) {
  return registry == hub ? hubKey : registry;
}

Result<std::string> credentialHelperFor(const Json& config, const std::string& registry) {
  const Json& own = entryFor(dockerObjectAt(config, "credHelpers"), registry);
  const auto name = own.is_string() ? own.get<std::string>() : textAt(config, "credsStore");
  if (!isHelperName(name))
    return failure(ErrorKind::Input, "not the name of a credential helper: \"" + plainText(name) + "\"");
  return name;
}

Result<std::optional<RegistryAuth>> readRegistryAuth(const Json& config, const std::string& registry) {
  const Json& entry = entryFor(dockerObjectAt(config, "auths"), registry);
  RegistryAuth auth{textAt(entry, "username"), Secret(textAt(entry, "password")),
                    Secret(textAt(entry, "identitytoken")), Secret(textAt(entry, "registrytoken"))};
  if (const auto encoded = textAt(entry, "auth"); !encoded.empty()) {
    const auto decoded = QByteArray::fromBase64Encoding(QByteArray::fromStdString(encoded),
                                                        QByteArray::AbortOnBase64DecodingErrors);
    const auto colon = decoded ? decoded.decoded.indexOf(':') : -1;
    if (colon <= 0)
      return failure(ErrorKind::Input,
                     "the \"auth\" of " + plainText(registry) + " is not base64 of USER:PASSWORD");
    auth.user = decoded.decoded.left(colon).toStdString();
    std::string password = decoded.decoded.mid(colon + 1).toStdString();
    password.erase(password.find_last_not_of('\0') + 1); // older versions of docker filled it up
    auth.password = Secret(std::move(password));
  }
  return unlessEmpty(std::move(auth));
}

Result<std::optional<RegistryAuth>> readHelperAnswer(const std::string& output) {
  const auto json = parseJson(output);
  if (!json || !json->is_object())
    return failure(ErrorKind::Input, "it printed no JSON object");
  RegistryAuth auth;
  const auto user = textAt(*json, "Username");
  Secret secret(textAt(*json, "Secret"));
  if (user == "<token>") {
    auth.identityToken = std::move(secret);
  } else {
    auth.user = user;
    auth.password = std::move(secret);
  }
  return unlessEmpty(std::move(auth));
}

Secret toRegistryHeader(const RegistryAuth& auth, const std::string& registry) {
  Json json = {{"serveraddress", registryKey(registry)}};
  const auto put = [&](const char* key, const std::string& value) {
    if (!value.empty())
      json[key] = value;
  };
  put("username", auth.user);
  put("password", auth.password.reveal());
  put("identitytoken", auth.identityToken.reveal());
  put("registrytoken", auth.registryToken.reveal());
  return Secret(
      QByteArray::fromStdString(dumpJson(json)).toBase64(QByteArray::Base64UrlEncoding).toStdString());
}

} // namespace ratdeck
