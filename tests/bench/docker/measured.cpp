#include "tests/bench/docker/measured.h"

#include "tests/bench/docker/answers.h"
#include "tests/bench/docker/process_end.h"
#include "tests/e2e/docker/load_run.h"

#include <algorithm>
#include <cstdio>

namespace ratdeck {

namespace {

constexpr int rate = 200;
constexpr int goneMilliseconds = 30000;
constexpr auto settle =
    std::chrono::milliseconds(1500); // more than a router needs to see who came and who went

BootTime bootNow() {
  return SystemClock().now().boot;
}

// Until the window of that length is over; answers when that was.
BootTime awaitWindow(std::chrono::milliseconds length) {
  const auto until = bootNow() + length;
  const auto isOver = [until] {
    return bootNow() >= until;
  };
  return QTest::qWaitFor(isOver, static_cast<int>(length.count()) + 1000) ? bootNow() : until;
}

double secondsBetween(BootTime from, BootTime to) {
  return std::chrono::duration<double>(to - from).count();
}

Error problem(const Way& way, const std::string& what) {
  return {ErrorKind::Internal, std::string(way.name()) + ": " + what, {}, {}};
}

// The ends of a version's containers as the engine tells them, while it lives.
class ContainerEnds {
public:
  ContainerEnds(WebRig& rig, const std::string& version)
      : m_process(rig.beginTool(QStringLiteral("docker"),
                                {QStringLiteral("events"), QStringLiteral("--filter"),
                                 QStringLiteral("event=die"), QStringLiteral("--filter"),
                                 QStringLiteral("image=%1:%2")
                                     .arg(QLatin1String(WebRig::repository), QString::fromStdString(version)),
                                 QStringLiteral("--format"), QStringLiteral("{{.TimeNano}}")},
                                {})) {
    m_process->waitForStarted();
  }
  // The last one's time so far; nothing if there is none.
  std::optional<WallTime> last() {
    m_process->terminate();
    m_process->waitForFinished(5000);
    const auto lines = m_process->readAllStandardOutput().trimmed().split('\n');
    const auto time = lines.last().toLongLong();
    return time > 0 ? std::optional(WallTime(Duration(time))) : std::nullopt;
  }

private:
  std::unique_ptr<QProcess> m_process;
};

std::string evidence(const CliResult& result, const Json& report) {
  return result.toString() + "\n" + dumpJson(memberAt(report, "by_kind"));
}

} // namespace

Result<Rolled> measureRoll(WebRig& rig, Way& way, std::chrono::milliseconds steady) {
  LoadRun load;
  LoadTargets target;
  target.web = way.address();
  const auto old = rig.copiesOf("1.0.0");
  if (old.size() != 1 || !load.start(target, rate, 0).isEmpty())
    return failure(problem(way, "not one copy of 1.0.0, or no load"));
  const auto before = awaitWindow(settle);
  awaitWindow(steady);
  ProcessEnd end(rig.pidOf(old.front()));
  const auto begin = bootNow();
  const auto result = way.roll(QStringLiteral("2.0.0"));
  const auto gone = end.await(goneMilliseconds);
  const bool isHealthy = rig.waitUntilHealthy("2.0.0", 1); // docker-compose does not wait
  const auto after = awaitWindow(settle);
  if (const auto stopped = load.stop(); !stopped)
    return failure(problem(way, stopped.error().toString()));
  const Answers answers(load.json(), load.samples());
  const auto served = answers.firstOf("web 2.0.0");
  if (result.exitCode != 0 || !gone || !isHealthy || !served)
    return failure(problem(way, evidence(result, load.json())));
  if (answers.failed(before, begin) > 0)
    return failure(problem(way, "requests failed before it began"));
  return Rolled{integerAt(load.json(), "requests"),       answers.failed(begin, after),
                secondsBetween(begin, *served),           secondsBetween(begin, *gone),
                answers.percentileMs(0.99, begin, after), answers.percentileMs(0.99, before, begin),
                answers.percentileMs(1, begin, after),    answers.percentileMs(1, before, begin),
                answers.longestGapMs(begin, after),       answers.longestGapMs(before, begin)};
}

Result<Undone> measureUndone(WebRig& rig, Way& way) {
  LoadRun load;
  LoadTargets target;
  target.web = way.address();
  if (rig.copiesOf("2.0.0").size() != 1 || !load.start(target, rate, 0).isEmpty())
    return failure(problem(way, "not one copy of 2.0.0, or no load"));
  awaitWindow(settle);
  ContainerEnds ends(rig, WebRig::badVersion);
  const auto begin = SystemClock().now();
  const auto result = way.roll(QString::fromLatin1(WebRig::badVersion));
  const auto said = bootNow();
  const auto after = awaitWindow(settle);
  const auto gone = ends.last();
  if (const auto stopped = load.stop(); !stopped)
    return failure(problem(way, stopped.error().toString()));
  if (result.exitCode != way.codeOfUndone() || !gone || !rig.copiesOf(WebRig::badVersion).empty() ||
      rig.copiesOf("2.0.0").size() != 1)
    return failure(problem(way, "a bad version was not undone: " + evidence(result, load.json())));
  return Undone{Answers(load.json(), load.samples()).failed(begin.boot, after),
                secondsBetween(begin.boot, said), std::chrono::duration<double>(*gone - begin.wall).count()};
}

double median(std::vector<double> values) {
  if (values.empty())
    return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::string rangeOf(const std::vector<double>& values, int decimals) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  char text[64];
  std::snprintf(text, sizeof text, values.size() > 1 ? "%.*f (%.*f-%.*f)" : "%.*f", decimals, median(values),
                decimals, *least, decimals, *most);
  return text;
}

} // namespace ratdeck
