#include "core/runtime/docker/lock_image.h"

namespace ratdeck {

void LockImage::find(Callback<std::string> done) {
  m_copies.list([this, done = std::move(done)](Result<std::vector<InstanceInfo>> copies) {
    if (!copies)
      return done(failure(copies.error()));
    for (const InstanceInfo& copy : *copies)
      if (copy.state == InstanceState::Running && !copy.imageId.empty())
        return done(copy.imageId);
    std::vector<std::string> references;
    for (const auto& [name, service] : m_stack.services)
      if (!service.image.empty())
        references.push_back(service.image);
    findWanted(std::move(references), 0, done);
  });
}

void LockImage::findWanted(std::vector<std::string> references, std::size_t at, Callback<std::string> done) {
  if (references.empty())
    return done(failure(ErrorKind::Input, "no service of the stack has an image"));
  if (at == references.size())
    return pull(references.front(), std::move(done));
  const std::string reference = references[at];
  m_calls.add<DockerImage>(
      [&](auto answer) { return m_client.images.inspect(reference, std::move(answer)); },
      [this, references = std::move(references), at, done = std::move(done)](Result<DockerImage> image) {
        if (image)
          return done(image->id);
        if (image.error().kind != ErrorKind::NotFound)
          return done(failure(image.error()));
        findWanted(references, at + 1, done);
      });
}

void LockImage::pull(const std::string& reference, Callback<std::string> done) {
  m_catalog.resolve({reference}, [this, reference,
                                  done = std::move(done)](Result<ImageCatalog::Versions> versions) {
    if (!versions)
      return done(failure(versions.error()));
    const auto& version = versions->at(reference);
    if (!version)
      return done(failure(version.error()));
    m_keeper.prepare({wantedImage("lock", reference, *version)}, {}, [done](Result<ImageKeeper::Images> ids) {
      ids ? done(ids->at("lock")) : done(failure(ids.error()));
    });
  });
}

} // namespace ratdeck
