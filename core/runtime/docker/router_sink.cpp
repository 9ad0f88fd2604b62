#include "core/runtime/docker/router_sink.h"

#include "core/runtime/docker/router_container.h"

#include <algorithm>

namespace ratdeck {

RouterSink::RouterSink(DockerClient& client, DockerCopies& copies, std::string service, Reaches reaches)
    : m_client(client), m_copies(copies), m_service(std::move(service)), m_reaches(std::move(reaches)) {}

void RouterSink::put(const std::string& text, bool reload, Callback<Done> done) {
  m_copies.list([this, text, reload, done = std::move(done)](Result<std::vector<InstanceInfo>> copies) {
    if (!copies)
      return done(failure(copies.error()));
    const auto router = std::find_if(copies->begin(), copies->end(), [this](const InstanceInfo& copy) {
      return copy.service == m_service && copy.state == InstanceState::Running;
    });
    if (router == copies->end())
      return done(failure(ErrorKind::Unreachable, "the router " + m_service + " does not run",
                          "start it: ratdeckctl deploy --service " + m_service));
    ifOurs(*router, [this, router = *router, text, reload, done](Result<Done> ours) {
      ours ? write(router, text, reload, done) : done(std::move(ours));
    });
  });
}

void RouterSink::checkOwner(Callback<Done> done) {
  m_copies.list([this, done = std::move(done)](Result<std::vector<InstanceInfo>> copies) {
    if (!copies)
      return done(failure(copies.error()));
    for (const InstanceInfo& copy : *copies)
      if (const DockerContainer* container = m_copies.inspected(copy.id);
          copy.service == m_service && copy.state == InstanceState::Running && container &&
          !socketMountOf(*container).empty()) // without a socket it is driven by nobody
        return ifOurs(copy, done);
    done(Done{});
  });
}

// One whose socket lies elsewhere was made through another endpoint or by another user: from here it looks as
// if it had no copies, and a configuration without them would take all of them out of service.
void RouterSink::ifOurs(const InstanceInfo& router, Callback<Done> done) {
  m_client.containers.inspect(m_copies.containerOf(router.id), [this, id = router.id,
                                                                done](Result<DockerContainer> container) {
    if (!container)
      return done(failure(container.error()));
    const std::string place = socketMountOf(*container);
    if (place.empty())
      return done(failure(ErrorKind::Refused,
                          "the router " + id.value + " was not made by ratdeck and cannot be driven",
                          "let it be replaced: ratdeckctl deploy --service " + m_service));
    if (m_reaches(place))
      return done(Done{});
    done(failure(ErrorKind::Refused,
                 "the router " + id.value + " is driven through the socket in " + place + ", not from here",
                 "use the DOCKER_HOST, the user and the XDG_STATE_HOME that it was deployed with, or let it "
                 "be replaced: ratdeckctl deploy --service " +
                     m_service));
  });
}

void RouterSink::write(const InstanceInfo& router, const std::string& text, bool reload,
                       Callback<Done> done) {
  const std::string id = m_copies.containerOf(router.id);
  if (!reload && id == m_container && text == m_text)
    return done(Done{});
  m_container.clear(); // until it is known what is there
  DockerFile file;
  file.name = router_container::configName;
  file.content = Secret(text);
  m_client.files.write(id, router_container::configFolder, file,
                       [this, id, text, reload, done = std::move(done)](Result<Done> written) {
                         if (written) {
                           m_container = id;
                           m_text = text;
                         }
                         if (!written || !reload)
                           return done(std::move(written));
                         // HAProxy's master starts a worker on the new text and lets the old one finish.
                         m_client.containers.kill(id, "SIGUSR2", done);
                       });
}

Result<std::string> RouterSink::stored() const {
  return failure(ErrorKind::NotFound, "the configuration is kept in the router's own container");
}

} // namespace ratdeck
