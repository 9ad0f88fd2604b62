#include "core/runtime/docker/docker_runtime.h"

#include "core/base/file.h"
#include "core/runtime/docker/container_copy.h"
#include "core/runtime/docker/container_request.h"
#include "core/runtime/docker/copy_labels.h"
#include "core/runtime/steps.h"

#include <algorithm>
#include <filesystem>
#include <unistd.h>

namespace ratdeck {

namespace {

Error taken(const DockerContainer& container) {
  const bool isCopy = container.labels.contains(copy_labels::service);
  return {ErrorKind::Conflict,
          "there is a container named " + container.name +
              (isCopy ? " already, of another rollout" : " already, which is no copy of this stack"),
          "look at it with `docker inspect " + container.name + "`, and remove or rename it",
          {}};
}

bool isGone(const Error& error) {
  return error.kind == ErrorKind::NotFound;
}

// The engine said no, and did not begin.
bool isRefusal(const Error& error) {
  return error.kind != ErrorKind::Unreachable && error.kind != ErrorKind::Timeout &&
         error.kind != ErrorKind::Internal;
}

} // namespace

DockerRuntime::DockerRuntime(DockerClient& client, DockerCopies& copies, const StackSpec& stack,
                             const std::map<std::string, Routes>& routes, RouterNetwork* network,
                             ImageKeeper& keeper, std::string filesFolder)
    : m_client(client), m_copies(copies), m_stack(stack), m_routes(routes), m_network(network),
      m_keeper(keeper), m_files(client, stack.project), m_filesFolder(std::move(filesFolder)) {}

void DockerRuntime::list(Callback<std::vector<InstanceInfo>> done) {
  m_copies.list(std::move(done));
}

Result<ContainerRequest> DockerRuntime::translate(const StartRequest& request,
                                                  const std::vector<InstanceInfo>& copies) const {
  CopyIdentity identity{request.id,       request.number,   request.revision, request.rollout,
                        request.specHash, m_copies.store(), request.isOnce};
  ContainerOptions options;
  options.publishesPorts = !standsBehindRouter(request, copies);
  options.hasServiceAlias =
      !request.isOnce && (options.publishesPorts || isOlderThanRouter(request)); // an undo may end the router
  options.hostFolder = hostFolder(request.id);
  options.apiMinor = m_client.connection.apiMinor();
  for (const InstanceInfo& copy : copies)
    if (copy.state == InstanceState::Running)
      options.containers[copy.service] = m_copies.containerOf(copy.id);
  return containerRequest(request.service, request.stack, identity, options);
}

bool DockerRuntime::isOlderThanRouter(const StartRequest& request) const {
  return isCopied(request.service) || request.stack.policy.routerService.empty();
}

// What was there before the router comes back with its own ports where no router has them.
bool DockerRuntime::standsBehindRouter(const StartRequest& request,
                                       const std::vector<InstanceInfo>& copies) const {
  const bool hasRouter = std::any_of(copies.begin(), copies.end(), [this](const InstanceInfo& copy) {
    return copy.service == m_stack.policy.routerService && copy.state == InstanceState::Running;
  });
  return !request.isOnce && isRouted(request.service.name) && (hasRouter || !isOlderThanRouter(request));
}

Result<ContainerRequest> DockerRuntime::trial(const ServiceSpec& service,
                                              const std::vector<InstanceInfo>& copies) const {
  StartRequest request;
  request.id = InstanceId(m_stack.project + "-" + service.name + "-0");
  request.service = service;
  request.stack = m_stack;
  return translate(request, copies);
}

Result<ContainerRequest> DockerRuntime::requestFor(const StartRequest& request,
                                                   const std::vector<InstanceInfo>& copies) {
  auto made = translate(request, copies);
  if (!made)
    return made;
  // A router that somebody else made comes back as it was.
  const bool isRouter = m_network && !request.isOnce &&
                        request.service.name == m_stack.policy.routerService &&
                        !request.service.normalised.contains(adoptedContainerKey);
  if (isRouter && m_dress)
    if (auto dressed = m_dress(*made, copies); !dressed)
      return failure(dressed.error());
  if (standsBehindRouter(request, copies)) {
    const std::string address = m_network->addressFor(request.id, m_copies.promisedAddresses());
    if (address.empty())
      return failure(ErrorKind::Refused, "no address is free on the network " + m_network->name());
    made->networks.push_back({m_network->name(), {{"IPAMConfig", {{"IPv4Address", address}}}}});
  }
  made->body["Labels"][copy_labels::changeable] =
      dumpJson(Json(changeableFields(fieldsOf(requestedForm(*made)))));
  return made;
}

std::string DockerRuntime::hostFolder(const InstanceId& copy) const {
  return m_filesFolder.empty() ? std::string() : m_filesFolder + '/' + copy.value;
}

Status DockerRuntime::writeHostFiles(const ContainerRequest& request, const InstanceId& copy) const {
  if (request.hostFiles.empty())
    return Done{};
  if (auto made = makePrivateFolder(hostFolder(copy)); !made)
    return made;
  for (const auto& [path, file] : request.hostFiles) {
    if (auto written = writeFile(path, file.content.reveal(), file.mode); !written)
      return written;
    if ((file.user != 0 || file.group != 0) && ::chown(path.c_str(), file.user, file.group) != 0)
      return failure(ErrorKind::Refused, "cannot give " + path + " to user " + std::to_string(file.user),
                     "run as root, or leave uid and gid out");
  }
  return Done{};
}

// look → (list) → create → connect … → write … → start → inspect. Each answer holds it alive until the next.
struct DockerRuntime::Starting : std::enable_shared_from_this<Starting> {
  Starting(DockerRuntime& of, StartRequest what, Callback<InstanceInfo> answer)
      : runtime(of), request(std::move(what)), done(std::move(answer)) {}

