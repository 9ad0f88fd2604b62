#include "core/runtime/docker/image_preparation.h"

#include "core/runtime/docker/image_tagging.h"

namespace ratdeck {

namespace {

// For each: look → (pull → look again) → tag. Each answer holds the preparation alive until the next.
struct Preparation : std::enable_shared_from_this<Preparation> {
  Preparation(DockerClient& to, DockerCallSet& set, const Clock& time)
      : docker(to), calls(set), clock(time) {}

  const WantedImage& now() const { return wanted[index]; }

  void look() {
    if (index == wanted.size())
      return done(images);
    auto parsed = parseDockerReference(now().reference);
    if (!parsed)
      return fail(parsed.error());
    reference = std::move(*parsed);
    if (now().id.empty() && now().digest.empty())
      return fail({ErrorKind::Input, "nothing says which image " + now().reference + " is to be", {}, {}});
    inspect(now().id.empty() ? byDigest() : now().id, &Preparation::onLooked);
  }

  void onLooked(const Result<DockerImage>& image) {
    if (image)
      return take(*image);
    if (image.error().kind != ErrorKind::NotFound)
      return fail(image.error());
    if (now().digest.empty())
      return fail({ErrorKind::NotFound,
                   "the Docker engine does not have the image " + now().id + ", which no registry has either",
                   "build it there anew, or bring it there with `docker load`",
                   {}});
    pull();
  }

  void pull() {
    meter = std::make_shared<PullMeter>(now().reference, clock);
    const auto onStep = [meter = meter, onProgress = onProgress](const DockerPullStep& step) {
      if (const auto due = meter->take(step); due && onProgress)
        onProgress(*due);
    };
    calls.add<DockerPull>(
        [&](auto answer) { return docker.images.pull(byDigest(), onStep, std::move(answer)); },
        [self = shared_from_this()](const Result<DockerPull>& pulled) { self->onPulled(pulled); });
  }

  void onPulled(const Result<DockerPull>& pulled) {
    if (!pulled)
      return fail(pulled.error());
    inspect(byDigest(), &Preparation::onPulledImage);
    if (onProgress)
      onProgress(meter->progress()); // may destroy the keeper
  }

  void onPulledImage(const Result<DockerImage>& image) {
    if (!image)
      return fail(image.error());
    take(*image);
  }

  void take(const DockerImage& image) {
    if (!now().id.empty() && image.id != now().id)
      return fail(
          {ErrorKind::Conflict, byDigest() + " is the image " + image.id + ", not " + now().id, {}, {}});
    images[now().service] = image.id;
    ensureImageTag(docker, calls, now().reference, image.id,
                   [self = shared_from_this()](const Result<std::string>& tagged) {
                     if (!tagged)
                       return self->fail(tagged.error());
                     ++self->index;
                     self->look();
                   });
  }

  void inspect(const std::string& name, void (Preparation::*next)(const Result<DockerImage>&)) {
    calls.add<DockerImage>(
        [&](auto answer) { return docker.images.inspect(name, std::move(answer)); },
        [self = shared_from_this(), next](const Result<DockerImage>& image) { ((*self).*next)(image); });
  }

  std::string byDigest() const { return reference.at(now().digest).toString(); }

  void fail(Error error) {
    error.message = "the image of " + now().service + ", " + now().reference + ": " + error.message;
    done(failure(std::move(error)));
  }

  DockerClient& docker;
  DockerCallSet& calls;
  const Clock& clock;
  std::vector<WantedImage> wanted;
  ImageKeeper::OnProgress onProgress;
  Callback<ImageKeeper::Images> done;
  std::size_t index = 0;
  DockerReference reference; // of now()
  std::shared_ptr<PullMeter> meter;
  ImageKeeper::Images images;
};

} // namespace

void prepareImages(DockerClient& docker, DockerCallSet& calls, Outbox& outbox, const Clock& clock,
                   std::vector<WantedImage> wanted, ImageKeeper::OnProgress onProgress,
                   Callback<ImageKeeper::Images> done) {
  const auto preparation = std::make_shared<Preparation>(docker, calls, clock);
  preparation->wanted = std::move(wanted);
  preparation->onProgress = std::move(onProgress);
  preparation->done = std::move(done);
  outbox.post([preparation] { preparation->look(); });
}

} // namespace ratdeck
