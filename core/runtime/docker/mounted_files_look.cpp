#include "core/runtime/docker/mounted_files_look.h"

#include "core/runtime/steps.h"

namespace ratdeck {

namespace {

// Why it cannot be kept; "" if it can, or is no file at all.
std::string whyNotKept(const Result<DockerPathInfo>& info) {
  if (!info)
    return "cannot be read: " + info.error().message;
  const bool isTooLarge = info->isRegular && info->size > static_cast<long long>(largestDockerFile);
  return isTooLarge ? "is larger than 1 MiB" : "";
}

} // namespace

void lookAtMountedFiles(DockerClient& client, const DockerCopies& copies, World& world, Callback<Done> done) {
  std::vector<Step> steps;
  std::set<std::string> seen;
  for (const InstanceInfo& copy : world.instances) {
    const DockerContainer* container = copies.inspected(copy.id);
    if (copy.state != InstanceState::Running || !container || !seen.insert(copy.service).second)
      continue;
    for (const Json& mount : memberAt(container->raw, "Mounts"))
      if (textAt(mount, "Type") == "bind")
        steps.push_back([&client, &world, id = container->id, service = copy.service,
                         source = textAt(mount, "Source"),
                         target = textAt(mount, "Destination")](Callback<Done> next) {
          client.files.look(id, target, [&world, service, source, next](Result<DockerPathInfo> info) {
            if (!info &&
                (info.error().kind == ErrorKind::Unreachable || info.error().kind == ErrorKind::Timeout))
              return next(failure(info.error()));
            if (const auto why = whyNotKept(info); !why.empty())
              world.unkeptFiles[service].push_back(source + " " + why);
            next(Done{});
          });
        });
  }
  runSteps(std::move(steps), std::move(done));
}

} // namespace ratdeck
