#include "core/runtime/disk_space.h"

#include <array>
#include <cstdio>
#include <sys/statvfs.h>

namespace ratdeck {

namespace {

constexpr long long leastFree = 64ll << 20; // bytes: logs, journals and layers of containers need some

std::string sizeText(long long bytes) {
  const double megabytes = static_cast<double>(bytes) / 1e6;
  std::array<char, 32> text{};
  if (megabytes < 1000)
    std::snprintf(text.data(), text.size(), "%.0f MB", megabytes);
  else
    std::snprintf(text.data(), text.size(), "%.1f GB", megabytes / 1000);
  return text.data();
}

std::string needText(const DiskNeed& need) {
  if (need.images == 0)
    return {};
  std::string text =
      need.images == 1 ? "1 image is to be pulled" : std::to_string(need.images) + " images are to be pulled";
  if (need.bytes > 0)
    text += ", about " + sizeText(need.bytes) + " going by what they replace";
  if (need.unknown > 0)
    text += need.bytes > 0 ? "; the size of " + std::to_string(need.unknown) + " is not known"
                           : ", and no registry tells how large before it sends";
  return text;
}

} // namespace

std::optional<DiskSpace> diskSpaceAt(const std::string& path) {
  struct statvfs info {};
  if (path.empty() || ::statvfs(path.c_str(), &info) != 0)
    return {};
  return DiskSpace{path, static_cast<long long>(info.f_bavail) * static_cast<long long>(info.f_frsize)};
}

TargetCheck diskCheck(const DiskSpace& space, const DiskNeed& need) {
  const auto needed = needText(need);
  return {"disk", sizeText(space.free) + " free at " + space.path + (needed.empty() ? "" : "; " + needed)};
}

TargetCheck unknownDisk(const std::string& folder, const std::string& why) {
  return {"disk", "not measured: how much is free at " + folder + "; " + why};
}

std::optional<TargetFinding> diskFinding(const DiskSpace& space, const DiskNeed& need) {
  using Weight = TargetFinding::Weight;
  const std::string left = "only " + sizeText(space.free) + " are free at " + space.path;
  if (space.free < leastFree)
    return TargetFinding{Weight::Blocks,
                         "disk-full",
                         "",
                         left + ": new copies could not even write their logs; make room there first",
                         {}};
  if (space.free < need.bytes)
    return TargetFinding{
        Weight::Warns,
        "disk-space",
        "",
        left + ", and " + needText(need) +
            ": the pull may fail, before anything is changed; remove images that nobody uses",
        {}};
  return {};
}

} // namespace ratdeck
