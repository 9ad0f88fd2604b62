#include "core/engine/sql_files.h"

#include "core/base/file.h"

#include <algorithm>
#include <filesystem>
#include <vector>

namespace ratdeck {

namespace fs = std::filesystem;

namespace {

constexpr size_t mostBytesOfFile = 1u << 20;
constexpr size_t mostBytes = 4u << 20;

// Where a path inside the service's copies lies on this machine; "" where no bind mount holds it.
std::string onHost(const ServiceSpec& service, const std::string& inside) {
  std::string best, host;
  for (const auto& mount : service.mounts) {
    const bool isUnder = inside == mount.target || inside.starts_with(mount.target + "/");
    if (mount.type != "bind" || !isUnder || mount.target.size() < best.size())
      continue;
    best = mount.target;
    host = mount.source + inside.substr(mount.target.size());
  }
  return host;
}

void addText(std::string& text, const fs::path& path) {
  if (text.size() >= mostBytes)
    return;
  if (auto file = readFile(path.string(), mostBytesOfFile))
    text += *file + "\n;\n";
}

void addNamed(std::string& text, const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error))
    return path.ends_with(".sql") ? addText(text, path) : void();
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(path, error))
    if (entry.path().extension() == ".sql")
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const auto& file : files)
    addText(text, file);
}

} // namespace

std::map<std::string, std::string> sqlTextsOf(const StackSpec& stack) {
  std::map<std::string, std::string> texts;
  for (const auto& task : stack.policy.tasks) {
    const auto* service = task.up && task.isOfSchema() ? stack.find(task.up->service) : nullptr;
    if (!service)
      continue;
    std::string text;
    for (const auto& word : task.up->argv)
      if (auto host = word.starts_with('/') ? onHost(*service, fs::path(word).lexically_normal().string())
                                            : std::string();
          !host.empty())
        addNamed(text, host);
    if (!text.empty())
      texts[task.id] = std::move(text);
  }
  return texts;
}

} // namespace ratdeck
