#include "core/runtime/docker/image_keeper.h"

#include "core/runtime/docker/image_preparation.h"
#include "core/runtime/docker/image_tagging.h"
#include "core/runtime/docker/keep_tag.h"

namespace ratdeck {

namespace {

// Calls that answer nothing, one after the other. Each answer holds the chain alive until the next.
struct Chain : std::enable_shared_from_this<Chain> {
  using Step = std::function<CallId(Answer<Done>)>;

  Chain(DockerCallSet& set, std::vector<Step> all, Callback<Done> answer)
      : calls(set), steps(std::move(all)), done(std::move(answer)) {}

  void next() {
    if (index == steps.size())
      return done(Done{});
    calls.add<Done>(steps[index++], [self = shared_from_this()](const Result<Done>& result) {
      if (!result && !self->isFine(result.error()))
        return self->done(failure(result.error()));
      self->next();
    });
  }

  DockerCallSet& calls;
  std::vector<Step> steps;
  Callback<Done> done;
  bool (*isFine)(const Error&) = [](const Error&) {
    return false;
  };
  std::size_t index = 0;
};

bool isInUse(const Error& error) {
  return error.kind == ErrorKind::Conflict;
}

} // namespace

WantedImage wantedImage(const std::string& service, const std::string& reference,
                        const ImageVersion& version) {
  return {service, reference, version.isMoved ? std::string() : version.id, version.digest};
}

ImageKeeper::ImageKeeper(DockerClient& docker, const Clock& clock, std::string project, std::string store)
    : m_docker(docker), m_clock(clock), m_project(std::move(project)), m_store(std::move(store)),
      m_calls(docker.connection) {}

void ImageKeeper::prepare(std::vector<WantedImage> wanted, OnProgress onProgress, Callback<Images> done) {
  prepareImages(m_docker, m_calls, m_outbox, m_clock, std::move(wanted), std::move(onProgress),
                std::move(done));
}

void ImageKeeper::pin(const std::vector<ImagePin>& pins, Callback<Done> done) {
  std::vector<Chain::Step> steps;
  for (const ImagePin& pin : pins)
    steps.push_back([this, id = pin.id, tag = keepTag(m_project, m_store, pin.service, pin.revision)](
                        auto answer) { return m_docker.images.tag(id, tag, std::move(answer)); });
  const auto chain = std::make_shared<Chain>(m_calls, std::move(steps), std::move(done));
  m_outbox.post([chain] { chain->next(); });
}

void ImageKeeper::unpin(std::set<int> keptRevisions, Callback<Done> done) {
  const auto onListed = [this, kept = std::move(keptRevisions),
                         done](const Result<std::vector<DockerImageSummary>>& images) {
    if (!images)
      return done(failure(images.error()));
    std::vector<Chain::Step> steps;
    for (const DockerImageSummary& image : *images)
      for (const std::string& tag : image.tags)
        if (const auto revision = keptRevision(m_project, m_store, tag);
            revision && kept.count(*revision) == 0)
          steps.push_back(
              [this, tag](auto answer) { return m_docker.images.removeTag(tag, std::move(answer)); });
    const auto chain = std::make_shared<Chain>(m_calls, std::move(steps), done);
    chain->isFine = &isInUse;
    chain->next();
  };
  m_calls.add<std::vector<DockerImageSummary>>(
      [this](auto answer) { return m_docker.images.list(keepPattern(m_project), std::move(answer)); },
      onListed);
}

void ImageKeeper::ensureTag(const std::string& reference, const std::string& id, Callback<std::string> done) {
  ensureImageTag(m_docker, m_calls, reference, id, std::move(done));
}

} // namespace ratdeck
