#include "core/remote/docker/docker_files.h"

#include "core/remote/docker/docker_decoding.h"

namespace ratdeck {

namespace {

constexpr std::size_t largestArchive = largestDockerFile + 64u * 1024; // heads and padding

DockerRequest request(const std::string& method, const std::string& container, const std::string& path) {
  DockerRequest request;
  request.method = method;
  request.path = "/containers/" + container + "/archive";
  request.query = {{"path", path}};
  request.maxBody = largestArchive;
  return request;
}

} // namespace

CallId DockerFiles::read(const std::string& container, const std::string& path, Answer<DockerFile> done) {
  return m_connection.send(request("GET", container, path), decodedBy(&readDockerTar, std::move(done)));
}

CallId DockerFiles::write(const std::string& container, const std::string& folder, const DockerFile& file,
                          Answer<Done> done) {
  return put(container, folder, writeDockerTar(file), std::move(done));
}

// The archive names the folders: the engine makes those that it unpacks into.
CallId DockerFiles::place(const std::string& container, const std::string& path, const DockerFile& file,
                          Answer<Done> done) {
  const auto begin = path.find_first_not_of('/');
  const auto slash = path.rfind('/');
  if (!path.starts_with('/') || begin == std::string::npos || path.substr(slash + 1) != file.name)
    return m_connection.fail({ErrorKind::Input, path + " is no path of the file " + file.name, {}, {}},
                             doneBy(std::move(done)));
  const auto folder = slash > begin ? path.substr(begin, slash - begin) : std::string();
  return put(container, "/", writeDockerTar(file, folder), std::move(done));
}

CallId DockerFiles::put(const std::string& container, const std::string& folder, Result<std::string> archive,
                        Answer<Done> done) {
  if (!archive)
    return m_connection.fail(archive.error(), doneBy(std::move(done)));
  DockerRequest asked = request("PUT", container, folder);
  asked.query.emplace_back("noOverwriteDirNonDir", "true");
  asked.contentType = "application/x-tar";
  asked.body = std::move(*archive);
  return m_connection.send(std::move(asked), doneBy(std::move(done)));
}

} // namespace ratdeck
