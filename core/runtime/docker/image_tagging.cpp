#include "core/runtime/docker/image_tagging.h"

namespace ratdeck {

namespace {

// inspect the reference → (tag → inspect it again). Each answer holds the tagging alive until the next.
struct Tagging : std::enable_shared_from_this<Tagging> {
  using Next = void (Tagging::*)(const Result<DockerImage>&);

  Tagging(DockerClient& to, DockerCallSet& set, std::string name, std::string image,
          Callback<std::string> answer)
      : docker(to), calls(set), reference(std::move(name)), id(std::move(image)), done(std::move(answer)) {}

  void inspect(const std::string& name, Next next) {
    calls.add<DockerImage>(
        [&](auto answer) { return docker.images.inspect(name, std::move(answer)); },
        [self = shared_from_this(), next](const Result<DockerImage>& image) { ((*self).*next)(image); });
  }
  bool isMissing(const Result<DockerImage>& image) const {
    return !image && image.error().kind == ErrorKind::NotFound;
  }

  void begin() {
    const auto parsed = parseDockerReference(reference);
    isTag = parsed && !parsed->isDigest() && !isDockerImageId(reference);
    // With its tag, so that Docker takes no short name for the start of an id.
    inspect(isTag ? parsed->toString() : reference, &Tagging::onReference);
  }

  void onReference(const Result<DockerImage>& image) {
    if (image && image->id == id)
      return done(reference);
    if (!image && !isMissing(image))
      return done(failure(image.error()));
    if (!isTag && image)
      return done(failure(ErrorKind::Conflict, reference + " is the image " + image->id + ", not " + id));
    if (!isTag)
      return inspect(id, &Tagging::onId);
    calls.add<Done>([&](auto answer) { return docker.images.tag(id, reference, std::move(answer)); },
                    [self = shared_from_this()](const Result<Done>& tagged) { self->onTagged(tagged); });
  }

  // No tag can stand for a digest: where its name is gone, the image is still there under its id.
  void onId(const Result<DockerImage>& image) {
    if (image)
      return done(id);
    done(failure(isMissing(image) ? missing() : image.error()));
  }

  void onTagged(const Result<Done>& tagged) {
    if (!tagged)
      return done(failure(tagged.error().kind == ErrorKind::NotFound ? missing() : tagged.error()));
    inspect(parseDockerReference(reference)->toString(), &Tagging::onTaggedReference);
  }

  void onTaggedReference(const Result<DockerImage>& image) {
    if (!image)
      return done(failure(image.error()));
    if (image->id != id)
      return done(failure(ErrorKind::Conflict,
                          "somebody else has moved " + reference + " to the image " + image->id,
                          "see who builds or pulls it on the Docker host, and try again"));
    done(reference);
  }

  Error missing() const {
    return {ErrorKind::NotFound,
            "the Docker engine does not have the image " + id + " of " + reference + " any more",
            "pull it, or bring it there with `docker load`",
            {}};
  }

  DockerClient& docker;
  DockerCallSet& calls;
  std::string reference;
  std::string id;
  Callback<std::string> done;
  bool isTag = false;
};

} // namespace

void ensureImageTag(DockerClient& docker, DockerCallSet& calls, const std::string& reference,
                    const std::string& id, Callback<std::string> done) {
  std::make_shared<Tagging>(docker, calls, reference, id, std::move(done))->begin();
}

} // namespace ratdeck
