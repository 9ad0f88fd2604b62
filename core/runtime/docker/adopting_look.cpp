#include "core/runtime/docker/adopting_look.h"

#include "core/runtime/docker/container_copy.h"
#include "core/runtime/steps.h"

#include <tuple>

namespace ratdeck {

namespace {

bool comesBefore(const InstanceInfo& a, const InstanceInfo& b) {
  return std::tuple(a.state != InstanceState::Running, a.number, a.id) <
         std::tuple(b.state != InstanceState::Running, b.number, b.id);
}

std::map<std::string, const InstanceInfo*> chosenOf(const World& world) {
  std::map<std::string, const InstanceInfo*> chosen;
  for (const InstanceInfo& copy : world.instances)
    if (copy.revision == 0)
      if (auto& one = chosen[copy.service]; !one || comesBefore(copy, *one))
        one = &copy;
  return chosen;
}

} // namespace

void lookAtAdopted(DockerClient& client, const DockerCopies& copies, World& world, Callback<Done> done) {
  std::vector<Step> steps;
  for (const auto& [service, copy] : chosenOf(world)) {
    const DockerContainer* container = copies.inspected(copy->id);
    if (!container)
      continue;
    steps.push_back([&client, &world, service = service, container = *container](Callback<Done> next) {
      client.images.inspect(container.imageId, [&world, service, container,
                                                next = std::move(next)](Result<DockerImage> image) {
        if (!image && image.error().kind != ErrorKind::NotFound)
          return next(failure(image.error()));
        world.adopted[service] = copiedService(service, container, image ? image->config : Json::object());
        next(Done{});
      });
    });
  }
  runSteps(std::move(steps), std::move(done));
}

} // namespace ratdeck
