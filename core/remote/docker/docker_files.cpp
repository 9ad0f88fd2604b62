#include "core/remote/docker/docker_files.h"

#include "core/remote/docker/docker_answer.h"
#include "core/remote/docker/docker_decoding.h"

#include <QByteArray>

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

Result<DockerPathInfo> readDockerPathInfo(std::string_view header) {
  const auto decoded =
      QByteArray::fromBase64Encoding(QByteArray(header.data(), static_cast<qsizetype>(header.size())),
                                     QByteArray::AbortOnBase64DecodingErrors);
  if (header.empty() || !decoded)
    return failure(ErrorKind::Internal, "Docker does not describe the path");
  const auto info = readDockerJson(decoded.decoded.toStdString(), "the description of a path");
  if (!info)
    return failure(info.error());
  constexpr long long anyType = 0x8f280000; // of Go's os.FileMode: folder, link, device, pipe, socket …
  return DockerPathInfo{(integerAt(*info, "mode", anyType) & anyType) == 0, integerAt(*info, "size")};
}

CallId DockerFiles::look(const std::string& container, const std::string& path, Answer<DockerPathInfo> done) {
  return m_connection.send(
      request("HEAD", container, path), [done = std::move(done)](const Result<HttpResponse>& response) {
        done(response ? readDockerPathInfo(response->header("x-docker-container-path-stat"))
                      : Result<DockerPathInfo>(failure(response.error())));
      });
}

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
