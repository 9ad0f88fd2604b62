// Makes the images of a rollout ready before its first change, and keeps those that are needed from going
// away.
//
// In this order: pin() what runs now, since pulling takes a moved tag away from it; prepare() what is about
// to run; pin() that too; and ensureTag() before each container is created, since anybody may move a tag
// meanwhile. unpin() when a revision is not kept any more. No registry is asked for an image that is there.
#pragma once

#include "core/remote/outbox.h"
#include "core/runtime/docker/image_catalog.h"
#include "core/runtime/docker/pull_meter.h"

#include <set>

namespace ratdeck {

// The image that a service is to run.
struct WantedImage {
  std::string service;
  std::string reference; // as the service names it
  std::string id;        // "sha256:…" that it must be; "": what digest leads to
  std::string digest;    // manifest it is pulled by if it is not there; "": it is never pulled
};

// What a service wants whose reference stands for this: what the registry has where it has moved on, else
// what is there.
WantedImage wantedImage(const std::string& service, const std::string& reference,
                        const ImageVersion& version);

struct ImagePin {
  std::string service;
  int revision = 0;
  std::string id;
};

class ImageKeeper {
public:
  using Images = std::map<std::string, std::string>; // image ids by service
  using OnProgress = std::function<void(const PullProgress&)>;

  // `docker` and `clock` must outlive this. Destroying it drops what is under way; a pull ends with it.
  // `store`: the id of the revision store whose revisions are pinned.
  ImageKeeper(DockerClient& docker, const Clock& clock, std::string project, std::string store);

  // One after the other: pulls what is not there, makes the reference lead to it, and answers with the
  // images' ids. `onProgress` (may be empty) hears of the pulls, once a second at most, and of each one's
  // end. The first that fails ends it; what was pulled stays. Errors, each naming the service: Input (nothing
  // says which image), NotFound (neither there nor to be pulled), Refused (by the registry), Conflict
  // (another image than the expected one came, the tag was moved by somebody else), Internal (the registry
  // does not answer), Unreachable and Timeout (the engine).
  void prepare(std::vector<WantedImage> wanted, OnProgress onProgress, Callback<Images> done);

  // Gives each image a tag of ours, so that neither a prune nor a moved tag takes it. A pin of the same
  // service and revision is moved. Errors: NotFound (no such image), Unreachable …; those before it are
  // pinned then.
  void pin(const std::vector<ImagePin>& pins, Callback<Done> done);
  // Removes our tags of this project whose revision is none of these, and with its last tag an image. One
  // that a container still needs keeps its tag until another time.
  void unpin(std::set<int> keptRevisions, Callback<Done> done);

  // Makes the reference lead to the image, putting it back where it has moved, and answers with what a
  // container is to be created from: the reference, or the id where the reference is a digest whose name is
  // gone. Errors: NotFound (the image is gone), Conflict (somebody moves the tag at the same time; a digest
  // or id is another image).
  void ensureTag(const std::string& reference, const std::string& id, Callback<std::string> done);

private:
  DockerClient& m_docker;
  const Clock& m_clock;
  std::string m_project, m_store;
  DockerCallSet m_calls;
  Outbox m_outbox;
};

} // namespace ratdeck
