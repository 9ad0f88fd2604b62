// A container of ours beside the copies, through which the console asks what it cannot reach from its own
// machine: a small static program (app/relay) on the stack's networks, with the folder or volume of the
// router's socket.
//
// Life of one question: the container is looked for, and made from an image that is there anyway where it is
// missing, has ended or is of another console's version; the program is run in it by an exec, and prints its
// answer. The container ends and removes itself two seconds after the last console has left, and when nobody
// has asked anything for 90 s: nothing is left behind, even by a console that was killed. It carries none of
// Compose's labels, so that it is neither a copy nor an orphan to anybody, has no privileges, and its root is
// read-only. Engine thread only.
#pragma once

#include "core/base/json.h"
#include "core/remote/docker/docker_client.h"
#include "core/remote/outbox.h"
#include "core/runtime/docker/docker_copies.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ratdeck {

struct RelayOptions {
  std::string project;
  std::string program; // the file on this machine
  std::string routerService;
  std::string socketVolume; // where the socket of a router lies that does not run yet
  // Real names, of the stack; those that are missing are passed over.
  std::vector<std::string> networks;
  // The one that comes first, and the address to take on it; "" = there is none, or the engine's choice.
  std::string routerNetwork;
  std::function<std::string()> address;
};

struct RelayReply {
  Json value;                 // as app/relay/command.h has it
  std::optional<Error> error; // whom it asked did not answer
};

class RelayContainer {
public:
  // `client` and `copies` outlive this object.
  RelayContainer(DockerClient& client, DockerCopies& copies, RelayOptions options);

  // `words`: of the program, after the verb and its time limit. `timeout` is counted inside the relay; the
  // way there and back, and the making, come on top. A relay that was not there any more is made anew, once.
  // An error says nothing of whom it was to ask: NotFound (there is no image to make it of, since no copy
  // runs), Unreachable (the engine, or the relay ended while it asked), Timeout, Refused, Conflict,
  // Internal.
  void ask(const std::string& verb, Duration timeout, std::vector<std::string> words,
           Answer<RelayReply> done);
  // A GET with this token, which goes as a file of the relay's own volume that only its user reads and that
  // it removes as it reads it: no command line, no environment and no log of the engine has it. `words`:
  // those of "get". Errors: as above.
  void askAs(const Secret& token, Duration timeout, std::vector<std::string> words, Answer<RelayReply> done);
  // Lets it end as soon as nobody has asked anything for two seconds. Never fails.
  void leave(Answer<Done> done);
  // The stack's networks or its router have changed: the next question looks anew.
  void forget() { m_isUp = false; }
  // Whether the last question was put.
  bool hasAnswered() const { return m_hasAnswered; }
  std::string name() const { return m_options.project + "-ratdeck-relay"; }

private:
  struct Ensuring;
  struct Question;
  void ensure(Answer<Done> done);
  void settle(Result<Done> result);
  void begin(std::shared_ptr<Question> question, const std::string& verb, Duration timeout,
             std::vector<std::string> words);
  void put(std::shared_ptr<Question> question);
  void handOver(std::shared_ptr<Question> question);
  void run(std::shared_ptr<Question> question);
  bool mayAskAgain(const std::shared_ptr<Question>& question, const Error& error);

  DockerClient& m_client;
  DockerCopies& m_copies;
  RelayOptions m_options;
  bool m_isUp = false, m_hasAnswered = false;
  std::vector<Answer<Done>> m_ensuring;
  Outbox m_outbox;
};

// What the engine is asked for. `image`: its id; `mount`: a folder or volume, "" = none; `networks`: at least
// one. Pure.
Json relayBody(const std::string& image, const std::string& mount, const std::string& madeOf,
               const std::string& network, const std::string& address);

// The program's line; pure. Errors: Internal (it is none).
Result<RelayReply> readRelayLine(const std::string& text);

} // namespace ratdeck
