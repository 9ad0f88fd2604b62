// Files of the engine's machine, which may be another than this one: read and written through a container
// that is never started and mounts their folder.
#pragma once

#include "core/remote/docker/docker_client.h"
#include "core/runtime/runtime.h"

#include <map>
#include <string>
#include <vector>

namespace ratdeck {

struct HostFile {
  std::string path; // absolute, on the host
  DockerFile file;
};

class HostFiles {
public:
  // `client` outlives this object and its calls; `project` is said in a label of the helpers.
  HostFiles(DockerClient& client, std::string project) : m_client(client), m_project(std::move(project)) {}

  // Those of the paths that are regular files of 1 MiB at most; the others are left out. `image`: any that
  // the engine has. Errors: Unreachable, Timeout.
  void read(const std::vector<std::string>& paths, const std::string& image,
            Callback<std::vector<HostFile>> done);
  // Writes those that do not have their content. A file that a running container has mounted keeps its old
  // content there. Errors: Input (the folder is gone), and those of DockerFiles::write.
  void write(const std::vector<HostFile>& files, const std::string& image, Callback<Done> done);

private:
  using Use = std::function<void(const std::string& container, Callback<Done> done)>;
  void withFolder(const std::string& folder, const std::string& image, bool isReadOnly, Use use,
                  Callback<Done> done);

  DockerClient& m_client;
  std::string m_project;
};

// The files of the host that the service mounts and does not write, as far as its containers say: paths.
// Pure.
std::vector<std::string> mountedPaths(const ServiceSpec& service, const StackSpec& stack);

// What a revision keeps of its service's files, ready to be written.
std::vector<HostFile> keptFilesOf(const ServiceSpec& service, const StackSpec& stack);

} // namespace ratdeck