  DockerClient& client() { return runtime.m_client; }
  const std::string& name() const {
    return request.service.containerName.empty() ? request.id.value : request.service.containerName;
  }

  void look() {
    client().containers.inspect(name(), [self = shared_from_this()](Result<DockerContainer> there) {
      if (there)
        return self->takeWhatIsThere(*there);
      if (!isGone(there.error()) || self->wasBegun())
        return self->done(failure(there.error()));
      self->lookAround();
    });
  }

  bool wasSent() const { return request.isOnce && runtime.m_begun.contains(request.id); }
  bool wasBegun() const { return wasSent() || request.mayHaveBegun; }

  // One of ours that was made and not started is a start that was cut short: made anew. What is run once is
  // not taken away by force, since it may be starting.
  void takeWhatIsThere(const DockerContainer& there) {
    const InstanceInfo copy = runtime.m_copies.describe(there);
    if (copy.id != request.id || copy.service != request.service.name || copy.revision != request.revision)
      return done(failure(taken(there)));
    if (there.state != DockerState::Created)
      return done(copy);
    if (request.isOnlyAwaited)
      return done(failure(ErrorKind::NotFound, "the container " + there.name + " was made and not started"));
    container = there.id;
    if (wasSent())
      return run();
    client().containers.remove(there.id, !request.isOnce, [self = shared_from_this()](Result<Done> removed) {
      if (!removed)
        return self->done(failure(removed.error()));
      self->lookAround();
    });
  }

  std::string networkName() const { return runtime.m_network ? runtime.m_network->name() : std::string(); }

  void lookAround() {
    std::vector<Step> steps;
    if (runtime.m_network)
      steps.push_back([self = shared_from_this()](Callback<Done> next) {
        self->runtime.m_network->find(std::move(next));
      });
    steps.push_back([self = shared_from_this()](Callback<Done> next) {
      self->runtime.m_copies.list([self, next = std::move(next)](Result<std::vector<InstanceInfo>> listed) {
        if (!listed)
          return next(failure(listed.error()));
        self->copies = std::move(*listed);
        next(Done{});
      });
    });
    runSteps(std::move(steps), [self = shared_from_this()](Result<Done> looked) {
      looked ? self->nameImage() : self->done(failure(looked.error()));
    });
  }

  // The image's name may have moved since the revision was made.
  void nameImage() {
    if (request.service.imageId.empty())
      return create();
    runtime.m_keeper.ensureTag(request.service.image, request.service.imageId,
                               [self = shared_from_this()](Result<std::string> image) {
                                 if (!image)
                                   return self->done(failure(image.error()));
                                 self->image = std::move(*image);
                                 self->putFilesBack();
                               });
  }

  void putFilesBack() {
    runtime.m_files.write(keptFilesOf(request.service, request.stack), image,
                          [self = shared_from_this()](Result<Done> written) {
                            written ? self->create() : self->done(failure(written.error()));
                          });
  }

