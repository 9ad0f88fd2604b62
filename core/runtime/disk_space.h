// Whether there is room on a disk for what a rollout is about to bring. Pure, but for diskSpaceAt.
#pragma once

#include "core/spec/world.h"

#include <optional>
#include <string>

namespace ratdeck {

struct DiskSpace {
  std::string path;
  long long free = 0; // bytes, for those who are not root
};

// Of the file system that holds the folder on this machine (statvfs); nothing where it cannot be asked.
std::optional<DiskSpace> diskSpaceAt(const std::string& path);

// What is about to be written there.
struct DiskNeed {
  int images = 0;      // to be pulled
  long long bytes = 0; // of them, as far as it is known: as much as what they replace takes
  int unknown = 0;     // images of which nothing is known, since nothing of the kind runs
};

// For the plan: "5.1 GB free at /var/lib/docker; 2 images are to be pulled, about 1.2 GB".
TargetCheck diskCheck(const DiskSpace& space, const DiskNeed& need);
// "not measured: how much is free at FOLDER; WHY".
TargetCheck unknownDisk(const std::string& folder, const std::string& why);
// disk-full (blocks: less than 64 MiB are free) or disk-space (warns: less than what is known to be needed);
// nothing where there is room.
std::optional<TargetFinding> diskFinding(const DiskSpace& space, const DiskNeed& need);

} // namespace ratdeck
