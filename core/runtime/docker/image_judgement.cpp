#include "core/runtime/docker/image_judgement.h"

#include <algorithm>

namespace ratdeck {

namespace {

std::string shown(const DockerPlatform& platform) {
  return platform.os + "/" + platform.architecture;
}

bool isKnown(const DockerPlatform& platform) {
  return !platform.os.empty() && !platform.architecture.empty();
}

void add(std::string& trouble, const std::string& words) {
  trouble += (trouble.empty() ? "" : "; ") + words;
}

// The manifest digests that the image has in the reference's own repository.
std::vector<std::string> ownDigests(const ImageFindings& findings) {
  std::vector<std::string> digests;
  for (const std::string& text : findings.local->repoDigests)
    if (const auto digest = parseDockerReference(text);
        digest && digest->familiarName() == findings.parsed.familiarName())
      digests.push_back(digest->tag);
  return digests;
}

void tellPlatform(ImageVersion& version, const ImageFindings& findings, const DockerPlatform& image) {
  version.os = image.os;
  version.architecture = image.architecture;
  if (isKnown(image) && isKnown(findings.engine) && image != findings.engine)
    add(version.trouble, findings.reference + " is made for " + shown(image) + ", and the engine is " +
                             shown(findings.engine));
}

// What the registry offers where nothing is there yet: fine if one platform fits.
void tellOffer(ImageVersion& version, const ImageFindings& findings,
               const std::vector<DockerPlatform>& offer) {
  const auto fits = [&](const DockerPlatform& platform) {
    return platform == findings.engine;
  };
  if (offer.size() == 1)
    tellPlatform(version, findings, offer.front());
  else if (!offer.empty() && std::none_of(offer.begin(), offer.end(), fits))
    add(version.trouble, findings.reference + " is not made for the engine's " + shown(findings.engine));
}

Error neitherHas(const ImageFindings& findings) {
  return {ErrorKind::NotFound,
          "neither the Docker engine nor the registry " + findings.parsed.registry() + " has " +
              findings.reference,
          "check the image's name and tag, or bring it there with `docker load`",
          {}};
}

Error onlyTheRegistry(const ImageFindings& findings, const Error& error) {
  const bool isRefused = error.kind == ErrorKind::Refused;
  return {isRefused ? ErrorKind::Refused : ErrorKind::Internal,
          "the Docker engine does not have " + findings.reference + ", and its registry " +
              (isRefused ? "refuses it: " : "cannot be asked: ") + error.message,
          error.next.empty() ? "bring it there with `docker load`" : error.next,
          {}};
}

std::string whyLocal(const ImageFindings& findings, const Error& error) {
  const std::string registry = "the registry " + findings.parsed.registry();
  if (error.kind == ErrorKind::NotFound)
    return registry + " does not have " + findings.reference + "; the one on the engine is used";
  return registry + (error.kind == ErrorKind::Refused ? " refuses " : " could not be asked for ") +
         findings.reference + " (" + error.toString() + "); the one on the engine is used";
}

} // namespace

bool ImageFindings::areComplete() const {
  return isDockerImageId(reference) || (local && (parsed.isDigest() || ownDigests(*this).empty()));
}

ImageVersion localVersion(const ImageFindings& findings) {
  ImageVersion version;
  version.id = findings.local->id;
  version.isLocalOnly = isDockerImageId(findings.reference) || ownDigests(findings).empty();
  if (findings.parsed.isDigest())
    version.digest = findings.parsed.tag;
  tellPlatform(version, findings, {findings.local->os, findings.local->architecture});
  return version;
}

Result<ImageVersion> judgeImage(const ImageFindings& findings, const Result<DockerDistribution>& registry) {
  const bool isEngineAway = !registry && registry.error().kind == ErrorKind::Unreachable;
  if (isEngineAway)
    return failure(registry.error());
  if (!findings.local && !registry)
    return failure(registry.error().kind == ErrorKind::NotFound
                       ? neitherHas(findings)
                       : onlyTheRegistry(findings, registry.error()));
  ImageVersion version = findings.local ? localVersion(findings) : ImageVersion();
  if (!registry) {
    add(version.trouble, whyLocal(findings, registry.error()));
    return version;
  }
  version.digest = registry->digest;
  if (!findings.local) {
    tellOffer(version, findings, registry->platforms);
    return version;
  }
  const auto digests = ownDigests(findings);
  version.isMoved = std::find(digests.begin(), digests.end(), version.digest) == digests.end();
  return version;
}

} // namespace ratdeck
