#include "tests/bench/docker/floor.h"

#include "core/plan/plan.h"
#include "core/remote/http/http_client.h"
#include "tests/bench/docker/process_end.h"

namespace ratdeck {

namespace {

constexpr auto retry =
    std::chrono::milliseconds(50); // after a probe that failed; the first pass is seen at once
constexpr int probeMilliseconds = 5000;
constexpr int healthMilliseconds = 30000;
constexpr int stopMilliseconds = 30000;
constexpr const char* name = "rdbench-floor";

double secondsSince(BootTime& mark) {
  const auto now = SystemClock().now().boot;
  const auto passed = std::chrono::duration<double>(now - mark).count();
  mark = now;
  return passed;
}

bool isDone(const Result<HttpResponse>& answer) {
  return answer && answer->status < 300;
}

// The service's own health command, as the engine would run it.
bool probe(DockerRig& engine) {
  const Json command = {{"Cmd", {"wget", "-q", "http://localhost:8080/health"}}};
  const auto made = engine.raw("POST", std::string("/containers/") + name + "/exec", dumpJson(command));
  const auto id = made ? textAt(parseJson(made->body).value_or(Json()), "Id") : std::string();
  if (id.empty() || !isDone(engine.raw("POST", "/exec/" + id + "/start", R"({"Detach":false})")))
    return false;
  Json seen; // its output ends some time before the engine knows that it has
  const auto hasEnded = [&] {
    const auto answer = engine.raw("GET", "/exec/" + id + "/json");
    seen = answer ? parseJson(answer->body).value_or(Json()) : Json();
    return !boolAt(seen, "Running", true);
  };
  return QTest::qWaitFor(hasEnded, probeMilliseconds) && integerAt(seen, "ExitCode", -1) == 0;
}

// Thrice in a row, as far apart as the product's gate asks: passes that follow faster would be a weaker gate.
bool passesThrice(DockerRig& engine) {
  const GatePlan gate;
  auto next = SystemClock().now().boot;
  int row = 0;
  return QTest::qWaitFor(
      [&] {
        const auto now = SystemClock().now().boot;
        if (now < next)
          return false;
        row = probe(engine) ? row + 1 : 0;
        next = now + (row > 0 ? gate.interval : retry);
        return row == gate.passes;
      },
      healthMilliseconds);
}

} // namespace

Result<Floor> measureFloor(WebRig& rig, const std::string& network) {
  auto& engine = rig.engine();
  const auto path = std::string("/containers/") + name;
  const Json copy = {{"Image", WebRig::longImage}, {"HostConfig", {{"NetworkMode", network}}}};
  Floor floor;
  auto mark = SystemClock().now().boot;
  if (!isDone(engine.raw("POST", std::string("/containers/create?name=") + name, dumpJson(copy))))
    return failure(ErrorKind::Internal, "the floor's copy is not created");
  floor.create_s = secondsSince(mark);
  if (!isDone(engine.raw("POST", path + "/start")))
    return failure(ErrorKind::Internal, "the floor's copy does not start");
  floor.start_s = secondsSince(mark);
  if (!passesThrice(engine))
    return failure(ErrorKind::Internal, "the floor's copy does not become healthy");
  floor.probes_s = secondsSince(mark);
  const auto address = rig.addressOf(name, network) + ':' + std::to_string(WebRig::port);
  ProcessEnd end(rig.pidOf(name));
  mark = SystemClock().now().boot;
  if (!rig.waitForAnswer(address))
    return failure(ErrorKind::Internal, "the floor's copy does not answer");
  floor.request_s = secondsSince(mark);
  const auto stopped = mark;
  const bool isStopped = isDone(engine.raw("POST", path + "/stop"));
  const auto ended = end.await(stopMilliseconds);
  engine.raw("DELETE", path + "?force=true");
  if (!isStopped || !ended)
    return failure(ErrorKind::Internal, "the floor's copy does not stop");
  floor.stop_s = std::chrono::duration<double>(*ended - stopped).count();
  return floor;
}

} // namespace ratdeck