  void create() {
    auto made = runtime.requestFor(request, copies);
    if (!made)
      return done(failure(made.error()));
    wanted = std::make_unique<ContainerRequest>(std::move(*made));
    if (auto written = runtime.writeHostFiles(*wanted, request.id); !written)
      return done(failure(written.error()));
    if (!image.empty())
      wanted->body["Image"] = image;
    client().containers.create(
        wanted->name, wanted->body,
        [self = shared_from_this()](Result<DockerCreated> created) {
          if (!created)
            return self->done(failure(created.error()));
          self->container = created->id;
          self->connect(0);
        },
        wanted->platform);
  }

  void connect(std::size_t at) {
    if (at == wanted->networks.size())
      return write(0);
    const ContainerNetwork& network = wanted->networks[at];
    client().networks.connect(network.network, container, network.endpoint,
                              next([at](Starting& self) { self.connect(at + 1); }));
  }

  void write(std::size_t at) {
    if (at == wanted->files.size())
      return run();
    const ContainerFile& file = wanted->files[at];
    client().files.place(container, file.path, file.file, next([at](Starting& self) { self.write(at + 1); }));
  }

  void run() {
    if (!request.isOnce) {
      client().containers.start(container, next([](Starting& self) { self.answer(); }));
      return;
    }
    runtime.m_begun.insert(request.id);
    client().containers.start(container, [self = shared_from_this()](Result<Done> started) {
      if (started)
        return self->answer();
      if (!isRefusal(started.error()))
        return self->done(failure(started.error())); // it may run: the next try looks
      self->runtime.m_begun.erase(self->request.id);
      self->giveUp(started.error());
    });
  }

  void answer() {
    runtime.m_copies.forget();
    client().containers.inspect(container, [self = shared_from_this()](Result<DockerContainer> started) {
      if (!started)
        return self->done(failure(started.error()));
      self->done(self->runtime.m_copies.describe(*started));
    });
  }

  // Goes on, or takes away what cannot be started.
  Answer<Done> next(std::function<void(Starting&)> step) {
    return [self = shared_from_this(), step = std::move(step)](Result<Done> result) {
      result ? step(*self) : self->giveUp(result.error());
    };
  }

  void giveUp(const Error& error) {
    client().containers.remove(container, true, [self = shared_from_this(), error](Result<Done>) {
      self->runtime.m_copies.forget();
      self->done(failure(error));
    });
  }

