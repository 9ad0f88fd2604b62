#include "core/remote/docker/docker_execs.h"

#include "core/remote/docker/docker_answer.h"
#include "core/remote/docker/docker_frames.h"
#include "core/remote/outbox.h"

#include <QTimer>

namespace ratdeck {

namespace {

bool isOfLink(ErrorKind kind) {
  return kind == ErrorKind::Unreachable || kind == ErrorKind::Timeout;
}

// create → start (the output is its answer) → inspect. All under one id; each answer holds the run alive
// until the next.
struct ExecRun : std::enable_shared_from_this<ExecRun> {
  ExecRun(DockerConnection& to, DockerCommand what, Answer<DockerExecResult> answer)
      : connection(to), command(std::move(what)), done(std::move(answer)),
        frames(true, [this](DockerOutput output, std::string_view part) { keep(output, part); }) {}

  void create(const std::string& container) {
    DockerRequest request;
    request.method = "POST";
    request.path = "/containers/" + container + "/exec";
    request.body = dockerExecBody(command);
    call = connection.send(
        std::move(request),
        [self = shared_from_this()](const Result<HttpResponse>& response) { self->onCreated(response); });
  }

  void onCreated(const Result<HttpResponse>& response) {
    const auto json = response ? readDockerJson(response->body, "a new command") : failure(response.error());
    if (!json)
      return done(failure(json.error()));
    exec = textAt(*json, "Id");
    if (exec.empty())
      return done(failure(ErrorKind::Internal, "Docker made a command and gave no id"));
    start();
  }

  void start() {
    DockerRequest request;
    request.method = "POST";
    request.path = "/exec/" + exec + "/start";
    request.body = R"({"Detach":false,"Tty":false})";
    request.timeout = command.timeout + 5s; // the limit below comes first
    limit.setSingleShot(true);
    QObject::connect(&limit, &QTimer::timeout, &limit, [this] { giveUp(); });
    limit.start(toTimerMilliseconds(command.timeout));
    call = connection.stream(
        std::move(request),
        {{},
         [self = shared_from_this()](std::string_view piece) {
           self->take(piece);
         }},
        [self = shared_from_this()](const Result<HttpResponse>& response) { self->onEnded(response); }, call);
  }

  void take(std::string_view piece) {
    if (const auto taken = frames.take(piece); !taken && !broken)
      broken = taken.error();
  }

  void keep(DockerOutput output, std::string_view part) {
    const auto room = command.mostOutput - result.output.size();
    result.isCut = result.isCut || part.size() > room;
    result.output += part.substr(0, room);
    if (output == DockerOutput::Stdout)
      result.printed += part.substr(0, room);
  }

  void giveUp() {
    const auto self = shared_from_this();
    connection.cancel(call);
    result.timedOut = true;
    done(std::move(result)); // may destroy the connection
  }

  void onEnded(const Result<HttpResponse>& response) {
    limit.stop();
    // A program that is not there: 20.10 answers the start with 400 and has the exit code all the same.
    const bool hasRun = response || response.error().kind == ErrorKind::Input;
    if (!hasRun || broken)
      return done(failure(hasRun ? *broken : response.error()));
    if (!response)
      keep(DockerOutput::Stderr, response.error().message);
    inspect();
  }

  void inspect() {
    DockerRequest request;
    request.path = "/exec/" + exec + "/json";
    call = connection.send(
        std::move(request),
        [self = shared_from_this()](const Result<HttpResponse>& response) { self->onInspected(response); },
        call);
  }

  // It has run: whatever Docker answers now, nobody may take it for one that was not begun.
  void onInspected(const Result<HttpResponse>& response) {
    const auto json = response ? readDockerJson(response->body, "a command") : failure(response.error());
    if (!json && isOfLink(json.error().kind))
      return done(failure(json.error()));
    if (!json)
      return done(failure(ErrorKind::Internal,
                          "the command has ended, and how is not known: " + json.error().message,
                          json.error().next));
    if (!memberAt(*json, "ExitCode").is_number_integer())
      return done(failure(ErrorKind::Internal, "the command has ended, and Docker gives no exit code"));
    result.exitCode = dockerIntAt(*json, "ExitCode");
    done(std::move(result));
  }

  DockerConnection& connection;
  DockerCommand command;
  Answer<DockerExecResult> done;
  DockerFrames frames;
  std::optional<Error> broken;
  DockerExecResult result;
  std::string exec;
  CallId call{};
  QTimer limit;
};

} // namespace

std::string dockerExecBody(const DockerCommand& command) {
  Json body = {{"AttachStdout", true}, {"AttachStderr", true}, {"AttachStdin", false},
               {"Tty", false},         {"Privileged", false},  {"Cmd", command.argv}};
  if (!command.user.empty())
    body["User"] = command.user;
  return dumpJson(body);
}

CallId DockerExecs::run(const std::string& container, const DockerCommand& command,
                        Answer<DockerExecResult> done) {
  const auto run = std::make_shared<ExecRun>(m_connection, command, std::move(done));
  run->create(container);
  return run->call;
}

} // namespace ratdeck
