#include "core/runtime/docker/relay_container.h"

#include "core/base/digest.h"
#include "core/runtime/docker/copy_labels.h"
#include "core/runtime/docker/relay_program.h"
#include "core/runtime/docker/router_container.h"
#include "core/runtime/probe/probe_judgement.h"
#include "core/runtime/steps.h"

#include <algorithm>

namespace ratdeck {

namespace {

constexpr const char* programFolder = "/ratdeck";
constexpr const char* programName = "relay";
constexpr const char* programPath = "/ratdeck/relay";
constexpr const char* tokenName = "tokens"; // a folder
constexpr const char* tokenFolder = "/ratdeck/tokens";
constexpr unsigned relayUser = 65534;     // and group
constexpr const char* idleSeconds = "90"; // longer than any probe may take
constexpr Duration linkPatience = 10s;    // for the way there and back
constexpr Duration nameInterval = 100ms;
constexpr int nameTries = 50;                 // while the name of one that ends is still taken
constexpr std::size_t mostOutput = 16u << 20; // four times what it reads, as JSON
constexpr long long mostMemory = 128ll << 20;

ErrorKind kindOf(const std::string& name) {
  if (name == "unreachable")
    return ErrorKind::Unreachable;
  if (name == "timeout")
    return ErrorKind::Timeout;
  if (name == "refused")
    return ErrorKind::Refused;
  return name == "input" ? ErrorKind::Input : ErrorKind::Internal;
}

} // namespace

Json relayBody(const std::string& image, const std::string& mount, const std::string& madeOf,
               const std::string& network, const std::string& address) {
  Json endpoint = Json::object();
  if (!address.empty())
    endpoint["IPAMConfig"] = {{"IPv4Address", address}};
  Json host = {{"AutoRemove", true},
               {"NetworkMode", network},
               {"CapDrop", {"ALL"}},
               {"SecurityOpt", {"no-new-privileges"}},
               {"ReadonlyRootfs", true},
               {"RestartPolicy", {{"Name", "no"}}},
               {"Memory", mostMemory},
               {"PidsLimit", 128},
               {"LogConfig", {{"Type", "none"}}}};
  if (!mount.empty())
    host["Binds"] = {mount + ':' + router_container::socketFolder + ":ro"};
  return {{"Image", image},
          {"Entrypoint", {programPath}},
          {"Cmd", {"wait", idleSeconds}},
          {"User", std::to_string(relayUser) + ":" + std::to_string(relayUser)},
          {"WorkingDir", "/"},
          {"StopSignal", "SIGTERM"},
          {"Healthcheck", {{"Test", {"NONE"}}}},
          {"Labels", {{copy_labels::relay, madeOf}}},
          {"Volumes", {{programFolder, Json::object()}}}, // a root that is read-only takes no file
          {"HostConfig", host},
          {"NetworkingConfig", {{"EndpointsConfig", {{network, endpoint}}}}}};
}

Result<RelayReply> readRelayLine(const std::string& text) {
  auto json = parseJson(text);
  if (!json || !json->is_object())
    return failure(ErrorKind::Internal, "the relay's answer makes no sense: " + evidence(text));
  RelayReply reply;
  if (const Json& error = memberAt(*json, "error"); error.is_object())
    reply.error = Error{kindOf(textAt(error, "kind")), textAt(error, "message"), {}, {}};
  reply.value = std::move(*json);
  return reply;
}

// look around → look → (remove →) create → connect … → write → make room → start. Each answer holds it alive
// until the next.
struct RelayContainer::Ensuring : std::enable_shared_from_this<Ensuring> {
  explicit Ensuring(RelayContainer& of) : relay(of) {}

  DockerClient& client() { return relay.m_client; }
  void end(Result<Done> result) { relay.settle(std::move(result)); }
  void fail(const Error& error) { end(failure(error)); }

  void begin() {
    auto text = readRelayProgram(relay.m_options.program);
    if (!text)
      return fail(text.error());
    program = std::move(*text);
    std::vector<Step> steps;
    for (auto step : {&Ensuring::findImage, &Ensuring::findMount, &Ensuring::findNetworks})
      steps.push_back(
          [self = shared_from_this(), step](Callback<Done> next) { ((*self).*step)(std::move(next)); });
    runSteps(std::move(steps), [self = shared_from_this()](Result<Done> looked) {
      looked ? self->look() : self->fail(looked.error());
    });
  }

