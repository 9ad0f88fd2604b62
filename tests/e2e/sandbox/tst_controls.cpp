// Controls that must fail: the swaps that people do by hand, in the wrong order, lose requests, and the load
// sees it. If one of these passed without a loss, "0 failed" elsewhere would prove nothing.
#include <QtTest>

#include "core/runtime/process/sandbox_target.h"
#include "core/spec/compose/loader.h"
#include "tests/e2e/sandbox/sandbox_rig.h"

#include <QEventLoop>
#include <QProcessEnvironment>

#include <curl/curl.h>

#include <optional>

using namespace ratdeck;

namespace {

template <class T>
Result<T> await(const std::function<void(Callback<T>)>& call) {
  QEventLoop loop;
  std::optional<Result<T>> answer;
  call([&](Result<T> result) {
    answer = std::move(result);
    loop.quit();
  });
  if (!answer)
    loop.exec();
  return std::move(*answer);
}

} // namespace

class TestControls : public QObject {
  Q_OBJECT

  std::unique_ptr<SandboxRig> m_rig;
  std::unique_ptr<SandboxTarget> m_target;
  StackSpec m_stack;
  int m_number = 2;

  InstanceId idOf(int number) const { return InstanceId("rat-portal-" + std::to_string(number)); }

  // The steps of a swap of the portal, in whatever order a test wants them.
  std::string startNew() {
    StartRequest request;
    request.id = idOf(m_number);
    request.number = m_number;
    request.service = *m_stack.find("portal");
    auto info = await<InstanceInfo>(
        [&](Callback<InstanceInfo> done) { m_target->target().runtime->start(request, done); });
    return info ? info->address : std::string();
  }
  bool isHealthy(const std::string& address) {
    ProbeSpec probe;
    probe.kind = ProbeKind::Http;
    probe.port = 3000;
    return QTest::qWaitFor(
        [&] {
          auto result = await<ProbeResult>([&](Callback<ProbeResult> done) {
            m_target->target().prober->probe(probe, idOf(m_number), address, done);
          });
          return result && result->passed;
        },
        20000);
  }
  bool join(const std::string& address) {
    return await<Done>([&](Callback<Done> done) {
             m_target->target().router->join("portal", idOf(m_number), address, done);
           })
        .has_value();
  }
  bool leaveOld() {
    return await<Done>([&](Callback<Done> done) {
             m_target->target().router->leave("portal", idOf(m_number - 1), done);
           })
        .has_value();
  }
  bool stopOld() {
    return await<StopReport>([&](Callback<StopReport> done) {
             m_target->target().runtime->stop({idOf(m_number - 1), "SIGTERM", 10s}, done);
           })
        .has_value();
  }

private Q_SLOTS:
  void initTestCase() {
    m_rig = std::make_unique<SandboxRig>();
    auto up = m_rig->up();
    QVERIFY2(up.exitCode == 0, up.toString().c_str());
    compose::LoadRequest request;
    request.files = {SHIPPED_STACK "/docker-compose.yml", SHIPPED_STACK "/docker-compose.pro.yml"};
    request.environment["RAT_VERSION"] = "1.0.0";
    auto loaded = compose::load(request);
    QVERIFY(loaded);
    m_stack = loaded->stack;
    auto target = openSandbox(m_rig->folder().toStdString() + "/ratdeck/sandbox/default", m_stack);
    QVERIFY(target);
    m_target = std::move(*target);
  }
  void cleanupTestCase() {
    m_target.reset();
    m_rig.reset();
  }
  void init() { QCOMPARE(m_rig->startLoad(200).exitCode, 0); }
  void cleanup() { ++m_number; }

  void theRightOrderByHandLosesNothing() {
    auto address = startNew();
    QVERIFY(isHealthy(address));
    QVERIFY(join(address));
    QVERIFY(await<Done>([&](Callback<Done> done) {
              m_target->target().router->drain("portal", idOf(m_number - 1), done);
            }).has_value());
    QVERIFY(QTest::qWaitFor(
        [&] {
          auto samples = await<std::vector<RouterSample>>(
              [&](Callback<std::vector<RouterSample>> done) { m_target->target().router->sample(done); });
          if (!samples)
            return false;
          for (const auto& sample : *samples)
            if (sample.instance == idOf(m_number - 1))
              return sample.inFlight == 0;
          return false;
        },
        20000));
    QVERIFY(leaveOld());
    QVERIFY(stopOld());
    auto load = m_rig->stopLoad();
    QVERIFY2(integerAt(load, "failed", -1) == 0, dumpJson(load).c_str());
  }

  void stopThenStartLosesRequests() {
    QVERIFY(stopOld());
    auto address = startNew();
    QVERIFY(isHealthy(address));
    QVERIFY(join(address));
    QVERIFY(leaveOld());
    QVERIFY(integerAt(m_rig->stopLoad(), "failed", -1) > 0);
  }

  void killBeforeSwitchLosesRequests() {
    auto address = startNew();
    QVERIFY(isHealthy(address));
    QVERIFY(stopOld());
    QVERIFY(join(address));
    QVERIFY(leaveOld());
    QVERIFY(integerAt(m_rig->stopLoad(), "failed", -1) > 0);
  }

  void switchBeforeGateLosesRequests() {
    auto address = startNew();
    QVERIFY(join(address)); // it has not opened its port yet
    QVERIFY(leaveOld());
    QVERIFY(isHealthy(address));
    QVERIFY(stopOld());
    QVERIFY(integerAt(m_rig->stopLoad(), "failed", -1) > 0);
  }

  void abruptExitAtSigtermWithoutADrainLosesRequests() {
    QCOMPARE(m_rig
                 ->run({QStringLiteral("sandbox"), QStringLiteral("fault"), QStringLiteral("portal"),
                        QStringLiteral("abrupt-exit"), QStringLiteral("--now")})
                 .exitCode,
             0);
    auto address = startNew();
    QVERIFY(isHealthy(address));
    QVERIFY(join(address));
    QVERIFY(m_rig->waitForRequests(300));
    QVERIFY(stopOld()); // still in the router, with requests and streams in flight
    QVERIFY(leaveOld());
    QVERIFY(integerAt(m_rig->stopLoad(), "failed", -1) > 0);
  }
};

int main(int argc, char** argv) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  QCoreApplication application(argc, argv);
  TestControls test;
  int code = QTest::qExec(&test, argc, argv);
  curl_global_cleanup();
  return code;
}
#include "tst_controls.moc"
