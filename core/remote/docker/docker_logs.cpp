#include "core/remote/docker/docker_logs.h"

#include "core/remote/docker/docker_container.h"
#include "core/remote/docker/line_splitter.h"

#include <deque>

namespace ratdeck {

namespace {

constexpr std::size_t longestLine = 64u << 10;
constexpr std::size_t mostKept = 8u << 20;

// inspect (whether there is a terminal, and so no frames) → logs. Both under one id; each answer holds the
// reading alive until the next.
struct LogReading : std::enable_shared_from_this<LogReading> {
  LogReading(DockerConnection& to, std::string of, DockerLogs::OnLine listener, Answer<Done> answer)
      : connection(to), container(std::move(of)), onLine(std::move(listener)), done(std::move(answer)) {}

  void begin() {
    DockerRequest request;
    request.path = "/containers/" + container + "/json";
    call = connection.send(
        std::move(request),
        [self = shared_from_this()](const Result<HttpResponse>& response) { self->onInspected(response); });
  }

  void onInspected(const Result<HttpResponse>& response) {
    const auto inspected = response ? readDockerContainer(response->body) : failure(response.error());
    if (!inspected)
      return done(failure(inspected.error()));
    frames.emplace(!inspected->isTty, [this](DockerOutput output, std::string_view part) {
      (output == DockerOutput::Stderr ? errors : texts).take(part);
    });
    DockerRequest request;
    request.path = "/containers/" + container + "/logs";
    request.query = {{"stdout", "true"},
                     {"stderr", "true"},
                     {"timestamps", "true"},
                     {"tail", std::to_string(std::max(lines, 0))},
                     {"follow", follows ? "true" : "false"}};
    const auto held = std::make_shared<char>();
    token = held;
    request.idleTimeout = follows ? Duration::zero() : Duration(10s);
    call = connection.stream(
        std::move(request),
        {{},
         [self = shared_from_this()](std::string_view piece) {
           self->take(piece);
         }},
        [self = shared_from_this(), held](const Result<HttpResponse>& answer) { self->onEnded(answer); },
        call);
  }

  void take(std::string_view piece) {
    if (const auto taken = frames->take(piece); !taken && !broken)
      broken = taken.error();
  }

  void takeLine(DockerOutput output, std::string_view line) {
    if (token.expired())
      return;
    const auto space = line.find(' ');
    const auto at = fromRfc3339(std::string(line.substr(0, space)));
    const bool hasTime = at != WallTime{};
    onLine({output, at, std::string(hasTime ? line.substr(std::min(space, line.size() - 1) + 1) : line)});
  }

  void onEnded(const Result<HttpResponse>& response) {
    texts.finish();
    errors.finish();
    if (!response || broken)
      return done(failure(broken ? *broken : response.error()));
    done(Done{});
  }

  DockerConnection& connection;
  std::string container;
  DockerLogs::OnLine onLine;
  Answer<Done> done;
  int lines = 0;
  bool follows = false;
  std::optional<DockerFrames> frames;
  std::optional<Error> broken;
  LineSplitter texts{longestLine, [this](std::string_view line) {
                       takeLine(DockerOutput::Stdout, line);
                     }};
  LineSplitter errors{longestLine, [this](std::string_view line) {
                        takeLine(DockerOutput::Stderr, line);
                      }};
  std::weak_ptr<char> token; // held by the answer: a cancelled call has none, and tells no line any more
  CallId call{};
};

struct KeptLines {
  void add(const DockerLogLine& line) {
    lines.push_back(line);
    bytes += line.text.size();
    while (bytes > mostKept) {
      bytes -= lines.front().text.size();
      lines.pop_front();
    }
  }
  std::deque<DockerLogLine> lines;
  std::size_t bytes = 0;
};

} // namespace

CallId DockerLogs::tail(const std::string& container, int lines, Answer<std::vector<DockerLogLine>> done) {
  const auto kept = std::make_shared<KeptLines>();
  const auto reading = std::make_shared<LogReading>(
      m_connection, container, [kept](const DockerLogLine& line) { kept->add(line); },
      [kept, done = std::move(done)](const Result<Done>& ended) {
        if (!ended)
          return done(failure(ended.error()));
        done(std::vector<DockerLogLine>(kept->lines.begin(), kept->lines.end()));
      });
  reading->lines = lines;
  reading->begin();
  return reading->call;
}

CallId DockerLogs::follow(const std::string& container, int lines, OnLine onLine, Answer<Done> done) {
  const auto reading =
      std::make_shared<LogReading>(m_connection, container, std::move(onLine), std::move(done));
  reading->lines = lines;
  reading->follows = true;
  reading->begin();
  return reading->call;
}

} // namespace ratdeck
