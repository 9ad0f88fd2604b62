#include "core/runtime/docker/image_catalog.h"

#include "core/remote/docker/registry_error.h"
#include "core/runtime/docker/image_judgement.h"

#include <deque>
#include <set>

namespace ratdeck {

namespace {

constexpr int mostAtOnce = 4;

// One resolve(). The answers of its calls hold it alive.
struct Resolution : std::enable_shared_from_this<Resolution> {
  Resolution(DockerClient& to, DockerCallSet& set, Callback<ImageCatalog::Versions> answer)
      : docker(to), calls(set), done(std::move(answer)) {}

  void begin() {
    calls.add<DockerVersion>([this](auto answer) { return docker.system.version(std::move(answer)); },
                             [self = shared_from_this()](const Result<DockerVersion>& version) {
                               if (!version)
                                 return self->done(failure(version.error()));
                               self->engine = {version->os, version->architecture};
                               self->startMore();
                             });
  }

  void startMore() {
    while (underWay < mostAtOnce && !waiting.empty()) {
      const std::string reference = std::move(waiting.front());
      waiting.pop_front();
      auto parsed = parseDockerReference(reference);
      if (parsed)
        askEngine({reference, std::move(*parsed), std::nullopt, engine});
      else
        versions.insert_or_assign(reference, failure(parsed.error()));
    }
    if (underWay == 0)
      done(std::move(versions)); // may destroy the catalog
  }

  void askEngine(ImageFindings findings) {
    ++underWay;
    const bool isId = isDockerImageId(findings.reference);
    const auto name = isId ? findings.reference : findings.parsed.toString();
    calls.add<DockerImage>([&](auto answer) { return docker.images.inspect(name, std::move(answer)); },
                           [self = shared_from_this(), findings](Result<DockerImage> image) {
                             self->onEngine(findings, std::move(image));
                           });
  }

  void onEngine(ImageFindings findings, Result<DockerImage> image) {
    if (!image && image.error().kind != ErrorKind::NotFound)
      return settle(findings, failure(image.error()));
    if (image)
      findings.local = std::move(*image);
    else if (isDockerImageId(findings.reference))
      return settle(findings,
                    failure(ErrorKind::NotFound, "the Docker engine has no image " + findings.reference,
                            "bring it there with `docker load`, or name it by its tag"));
    if (findings.areComplete())
      return settle(findings, localVersion(findings));
    if (const auto known = silent.find(findings.parsed.registry()); known != silent.end())
      return settle(findings, judgeImage(findings, failure(known->second)));
    askRegistry(findings);
  }

  void askRegistry(const ImageFindings& findings) {
    const auto name = findings.parsed.toString();
    calls.add<DockerDistribution>(
        [&](auto answer) { return docker.images.lookUp(name, std::move(answer)); },
        [self = shared_from_this(), findings](const Result<DockerDistribution>& found) {
          if (!found && isRegistrySilent(found.error()))
            self->silent.emplace(findings.parsed.registry(), found.error());
          self->settle(findings, judgeImage(findings, found));
        });
  }

  void settle(const ImageFindings& findings, Result<ImageVersion> version) {
    versions.insert_or_assign(findings.reference, std::move(version));
    --underWay;
    startMore();
  }

  DockerClient& docker;
  DockerCallSet& calls;
  Callback<ImageCatalog::Versions> done;
  DockerPlatform engine;
  std::deque<std::string> waiting;
  int underWay = 0;
  ImageCatalog::Versions versions;
  std::map<std::string, Error> silent; // registries that did not answer
};

} // namespace

void ImageCatalog::resolve(const std::vector<std::string>& references, Callback<Versions> done) {
  const auto resolution = std::make_shared<Resolution>(m_docker, m_calls, std::move(done));
  const std::set<std::string> distinct(references.begin(), references.end());
  resolution->waiting.assign(distinct.begin(), distinct.end());
  resolution->begin();
}

} // namespace ratdeck
