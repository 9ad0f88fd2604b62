// The planner over real Compose files, through the loader: the shipped ones are in order, and what is wrong
// in a file is named with its place.
#include <QTest>

#include "core/spec/compose/loader.h"
#include "tests/unit/plan/plan_builders.h"

#include <QFile>
#include <QTemporaryDir>

using namespace ratdeck;
using namespace ratdeck::testing;

namespace {

StackSpec loaded(const std::vector<std::string>& files, const std::string& version = "1.0.0") {
  compose::LoadRequest request;
  request.files = files;
  request.environment["RAT_VERSION"] = version;
  auto result = compose::load(request);
  if (!result)
    qFatal("%s", result.error().toString().c_str());
  return result->stack;
}

std::vector<std::string> shippedFiles() {
  std::string folder = std::string(RATDECK_SOURCE_FOLDER) + "/resources/";
  return {folder + "docker-compose.yml", folder + "docker-compose.pro.yml"};
}

constexpr char communityFile[] = R"(services:
  ratd:
    build: ../platform
    ports:
      - "${RATD_PORT:-8080}:8080"
    depends_on:
      postgres: { condition: service_healthy }
    healthcheck:
      test: ["CMD", "/ratd", "healthcheck"]
      interval: 5s
      timeout: 3s
      retries: 5
      start_period: 5s
  ratq:
    build: ../query
  runner:
    build: ../runner
    stop_grace_period: 30s
  portal:
    build: ../portal
    ports: ["3000:3000"]
    depends_on:
      ratd: { condition: service_healthy }
  postgres:
    image: postgres:16.4-alpine
    volumes: ["data:/var/lib/postgresql/data"]
volumes:
  data:
)";

std::string placeOf(const Plan& plan, const std::string& service, const std::string& code) {
  for (const auto& problem : plan.problems)
    if (problem.service == service && problem.code == code)
      return std::to_string(problem.where.line) + ":" + std::to_string(problem.where.column);
  return "none";
}

} // namespace

class PlanFilesTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void rollsTheShippedStackWithoutAnybodyBeingAway() {
    auto world = worldOf(loaded(shippedFiles()));
    std::erase_if(world.instances, [](const InstanceInfo& copy) { return copy.service == "router"; });
    auto plan = planFor(loaded(shippedFiles(), "2.0.0"), world);
    QCOMPARE(wavesText(plan),
             std::string("query: ratq | runner: runner | plugins: auth-keycloak cloud-aws enforcement "
                         "executor-container | gateway: ratd | frontend: portal"));
    for (const auto& [name, service] : plan.services) {
      QCOMPARE(service.order, UpdateOrder::StartFirst);
      QVERIFY(service.isRouted);
    }
    QCOMPARE(plan.services.at("ratd").gate.probes.size(), size_t(2));
    QVERIFY(plan.services.at("runner").drain.has_value());
    QCOMPARE(plan.unchanged.size(), size_t(5));
    QVERIFY(!plan.hasErrors());
  }

  void findsNothingToDoInTheShippedStackAsItRuns() {
    auto stack = loaded(shippedFiles());
    QVERIFY(planFor(stack, worldOf(stack)).isEmpty());
  }

  void namesWhatIsWrongInAFileWithItsPlace() {
    QTemporaryDir folder;
    auto path = folder.filePath(QStringLiteral("compose.yml"));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(communityFile);
    file.close();
    auto plan = planFor(loaded({path.toStdString()}), World{});
    QCOMPARE(
        wavesText(plan),
        std::string(
            "infrastructure: postgres | query: ratq | runner: runner | gateway: ratd | frontend: portal"));
    QCOMPARE(placeOf(plan, "ratd", "fixed-host-port"), std::string("4:5"));
    QCOMPARE(placeOf(plan, "ratd", "liveness-as-readiness"), std::string("9:7"));
    QCOMPARE(placeOf(plan, "ratd", "no-grace"), std::string("2:3"));
    QCOMPARE(placeOf(plan, "runner", "no-grace"), std::string("none"));
    QCOMPARE(placeOf(plan, "portal", "fixed-host-port"), std::string("21:5"));
    QVERIFY(!plan.hasErrors());
  }
};

QTEST_GUILESS_MAIN(PlanFilesTest)
#include "tst_plan_files.moc"
