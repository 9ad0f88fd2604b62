// Makes, starts, stops and removes containers of a Docker Engine, and looks at them.
//
// It knows nothing of services. Ids may be names too. Renaming is not offered: a name is what makes a start
// idempotent.
#pragma once

#include "core/remote/docker/docker_connection.h"
#include "core/remote/docker/docker_container.h"
#include "core/remote/docker/docker_filters.h"

namespace ratdeck {

struct DockerStop {
  std::string signal; // "SIGTERM"; empty: the container's own
  Duration grace = std::chrono::seconds(10);
};

struct DockerStopped {
  int exitCode = 0;
  bool wasKilled = false; // by SIGKILL at the grace's end
};

class DockerContainers {
public:
  // `connection` must outlive this and every call; its cancel() takes the ids. Errors of all calls: those of
  // DockerConnection::send (NotFound: no such container) and of the reader of the answer.
  explicit DockerContainers(DockerConnection& connection) : m_connection(connection) {}

  // Those that do not run too.
  CallId list(const DockerFilters& filters, Answer<std::vector<DockerContainerSummary>> done);
  CallId inspect(const std::string& id, Answer<DockerContainer> done);
  // `body`: the API's {"Image", "Env", "HostConfig", …}. `platform`: "linux/arm64", which the image must be
  // for; below API 1.41 it says nothing. Errors: Conflict (the name is taken), NotFound (no such image, none
  // for the platform).
  CallId create(const std::string& name, const Json& body, Answer<DockerCreated> done,
                const std::string& platform = {});
  // One that runs already: fine.
  CallId start(const std::string& id, Answer<Done> done);
  // One signal. Errors: Conflict (it does not run).
  CallId kill(const std::string& id, const std::string& signal, Answer<Done> done);
  // Answers when it does not run; one that has never run has ended with 0. Errors: Timeout.
  CallId wait(const std::string& id, Duration timeout, Answer<DockerExit> done);
  // Signals, waits, kills at the grace's end; answers when it does not run any more. It is one that does not
  // run already: answered at once. Where the signal is not the container's own and the engine would start it
  // anew, its restart policy is set to "no" first: Docker takes no other signal for a stop.
  CallId stop(const std::string& id, const DockerStop& stop, Answer<DockerStopped> done);
  // With its anonymous volumes. One that does not exist, or is being removed: fine. One that runs: Conflict,
  // unless `force`.
  CallId remove(const std::string& id, bool force, Answer<Done> done);
  // The same, not by force, and its anonymous volumes stay.
  CallId removeKeepingVolumes(const std::string& id, Answer<Done> done);

private:
  DockerConnection& m_connection;
};

} // namespace ratdeck