  DockerRuntime& runtime;
  StartRequest request;
  Callback<InstanceInfo> done;
  std::vector<InstanceInfo> copies;
  std::unique_ptr<ContainerRequest> wanted;
  std::string image;     // what the container is created from, where a revision says which
  std::string container; // its id
};

void DockerRuntime::start(const StartRequest& request, Callback<InstanceInfo> done) {
  std::make_shared<Starting>(*this, request, std::move(done))->look();
}

void DockerRuntime::stop(const StopRequest& request, Callback<StopReport> done) {
  const BootTime begun = m_clock.now().boot;
  m_copies.find(request.id, [this, request, begun, done = std::move(done)](Result<std::string> container) {
    if (!container)
      return isGone(container.error()) ? done(StopReport{}) : done(failure(container.error()));
    m_client.containers.stop(*container, {request.signal, request.grace},
                             [this, begun, done](Result<DockerStopped> stopped) {
                               m_copies.forget();
                               if (!stopped && !isGone(stopped.error()))
                                 return done(failure(stopped.error()));
                               StopReport report;
                               if (stopped)
                                 report = {stopped->exitCode, stopped->wasKilled, m_clock.now().boot - begun};
                               done(report);
                             });
  });
}

void DockerRuntime::remove(const InstanceId& id, Callback<Done> done) {
  m_copies.find(id, [this, id, done = std::move(done)](Result<std::string> container) {
    if (!container)
      return isGone(container.error()) ? done(Done{}) : done(failure(container.error()));
    m_client.containers.removeKeepingVolumes(*container, [this, id, done](Result<Done> removed) {
      m_copies.forget();
      std::error_code ignored; // what stays does no harm
      if (removed && !m_filesFolder.empty())
        std::filesystem::remove_all(hostFolder(id), ignored);
      done(std::move(removed));
    });
  });
}

void DockerRuntime::exec(const InstanceId& id, const std::vector<std::string>& argv, Duration timeout,
                         Callback<ExecReport> done) {
  DockerCommand command;
  command.argv = argv;
  command.timeout = timeout;
  command.mostOutput = BoundedText::most;
  m_copies.find(id, [this, command, timeout, done = std::move(done)](Result<std::string> container) {
    if (!container)
      return done(failure(container.error()));
    m_client.execs.run(*container, command, [timeout, done](Result<DockerExecResult> result) {
      if (!result)
        return done(failure(result.error()));
      ExecReport report{result->exitCode, result->output, {result->printed, result->isCut}};
      if (result->timedOut) {
        report.exitCode = 124;
        report.output += (report.output.empty() ? "" : "\n") + ("no end within " + toHumanString(timeout));
      }
      done(std::move(report));
    });
  });
}

namespace {

// Of so many lines or bytes nobody knows what came before them.
ExecReport reportOf(const std::vector<DockerLogLine>& last, std::size_t mostLines) {
  ExecReport report;
  report.printed.isCut = last.size() >= mostLines;
  for (const DockerLogLine& line : last) {
    report.output += line.text + '\n';
    if (line.output == DockerOutput::Stdout)
      report.printed.append(line.text + '\n');
  }
  if (report.output.size() > BoundedText::most) {
    report.printed.isCut = true; // the log itself keeps no more than some of it
    report.output.erase(0, report.output.size() - BoundedText::most);
  }
  return report;
}

ExecReport lost(const InstanceId& id) {
  return {
      -1,
      "the container " + id.value +
          " is gone or was never started, and what became of its command is not known: it is not run again",
      {{}, true}};
}

} // namespace

// Without its words its end is known all the same.
void DockerRuntime::lastWords(const std::string& container, int exitCode, Callback<ExecReport> done) {
  constexpr int lines = 10'000;
  m_client.logs.tail(container, lines,
                     [exitCode, done = std::move(done)](Result<std::vector<DockerLogLine>> last) {
                       ExecReport report = last ? reportOf(*last, lines) : ExecReport{};
                       report.exitCode = exitCode;
                       report.printed.isCut = report.printed.isCut || !last;
                       done(std::move(report));
                     });
}

void DockerRuntime::runOnce(const StartRequest& request, Duration timeout, Callback<ExecReport> done) {
  start(request, [this, id = request.id, mayHaveBegun = request.mayHaveBegun, timeout,
                  done = std::move(done)](Result<InstanceInfo> started) {
    if (!started)
      return isGone(started.error()) && (mayHaveBegun || m_begun.contains(id))
                 ? done(lost(id))
                 : done(failure(started.error()));
    m_begun.insert(id);
    m_client.containers.wait(id.value, timeout, [this, id, done](Result<DockerExit> ended) {
      if (ended)
        return lastWords(id.value, ended->exitCode, done);
      isGone(ended.error()) ? done(lost(id)) : done(failure(ended.error()));
    });
  });
}

void DockerRuntime::endOnce(const InstanceId& id, Callback<ExecReport> done) {
  lastWords(id.value, 0, [this, id, done = std::move(done)](Result<ExecReport> last) {
    m_client.containers.remove(id.value, true, [this, id, last, done](Result<Done> removed) {
      m_copies.forget();
      if (removed)
        m_begun.erase(id);
      std::error_code ignored; // what stays does no harm
      if (removed && !m_filesFolder.empty())
        std::filesystem::remove_all(hostFolder(id), ignored);
      removed ? done(last) : done(failure(removed.error()));
    });
  });
}

void DockerRuntime::signal(const InstanceId& id, const std::string& name, Callback<Done> done) {
  m_copies.find(id, [this, name, done = std::move(done)](Result<std::string> container) {
    if (!container)
      return done(failure(container.error()));
    m_client.containers.kill(*container, name, done);
  });
}

void DockerRuntime::output(const InstanceId& id, int lines, Callback<std::vector<std::string>> done) {
  m_copies.find(id, [this, lines, done = std::move(done)](Result<std::string> container) {
    if (!container)
      return done(failure(container.error()));
    m_client.logs.tail(*container, lines, [done](Result<std::vector<DockerLogLine>> tail) {
      if (!tail)
        return done(failure(tail.error()));
      std::vector<std::string> texts;
      for (DockerLogLine& line : *tail)
        texts.push_back(std::move(line.text));
      done(std::move(texts));
    });
  });
}

} // namespace ratdeck
