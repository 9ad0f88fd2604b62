#include "core/runtime/docker/router_sink.h"

#include "core/base/file.h"
#include "core/runtime/docker/router_container.h"

#include <algorithm>

namespace ratdeck {

namespace {

constexpr size_t largestConfig = 4u << 20;

} // namespace

RouterSink::RouterSink(DockerClient& client, DockerCopies& copies, std::string service, std::string folder)
    : m_client(client), m_copies(copies), m_service(std::move(service)), m_folder(std::move(folder)) {}

void RouterSink::put(const std::string& text, bool reload, Callback<Done> done) {
  if (Status made = makePrivateFolder(m_folder); made)
    if (Status kept = writeFile(m_folder + '/' + router_container::configName, text, 0600); !kept)
      return m_copies.list([error = kept.error(), done = std::move(done)](auto) { done(failure(error)); });
  m_copies.list([this, text, reload, done = std::move(done)](Result<std::vector<InstanceInfo>> copies) {
    if (!copies)
      return done(failure(copies.error()));
    const auto router = std::find_if(copies->begin(), copies->end(), [this](const InstanceInfo& copy) {
      return copy.service == m_service && copy.state == InstanceState::Running;
    });
    if (router == copies->end())
      return done(failure(ErrorKind::Unreachable, "the router " + m_service + " does not run",
                          "start it: ratdeckctl deploy --service " + m_service));
    if (router->revision == 0)
      return done(failure(ErrorKind::Refused,
                          "the router " + router->id.value + " was not made by ratdeck and cannot be driven",
                          "let it be replaced: ratdeckctl deploy --service " + m_service));
    write(*router, text, reload, done);
  });
}

void RouterSink::write(const InstanceInfo& router, const std::string& text, bool reload,
                       Callback<Done> done) {
  DockerFile file;
  file.name = router_container::configName;
  file.content = Secret(text);
  m_client.files.write(
      m_copies.containerOf(router.id), router_container::configFolder, file,
      [this, id = m_copies.containerOf(router.id), reload, done = std::move(done)](Result<Done> written) {
        if (!written || !reload)
          return done(std::move(written));
        // HAProxy's master starts a worker on the new text and lets the old one finish.
        m_client.containers.kill(id, "SIGUSR2", done);
      });
}

Result<std::string> RouterSink::stored() const {
  return readFile(m_folder + '/' + router_container::configName, largestConfig);
}

} // namespace ratdeck
