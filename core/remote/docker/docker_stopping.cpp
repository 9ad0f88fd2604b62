#include "core/remote/docker/docker_stopping.h"

#include "core/remote/docker/docker_waiting.h"

namespace ratdeck {

namespace {

constexpr Duration afterKill = 20s; // until the engine has seen the end of a killed one
const std::string usualSignal = "SIGTERM";

// inspect → (update) → kill → wait → at the grace's end: kill KILL → wait. All under one id; each answer
// holds the stopping alive until the next.
struct Stopping : std::enable_shared_from_this<Stopping> {
  using Next = void (Stopping::*)(const Result<HttpResponse>&);

  Stopping(DockerConnection& to, std::string container, DockerStop what, Answer<DockerStopped> answer)
      : connection(to), id(std::move(container)), stop(std::move(what)), done(std::move(answer)) {}

  void ask(const std::string& method, const std::string& verb, DockerRequest request, Next next) {
    request.method = method;
    request.path = "/containers/" + id + verb;
    call = connection.send(
        std::move(request),
        [self = shared_from_this(), next](const Result<HttpResponse>& response) {
          ((*self).*next)(response);
        },
        call);
  }
  void fail(const Error& error) { done(failure(error)); }

  void onInspected(const Result<HttpResponse>& response) {
    const auto container = response ? readDockerContainer(response->body) : failure(response.error());
    if (!container)
      return fail(container.error());
    if (container->state != DockerState::Running && container->state != DockerState::Paused &&
        container->state != DockerState::Restarting)
      return done(DockerStopped{container->exitCode, false});
    const std::string own = container->stopSignal.empty() ? usualSignal : container->stopSignal;
    if (stop.signal.empty())
      stop.signal = own;
    // Docker takes any signal for a stop where the container names none of its own.
    const bool comesBack = !container->stopSignal.empty() && stop.signal != container->stopSignal &&
                           stop.signal != "SIGKILL" && !container->restartPolicy.empty() &&
                           container->restartPolicy != "no";
    if (!comesBack)
      return sendSignal();
    DockerRequest update;
    update.body = R"({"RestartPolicy":{"Name":"no"}})";
    ask("POST", "/update", std::move(update), &Stopping::onUpdated);
  }

  void onUpdated(const Result<HttpResponse>& response) {
    if (!response)
      return fail(response.error());
    sendSignal();
  }

  void sendSignal() {
    DockerRequest kill;
    kill.query = {{"signal", stop.signal}};
    ask("POST", "/kill", std::move(kill), &Stopping::onSignalled);
  }

  void onSignalled(const Result<HttpResponse>& response) {
    if (!response && response.error().kind != ErrorKind::Conflict) // it has ended meanwhile
      return fail(response.error());
    call = waitForExit(
        connection, id, wasKilled ? afterKill : stop.grace,
        [self = shared_from_this()](const Result<DockerExit>& exit) { self->onEnded(exit); }, call);
  }

  void onEnded(const Result<DockerExit>& exit) {
    if (!exit && exit.error().kind == ErrorKind::Timeout && !wasKilled) {
      wasKilled = true;
      stop.signal = "SIGKILL";
      return sendSignal();
    }
    if (!exit)
      return fail(exit.error());
    done(DockerStopped{exit->exitCode, wasKilled});
  }

  DockerConnection& connection;
  std::string id;
  DockerStop stop;
  Answer<DockerStopped> done;
  CallId call{};
  bool wasKilled = false;
};

} // namespace

CallId stopContainer(DockerConnection& connection, const std::string& id, const DockerStop& stop,
                     Answer<DockerStopped> done) {
  const auto stopping = std::make_shared<Stopping>(connection, id, stop, std::move(done));
  stopping->ask("GET", "/json", {}, &Stopping::onInspected);
  return stopping->call;
}

} // namespace ratdeck
