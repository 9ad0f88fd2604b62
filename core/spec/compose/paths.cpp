#include "core/spec/compose/canonical.h"
#include "core/spec/compose/volume_spec.h"

#include <array>

namespace ratdeck::compose {

namespace {

bool isWindowsPath(const std::string& path) {
  bool isLetter = !path.empty() && ((path[0] >= 'a' && path[0] <= 'z') || (path[0] >= 'A' && path[0] <= 'Z'));
  return path.rfind("\\\\", 0) == 0 ||
         (isLetter && path.size() > 2 && path[1] == ':' && (path[2] == '\\' || path[2] == '/'));
}

class Paths {
public:
  Paths(const std::string& folder, const std::string& home, Report& report)
      : m_folder(folder), m_home(home), m_report(report) {}

  void run(Node& root) {
    if (auto* services = root.find("services"))
      for (auto& entry : services->entries)
        service(entry.value, entry.key);
    for (const char* section : {"configs", "secrets"})
      if (auto* objects = root.find(section))
        for (auto& entry : objects->entries)
          resolveMounted(entry.value.find("file"));
    if (auto* volumes = root.find("volumes"))
      for (auto& entry : volumes->entries)
        volume(entry.value);
  }

private:
  std::string absolute(const std::string& path) const {
    if (!path.empty() && path[0] == '~' && !m_home.empty())
      return absolutePath(m_home, "./" + path.substr(1));
    return isWindowsPath(path) ? path : absolutePath(m_folder, path);
  }

  void resolve(Node* node) const {
    if (node && node->isText() && !node->text.empty())
      node->text = absolute(node->text);
  }

  // The empty path of a mount or of a file object is the folder itself.
  void resolveMounted(Node* node) const {
    if (node && node->isText())
      node->text = absolute(node->text);
  }

  // URLs and service:NAME are no paths.
  void context(Node* node) const {
    constexpr std::array<std::string_view, 3> remotes{"github.com/", "git@", "service:"};
    if (!node || !node->isText() || node->text.find("://") != std::string::npos)
      return;
    for (auto prefix : remotes)
      if (node->text.rfind(prefix, 0) == 0)
        return;
    resolve(node);
  }

  void service(Node& node, const std::string& name) {
    if (auto* build = node.find("build")) {
      context(build->find("context"));
      if (auto* contexts = build->find("additional_contexts"))
        for (auto& entry : contexts->entries)
          context(&entry.value);
    }
    if (auto* files = node.find("env_file"))
      for (auto& item : files->items)
        resolve(item.find("path"));
    if (auto* files = node.find("label_file"))
      for (auto& item : files->items)
        resolve(&item);
    if (auto* extends = node.find("extends"))
      resolve(extends->find("file"));
    if (auto* watch = node.find("develop") ? node.find("develop")->find("watch") : nullptr)
      for (auto& item : watch->items)
        resolve(item.find("path"));
    if (auto* volumes = node.find("volumes"))
      for (auto& item : volumes->items)
        if (item.textAt("type") == "bind") {
          if (!item.find("source"))
            m_report.fail(item.place, "services." + name + ".volumes: a bind mount is missing its source",
                          "add source: and the path on the host");
          resolveMounted(item.find("source"));
        }
  }

  // A local volume with the option `bind` is a bind mount: its device is a path.
  void volume(Node& node) const {
    auto* options = node.find("driver_opts");
    if (node.textAt("driver") == "local" && options && options->textAt("o") == "bind")
      resolveMounted(options->find("device"));
  }

  const std::string& m_folder;
  const std::string& m_home;
  Report& m_report;
};

} // namespace

std::string absolutePath(const std::string& folder, const std::string& path) {
  if (!path.empty() && path.front() == '/')
    return path;
  return cleanPath(folder + "/" + path);
}

void makePathsAbsolute(Node& root, const std::string& folder, const std::string& home, Report& report) {
  Paths(folder, home, report).run(root);
}

} // namespace ratdeck::compose