  // The router's first, which is small and stays.
  void findImage(Callback<Done> next) {
    relay.m_copies.list(
        [self = shared_from_this(), next = std::move(next)](Result<std::vector<InstanceInfo>> copies) {
          if (!copies)
            return next(failure(copies.error()));
          for (const InstanceInfo& copy : *copies) {
            if (copy.state != InstanceState::Running || copy.imageId.empty())
              continue;
            const bool isRouter = copy.service == self->relay.m_options.routerService;
            if (isRouter)
              self->router = self->relay.m_copies.containerOf(copy.id);
            if (isRouter || self->image.empty())
              self->image = copy.imageId;
          }
          if (self->image.empty())
            return next(
                failure(ErrorKind::NotFound, "no copy of the stack runs, and so there is nothing to ask"));
          next(Done{});
        });
  }

  void findMount(Callback<Done> next) {
    if (router.empty()) {
      mount = relay.m_options.socketVolume;
      return next(Done{});
    }
    client().containers.inspect(
        router, [self = shared_from_this(), next = std::move(next)](Result<DockerContainer> seen) {
          if (!seen)
            return next(failure(seen.error()));
          self->mount = socketMountOf(*seen);
          next(Done{});
        });
  }

  void findNetworks(Callback<Done> next) {
    client().networks.list(
        {}, [self = shared_from_this(), next = std::move(next)](Result<std::vector<DockerNetwork>> networks) {
          if (!networks)
            return next(failure(networks.error()));
          const RelayOptions& options = self->relay.m_options;
          std::vector<std::string> wanted = options.networks;
          if (!options.routerNetwork.empty())
            wanted.insert(wanted.begin(), options.routerNetwork);
          for (const std::string& name : wanted)
            if (std::any_of(networks->begin(), networks->end(),
                            [&](const DockerNetwork& network) { return network.name == name; }))
              self->networks.push_back(name);
          if (self->networks.empty())
            return next(failure(ErrorKind::NotFound, "none of the stack's networks exists"));
          next(Done{});
        });
  }

  // Its label tells what it was made of.
  std::string madeOf() const { return sha256(sha256(program) + mount).substr(0, 16); }

  void look() {
    client().containers.inspect(relay.name(), [self = shared_from_this()](Result<DockerContainer> there) {
      if (!there)
        return there.error().kind == ErrorKind::NotFound ? self->create() : self->fail(there.error());
      self->judge(*there);
    });
  }

  void judge(const DockerContainer& there) {
    const auto label = there.labels.find(copy_labels::relay);
    if (label == there.labels.end())
      return fail({ErrorKind::Conflict,
                   "there is a container named " + there.name + " already, which is no relay of ours",
                   "remove or rename it",
                   {}});
    container = there.id;
    if (there.isRunning() && label->second == madeOf()) {
      std::erase_if(networks, [&](const std::string& name) { return there.networks.contains(name); });
      return connect(0, [](Ensuring& self) { self.end(Done{}); });
    }
    client().containers.remove(there.id, true, [self = shared_from_this()](Result<Done> removed) {
      removed ? self->create() : self->fail(removed.error());
    });
  }

  void create() {
    const RelayOptions& options = relay.m_options;
    const bool isRouters = networks.front() == options.routerNetwork;
    const Json body = relayBody(image, mount, madeOf(), networks.front(),
                                isRouters && options.address ? options.address() : std::string());
    client().containers.create(
        relay.name(), body, [self = shared_from_this()](Result<DockerCreated> created) {
          if (!created && created.error().kind == ErrorKind::Conflict && ++self->tries < nameTries)
            return self->relay.m_outbox.postAfter(nameInterval, [self] { self->look(); });
          if (!created)
            return self->fail(created.error());
          self->container = created->id;
          self->networks.erase(self->networks.begin());
          self->connect(0, [](Ensuring& made) { made.write(); });
        });
  }

  void connect(std::size_t at, std::function<void(Ensuring&)> then) {
    if (at == networks.size())
      return then(*this);
    client().networks.connect(networks[at], container, Json::object(),
                              next([at, then](Ensuring& self) { self.connect(at + 1, then); }));
  }

  void write() {
    DockerFile file;
    file.name = programName;
    file.content = Secret(program);
    file.mode = 0755;
    client().files.write(container, programFolder, file, next([](Ensuring& self) { self.makeRoom(); }));
  }

  // For tokens, which the program removes as it reads them.
  void makeRoom() {
    DockerFile folder;
    folder.name = tokenName;
    folder.mode = 0700;
    folder.user = folder.group = relayUser;
    folder.isFolder = true;
    client().files.write(container, programFolder, folder, next([](Ensuring& self) { self.start(); }));
  }

  void start() {
    client().containers.start(container, next([](Ensuring& self) { self.end(Done{}); }));
  }

