// What a service's own specification says of how it is asked whether it is well.
#include "core/spec/own_checks.h"
#include "tests/support/text.h"

using namespace ratdeck;

namespace {

ServiceSpec checkedBy(std::vector<std::string> test) {
  ServiceSpec service;
  service.healthCheck = HealthCheck{};
  service.healthCheck->test = std::move(test);
  service.healthCheck->timeout = 3s;
  return service;
}

ProbeSpec httpProbe(const std::string& path, const std::string& name = {}) {
  ProbeSpec probe;
  probe.kind = ProbeKind::Http;
  probe.path = path;
  probe.name = name;
  return probe;
}

std::vector<std::string> namesOf(const std::vector<ProbeSpec>& probes) {
  std::vector<std::string> names;
  for (const auto& probe : probes)
    names.push_back(probe.name);
  return names;
}

} // namespace

class OwnChecksTest : public QObject {
  Q_OBJECT

private Q_SLOTS:
  void aHealthcheckIsACommandInTheCopy() {
    auto direct = ownChecks(checkedBy({"CMD", "/app", "check"}));
    QCOMPARE(direct.size(), size_t(1));
    QCOMPARE(direct[0].name, std::string("healthcheck"));
    QCOMPARE(direct[0].command, (std::vector<std::string>{"/app", "check"}));
    QCOMPARE(direct[0].timeout, Duration(3s));
    auto shell = ownChecks(checkedBy({"CMD-SHELL", "a || b"}));
    QCOMPARE(shell[0].command, (std::vector<std::string>{"/bin/sh", "-c", "a || b"}));
  }

  void aDisabledOneIsNone() {
    QVERIFY(ownChecks(checkedBy({"NONE"})).empty());
    QVERIFY(ownChecks(checkedBy({})).empty());
    auto disabled = checkedBy({"CMD", "true"});
    disabled.healthCheck->isDisabled = true;
    QVERIFY(ownChecks(disabled).empty());
  }

  void furtherGatesFollowAndEachHasANameOfItsOwn() {
    auto service = checkedBy({"CMD", "true"});
    service.policy.ready = {httpProbe("/ready"), httpProbe("/ready"), httpProbe("/x", "healthcheck")};
    QCOMPARE(namesOf(ownChecks(service)),
             (std::vector<std::string>{"healthcheck", "GET /ready", "GET /ready (2)", "healthcheck (2)"}));
  }
};

QTEST_GUILESS_MAIN(OwnChecksTest)
#include "tst_own_checks.moc"
