#include "core/remote/docker/docker_endpoint.h"

#include "core/base/digest.h"
#include "core/base/plain_text.h"
#include "core/remote/docker/docker_config.h"

#include <filesystem>

namespace ratdeck {

namespace {

const std::string defaultContext = "default"; // not in the store: DOCKER_HOST or the machine's own socket

using Environment = DockerEnvironment;

bool exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

Result<Json> readJson(const std::string& path) {
  auto json = readDockerConfig(path);
  if (!json && json.error().kind == ErrorKind::Input)
    json.error().next += ", or set DOCKER_HOST";
  return json;
}

// The three files lie together in one folder, as `docker context create` and dockerd's manual name them.
Result<HttpTls> readTlsFolder(const std::string& folder, bool needsAll, const std::string& origin) {
  HttpTls tls;
  const auto take = [&](std::string& file, const char* name) {
    if (const std::string path = folder + "/" + name; exists(path))
      file = path;
  };
  take(tls.caFile, "ca.pem");
  take(tls.certificateFile, "cert.pem");
  take(tls.keyFile, "key.pem");
  if (tls.certificateFile.empty() != tls.keyFile.empty() ||
      (needsAll && (tls.caFile.empty() || tls.keyFile.empty())))
    return failure(ErrorKind::NotFound, origin + " asks for TLS, and ca.pem, cert.pem or key.pem is missing",
                   "put the three files there", {folder});
  return tls;
}

bool isTcp(const DockerEndpoint& endpoint) {
  return endpoint.transport == DockerTransport::Tcp || endpoint.transport == DockerTransport::Tls;
}

// The same address once more, with the port that TLS has where none is written.
Result<DockerEndpoint> overTls(const std::string& host, DockerEndpoint endpoint, HttpTls tls) {
  auto secured = parseDockerHost("https" + host.substr(host.find("://")), endpoint.origin);
  if (secured)
    secured->tls = std::move(tls);
  return secured;
}

Result<DockerEndpoint> readVariables(const std::string& host, const std::string& origin,
                                     const Environment& environment) {
  auto endpoint = parseDockerHost(host, origin);
  const bool verifies = !valueOf(environment, "DOCKER_TLS_VERIFY").empty();
  if (!endpoint || !isTcp(*endpoint))
    return endpoint;
  if (!verifies && endpoint->transport == DockerTransport::Tcp && valueOf(environment, "DOCKER_TLS").empty())
    return endpoint;
  if (!verifies)
    return failure(
        ErrorKind::Refused, "TLS with " + endpoint->toString() + " would not verify the server",
        "set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH to the folder of ca.pem, cert.pem, key.pem");
  auto folder = valueOf(environment, "DOCKER_CERT_PATH");
  if (folder.empty())
    folder = dockerConfigFolder(environment);
  auto tls = readTlsFolder(folder, true, "DOCKER_TLS_VERIFY");
  if (!tls)
    return failure(tls.error());
  return overTls(host, std::move(*endpoint), std::move(*tls));
}

Result<DockerEndpoint> withContextsTls(const std::string& host, DockerEndpoint endpoint, const Json& docker,
                                       const std::string& folder) {
  if (!isTcp(endpoint))
    return endpoint;
  if (boolAt(docker, "SkipTLSVerify"))
    return failure(ErrorKind::Refused, endpoint.origin + " turns the verification of the server off",
                   "update the context with the authority's certificate and skip-tls-verify=false");
  if (!exists(folder) && endpoint.transport == DockerTransport::Tcp)
    return endpoint;
  auto tls = readTlsFolder(folder, false, endpoint.origin);
  if (!tls)
    return failure(tls.error());
  return overTls(host, std::move(endpoint), std::move(*tls));
}

// contexts/meta/ID/meta.json and contexts/tls/ID/docker/*.pem, ID being the SHA-256 of the context's name.
Result<DockerEndpoint> readContext(const std::string& name, const std::string& folder,
                                   const std::string& namedBy) {
  const std::string id = sha256(name);
  const std::string file = folder + "/contexts/meta/" + id + "/meta.json";
  const std::string origin = "the context \"" + plainText(name) + "\"";
  const auto meta = readJson(file);
  if (!meta && meta.error().kind == ErrorKind::NotFound)
    return failure(ErrorKind::NotFound, origin + ", which " + namedBy + " names, does not exist",
                   "see `docker context ls`, or set DOCKER_HOST", {file});
  if (!meta)
    return failure(meta.error());
  const Json& docker = memberAt(memberAt(*meta, "Endpoints"), "docker");
  const std::string host = textAt(docker, "Host");
  if (host.empty())
    return failure(ErrorKind::Input, origin + " has no Docker endpoint",
                   "update the context, or set DOCKER_HOST", {file});
  auto endpoint = parseDockerHost(host, origin);
  if (!endpoint) {
    endpoint.error().where = {file};
    return endpoint;
  }
  return withContextsTls(host, std::move(*endpoint), docker, folder + "/contexts/tls/" + id + "/docker");
}

DockerEndpoint machinesOwn(const Environment& environment, const std::string& defaultSocket) {
  DockerEndpoint endpoint;
  endpoint.origin = "the default";
  endpoint.socket = defaultSocket;
  const auto runtime = valueOf(environment, "XDG_RUNTIME_DIR");
  if (!runtime.empty() && !exists(endpoint.socket) && exists(runtime + "/docker.sock"))
    endpoint.socket = runtime + "/docker.sock";
  return endpoint;
}

struct ContextName {
  std::string name;
  std::string namedBy;
};

Result<ContextName> contextInUse(const Environment& environment, const std::string& folder) {
  if (auto name = valueOf(environment, "DOCKER_CONTEXT"); !name.empty())
    return ContextName{name, "DOCKER_CONTEXT"};
  if (folder.empty())
    return ContextName{defaultContext, {}};
  const auto config = readJson(folder + "/config.json");
  if (!config && config.error().kind == ErrorKind::NotFound)
    return ContextName{defaultContext, {}};
  if (!config)
    return failure(config.error());
  return ContextName{textAt(*config, "currentContext", defaultContext), folder + "/config.json"};
}

} // namespace

Result<DockerEndpoint> resolveDockerEndpoint(const Environment& environment,
                                             const std::string& defaultSocket) {
  if (const auto host = valueOf(environment, "DOCKER_HOST"); !host.empty())
    return readVariables(host, "DOCKER_HOST", environment);
  const auto folder = dockerConfigFolder(environment);
  const auto context = contextInUse(environment, folder);
  if (!context)
    return failure(context.error());
  if (context->name.empty() || context->name == defaultContext)
    return valueOf(environment, "DOCKER_TLS_VERIFY").empty()
               ? machinesOwn(environment, defaultSocket)
               : readVariables("tcp://localhost", "DOCKER_TLS_VERIFY", environment);
  return readContext(context->name, folder, context->namedBy);
}

} // namespace ratdeck