  // Goes on, or takes away what is half made.
  Answer<Done> next(std::function<void(Ensuring&)> step) {
    return [self = shared_from_this(), step = std::move(step)](Result<Done> result) {
      if (result)
        return step(*self);
      self->client().containers.remove(
          self->container, true, [self, error = result.error()](const Result<Done>&) { self->fail(error); });
    };
  }

  RelayContainer& relay;
  std::string program, image, router, mount, container;
  std::vector<std::string> networks; // that it is still to be connected to
  int tries = 0;
};

struct RelayContainer::Question {
  DockerCommand command;
  DockerFile token; // without a name: none is needed
  Answer<RelayReply> done;
  bool isAgain = false;
};

RelayContainer::RelayContainer(DockerClient& client, DockerCopies& copies, RelayOptions options)
    : m_client(client), m_copies(copies), m_options(std::move(options)) {}

void RelayContainer::ensure(Answer<Done> done) {
  if (m_isUp)
    return done(Done{});
  m_ensuring.push_back(std::move(done));
  if (m_ensuring.size() == 1)
    m_outbox.post([this] { std::make_shared<Ensuring>(*this)->begin(); });
}

void RelayContainer::settle(Result<Done> result) {
  m_isUp = result.has_value();
  const std::vector<Answer<Done>> waiting = std::move(m_ensuring);
  m_ensuring.clear();
  for (const Answer<Done>& done : waiting)
    m_outbox.post([done, result] { done(result); });
}

void RelayContainer::ask(const std::string& verb, Duration timeout, std::vector<std::string> words,
                         Answer<RelayReply> done) {
  auto question = std::make_shared<Question>();
  question->done = std::move(done);
  begin(std::move(question), verb, timeout, std::move(words));
}

void RelayContainer::askAs(const Secret& token, Duration timeout, std::vector<std::string> words,
                           Answer<RelayReply> done) {
  auto question = std::make_shared<Question>();
  question->done = std::move(done);
  question->token.name = randomHex(16);
  question->token.content = token;
  question->token.mode = 0400;
  question->token.user = question->token.group = relayUser;
  words.insert(words.begin(), tokenFolder + ("/" + question->token.name));
  begin(std::move(question), "get-as", timeout, std::move(words));
}

void RelayContainer::begin(std::shared_ptr<Question> question, const std::string& verb, Duration timeout,
                           std::vector<std::string> words) {
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(timeout).count();
  question->command.argv = {programPath, verb, std::to_string(milliseconds)};
  question->command.argv.insert(question->command.argv.end(), words.begin(), words.end());
  question->command.timeout = timeout + linkPatience;
  question->command.mostOutput = mostOutput;
  put(std::move(question));
}

void RelayContainer::leave(Answer<Done> done) {
  m_client.containers.kill(name(), "SIGHUP", [done = std::move(done)](const Result<Done>&) { done(Done{}); });
}

void RelayContainer::put(std::shared_ptr<Question> question) {
  ensure([this, question = std::move(question)](Result<Done> ensured) {
    m_hasAnswered = m_hasAnswered && ensured;
    if (!ensured)
      return question->done(failure(ensured.error()));
    question->token.name.empty() ? run(question) : handOver(question);
  });
}

void RelayContainer::handOver(std::shared_ptr<Question> question) {
  m_client.files.write(name(), tokenFolder, question->token, [this, question](Result<Done> written) {
    if (written)
      return run(question);
    m_hasAnswered = false;
    forget();
    if (mayAskAgain(question, written.error()))
      return put(question);
    question->done(failure(written.error()));
  });
}

// Whether the relay was not there, for the first time. What was begun is not asked again: a command may have
// been heard.
bool RelayContainer::mayAskAgain(const std::shared_ptr<Question>& question, const Error& error) {
  const bool isAbsent = error.kind == ErrorKind::NotFound || error.kind == ErrorKind::Conflict;
  return isAbsent && !std::exchange(question->isAgain, true);
}

void RelayContainer::run(std::shared_ptr<Question> question) {
  m_client.execs.run(name(), question->command, [this, question](Result<DockerExecResult> result) {
    m_hasAnswered = result && result->exitCode == 0;
    if (!m_hasAnswered)
      forget();
    if (!result && mayAskAgain(question, result.error()))
      return put(question);
    if (!result)
      return question->done(failure(result.error()));
    if (result->timedOut)
      return question->done(failure(ErrorKind::Timeout, "the relay " + name() + " did not answer in time"));
    question->done(result->exitCode == 0 ? readRelayLine(result->output)
                                         : failure(ErrorKind::Unreachable,
                                                   "the relay " + name() + " ended with exit code " +
                                                       std::to_string(result->exitCode) +
                                                       " while it was asked: " + evidence(result->output)));
  });
}

} // namespace ratdeck
