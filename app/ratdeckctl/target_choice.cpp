#include "app/ratdeckctl/target_choice.h"

#include "app/ratdeckctl/hint.h"
#include "app/ratdeckctl/stack_source.h"
#include "core/remote/docker/docker_endpoint.h"
#include "core/runtime/docker/docker_target.h"
#include "core/runtime/process/sandbox_target.h"

namespace ratdeck {

namespace {

template <class T>
Result<std::unique_ptr<StackTarget>> asTarget(Result<std::unique_ptr<T>> target) {
  if (!target)
    return failure(target.error());
  return std::unique_ptr<StackTarget>(std::move(*target));
}

std::string sandboxUp(const Options& options) {
  Options named;
  named.sandbox = options.sandbox;
  return commandLine(named, "sandbox up");
}

TargetChoice chooseSandbox(const Environment& environment, const Options& options, const StackSpec& stack) {
  const std::string folder = sandboxFolder(environment, options);
  TargetChoice choice;
  choice.key = {"sandbox", folder, {}, stack.project};
  choice.title = "the sandbox " + options.sandbox;
  choice.open = [folder, stack, title = choice.title,
                 up = sandboxUp(options)](const std::string&) -> Result<std::unique_ptr<StackTarget>> {
    auto target = openSandbox(folder, stack);
    if (!target && target.error().kind == ErrorKind::NotFound)
      return failure(ErrorKind::Unreachable, title + " is not up", "start it with `" + up + "`");
    return asTarget(std::move(target));
  };
  return choice;
}

// As the docker command would choose it; --context wins over the environment.
Result<DockerEndpoint> endpointOf(const Environment& environment, const Options& options) {
  auto variables = environment.variables;
  if (!options.context.empty()) {
    variables.erase("DOCKER_HOST");
    variables["DOCKER_CONTEXT"] = options.context;
  }
  return resolveDockerEndpoint(variables);
}

Result<TargetChoice> chooseDocker(const Environment& environment, const Options& options,
                                  const StackSpec& stack) {
  auto endpoint = endpointOf(environment, options);
  if (!endpoint)
    return failure(endpoint.error());
  TargetChoice choice;
  choice.key = {"docker", endpoint->toString(), {}, stack.project};
  choice.title = "Docker at " + endpoint->toString();
  DockerPlace place;
  place.endpoint = *endpoint;
  place.environment = environment.variables;
  place.relayProgram = environment.programFolder + "/ratdeck-relay";
  place.folder = environment.stateFolder + "/docker/" + shortHashOf(choice.key);
  choice.open = [place, stack](const std::string& store) {
    auto here = place;
    here.store = store;
    return asTarget(openDocker(here, stack));
  };
  return choice;
}

} // namespace

Result<TargetChoice> chooseTarget(const Environment& environment, const Options& options,
                                  const StackSpec& stack) {
  if (options.runtime == "sandbox")
    return chooseSandbox(environment, options, stack);
  if (options.runtime == "docker")
    return chooseDocker(environment, options, stack);
  return failure(ErrorKind::Refused, "this version has no runtime \"" + options.runtime + "\"",
                 "use --runtime sandbox or --runtime docker");
}

} // namespace ratdeck
