#include "core/remote/docker/registry_error.h"

#include <initializer_list>

namespace ratdeck {

namespace {

bool says(const std::string& text, std::initializer_list<const char*> parts) {
  for (const char* part : parts)
    if (text.find(part) != std::string::npos)
      return true;
  return false;
}

bool isOfTheEngine(ErrorKind kind) {
  return kind == ErrorKind::Unreachable || kind == ErrorKind::Input || kind == ErrorKind::Conflict ||
         kind == ErrorKind::Cancelled || kind == ErrorKind::Usage;
}

Error refusal(Error error, const std::string& registry, const std::string& credentials) {
  // A registry that hides what it does not show.
  const bool mayBeMissing =
      says(error.message, {"does not exist or may require", "access to the resource is denied"});
  error.kind = ErrorKind::Refused;
  if (!credentials.empty())
    error.message += "; no credentials were sent: " + credentials;
  error.next = std::string(mayBeMissing ? "check the image's name, or " : "") + "run `docker login" +
               (registry == "docker.io" ? "" : " " + registry) + "`";
  return error;
}

} // namespace

Error registryError(Error error, const std::string& registry, const std::string& credentials) {
  if (isOfTheEngine(error.kind))
    return error;
  const std::string& words = error.message;
  if (says(words, {"Docker says (401)", "Docker says (403)", "unauthorized", "authentication required",
                   "access denied", "access to the resource is denied", "no basic auth"}))
    return refusal(std::move(error), registry, credentials);
  if (says(words, {"toomanyrequests"})) {
    error.next = "wait, or run `docker login`";
  } else if (says(words, {"not found", "manifest unknown", "name unknown"})) {
    error.kind = ErrorKind::NotFound;
    error.next = "check the image's name and tag";
  } else if (isRegistrySilent(error)) {
    error.next = "check that the Docker host reaches the registry " + registry;
  }
  return error;
}

bool isRegistrySilent(const Error& error) {
  return error.kind == ErrorKind::Timeout ||
         (error.kind == ErrorKind::Internal &&
          says(error.message, {"connection refused", "no such host", "i/o timeout", "TLS", "x509", "EOF",
                               "deadline exceeded", "Client.Timeout", "unreachable", "no route to host",
                               "server misbehaving", "HTTPS client", "unexpected HTTP status"}));
}

} // namespace ratdeck
