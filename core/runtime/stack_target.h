// One stack at one target, whatever the runtime: what a rollout acts through, and how it is looked at and
// made ready. Made and used on one thread, since it holds sockets and timers; destroying it cancels what is
// under way.
#pragma once

#include "core/runtime/runtime.h"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace ratdeck {

// What a rollout is about to start.
struct Preparation {
  std::vector<ServiceSpec> coming;
  int revision = 0;
  std::set<int> keptRevisions; // this one and those before it whose images are to stay
};

// A file of the host that a service mounts, as a revision keeps it.
struct MountedFile {
  std::string service;
  std::string source; // on the host
  unsigned mode = 0644;
  unsigned user = 0, group = 0;
  Secret content;
};

class StackTarget {
public:
  virtual ~StackTarget() = default;

  // Valid while this object lives.
  virtual Target target() = 0;
  // One look at what runs: the copies with their routing, and for each running copy whether its own checks
  // (its healthcheck and the stack's further gates, each asked once) pass. Changes nothing. Errors:
  // Unreachable, Timeout, Internal.
  virtual void observe(Callback<World> done) = 0;

  // Before the first change of any service: images are there and pinned, networks and volumes made. Answers,
  // by service, with the id of the image that its copies will be of; a target without images answers with
  // nothing. `onStep`: a line for people now and then. Repeating it does no harm. Errors: NotFound (an image
  // that cannot be had), Refused, Unreachable, Timeout.
  virtual void prepare(const Preparation& preparation, std::function<void(const std::string&)> onStep,
                       Callback<std::map<std::string, std::string>> done) = 0;

  // The regular files, of 1 MiB at most, that these services of the stack mount from the host, as they are
  // now; after prepare(). What cannot be read is left out. A target that mounts none answers with nothing.
  virtual void readMountedFiles(const StackSpec& stack, const std::set<std::string>& services,
                                Callback<std::vector<MountedFile>> done) = 0;

  // Nothing more will be asked: what stands at the target only to be asked through may go. Never fails; what
  // does not hear of it goes by itself.
  virtual void leave(Callback<Done> done) { done(Done{}); }
};

using MakeTarget = std::function<Result<std::unique_ptr<StackTarget>>()>;

} // namespace ratdeck
