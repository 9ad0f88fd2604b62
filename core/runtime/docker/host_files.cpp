#include "core/runtime/docker/host_files.h"

#include "core/base/digest.h"
#include "core/runtime/docker/container_copy.h"
#include "core/runtime/steps.h"

#include <set>

namespace ratdeck {

namespace {

constexpr const char* inside = "/ratdeck-files";
constexpr const char* helperLabel = "ratdeck.files";

std::string folderOf(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string nameOf(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

std::string insideOf(const std::string& path) {
  return std::string(inside) + "/" + nameOf(path);
}

bool isOfTheEngine(const Error& error) {
  return error.kind == ErrorKind::Unreachable || error.kind == ErrorKind::Timeout;
}

} // namespace

// Made, used, removed; what its use came to is the answer, whatever comes of the removal.
void HostFiles::withFolder(const std::string& folder, const std::string& image, bool isReadOnly, Use use,
                           Callback<Done> done) {
  const Json mount = {{"Type", "bind"},
                      {"Source", folder},
                      {"Target", inside},
                      {"ReadOnly", isReadOnly},
                      {"BindOptions", {{"NonRecursive", true}}}}; // what is mounted below stays out of it
  const Json body = {{"Image", image},
                     {"Entrypoint", {"/never-started"}},
                     {"Labels", {{helperLabel, m_project}}},
                     {"HostConfig", {{"NetworkMode", "none"}, {"Mounts", Json::array({mount})}}}};
  m_client.containers.create(
      "ratdeck-files-" + randomHex(8), body,
      [this, use = std::move(use), done = std::move(done)](Result<DockerCreated> created) {
        if (!created)
          return done(failure(created.error()));
        use(created->id, [this, id = created->id, done](Result<Done> used) {
          m_client.containers.remove(id, true, [used, done](const Result<Done>&) { done(used); });
        });
      });
}

void HostFiles::read(const std::vector<std::string>& paths, const std::string& image,
                     Callback<std::vector<HostFile>> done) {
  auto found = std::make_shared<std::vector<HostFile>>();
  std::vector<Step> steps;
  for (const auto& path : std::set<std::string>(paths.begin(), paths.end()))
    steps.push_back([this, path, image, found](Callback<Done> next) {
      const auto use = [this, path, found](const std::string& container, Callback<Done> used) {
        m_client.files.look(
            container, insideOf(path),
            [this, path, found, container, used = std::move(used)](Result<DockerPathInfo> info) {
              if (!info)
                return used(failure(info.error()));
              if (!info->isRegular || info->size > static_cast<long long>(largestDockerFile))
                return used(Done{});
              m_client.files.read(container, insideOf(path), [path, found, used](Result<DockerFile> file) {
                if (!file)
                  return used(failure(file.error()));
                file->name = nameOf(path);
                found->push_back({path, std::move(*file)});
                used(Done{});
              });
            });
      };
      withFolder(folderOf(path), image, true, use, [next = std::move(next)](Result<Done> looked) {
        next(!looked && isOfTheEngine(looked.error()) ? std::move(looked) : Result<Done>(Done{}));
      });
    });
  runSteps(std::move(steps), [found, done = std::move(done)](Result<Done> all) {
    all ? done(std::move(*found)) : done(failure(all.error()));
  });
}

void HostFiles::write(const std::vector<HostFile>& files, const std::string& image, Callback<Done> done) {
  std::vector<Step> steps;
  for (const auto& wanted : files)
    steps.push_back([this, wanted, image](Callback<Done> next) {
      const auto use = [this, wanted](const std::string& container, Callback<Done> used) {
        m_client.files.read(container, insideOf(wanted.path),
                            [this, wanted, container, used = std::move(used)](Result<DockerFile> there) {
                              if (there && there->content == wanted.file.content)
                                return used(Done{});
                              m_client.files.write(container, inside, wanted.file, used);
                            });
      };
      withFolder(folderOf(wanted.path), image, false, use,
                 [path = wanted.path, next = std::move(next)](Result<Done> written) {
                   if (written)
                     return next(Done{});
                   auto error = written.error();
                   error.message = "cannot put " + path + " back: " + error.message;
                   next(failure(error));
                 });
    });
  runSteps(std::move(steps), std::move(done));
}

namespace {

// What a service writes itself is its data, not its configuration.
bool isReadOnly(const Json& volume) {
  const Json& options = memberAt(volume, "options");
  return options.is_array() && std::find(options.begin(), options.end(), "ro") != options.end();
}

} // namespace

std::vector<std::string> mountedPaths(const ServiceSpec& service, const StackSpec& stack) {
  std::vector<std::string> paths;
  const auto form = formFor(service, stack);
  if (!form)
    return paths; // nothing can be started of it either
  const auto fields = fieldsOf(*form);
  const auto volumes = fields.find("volumes");
  if (volumes != fields.end())
    for (const Json& volume : volumes->second)
      if (const auto source = textAt(volume, "source");
          isReadOnly(volume) && source.starts_with('/') && !source.ends_with('/'))
        paths.push_back(source);
  return paths;
}

std::vector<HostFile> keptFilesOf(const ServiceSpec& service, const StackSpec& stack) {
  std::vector<HostFile> files;
  for (const auto& [path, about] : memberAt(service.normalised, keptFilesKey).items()) {
    const auto content = stack.keptFiles.find(textAt(about, "sha256"));
    if (content == stack.keptFiles.end())
      continue;
    const auto number = [&about = about](const char* key) {
      return static_cast<unsigned>(integerAt(about, key));
    };
    files.push_back(
        {path, DockerFile{nameOf(path), content->second, number("mode"), number("user"), number("group")}});
  }
  return files;
}

} // namespace ratdeck
