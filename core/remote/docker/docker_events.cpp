#include "core/remote/docker/docker_events.h"

#include "core/remote/docker/line_splitter.h"

namespace ratdeck {

namespace {

constexpr std::size_t longestEvent = 1u << 20; // an image's labels are in it

// Lives in the stream's callbacks. `answer` holds the only strong token: a cancelled call has none, and what
// is left of a piece is not told any more.
struct Listening {
  Listening(DockerConnection& to, DockerListener tells, Answer<Done> answers)
      : connection(to), listener(std::move(tells)), done(std::move(answers)),
        lines(longestEvent, [this](std::string_view line) { takeLine(line); }) {}

  void takeLine(std::string_view line) {
    if (line.empty() || token.expired())
      return;
    if (const auto event = readDockerEvent(line))
      return listener.onEvent(*event);
    else
      giveUp(event.error());
  }

  void giveUp(const Error& error) {
    const auto answer = std::move(done);
    connection.cancel(call);
    answer(failure(error)); // may destroy the connection
  }

  DockerConnection& connection;
  DockerListener listener;
  Answer<Done> done;
  LineSplitter lines;
  std::weak_ptr<char> token;
  CallId call{};
};

} // namespace

CallId DockerEvents::listen(const DockerFilters& filters, DockerListener listener, Answer<Done> done) {
  DockerRequest request;
  request.path = "/events";
  request.query = {{"filters", toDockerQuery(filters)}};
  const auto listening = std::make_shared<Listening>(m_connection, std::move(listener), std::move(done));
  const auto token = std::make_shared<char>();
  listening->token = token;
  listening->call =
      m_connection.stream(std::move(request),
                          {[listening] {
                             if (listening->listener.onOpen)
                               listening->listener.onOpen();
                           },
                           [listening](std::string_view piece) {
                             listening->lines.take(piece);
                           }},
                          [listening, token](const Result<HttpResponse>& response) {
                            listening->done(response ? Result<Done>(Done{}) : failure(response.error()));
                          });
  return listening->call;
}

} // namespace ratdeck
